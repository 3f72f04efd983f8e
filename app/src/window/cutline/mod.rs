//! The cut line: drawn on the canvas, read in its tab.
//!
//! [`CutView`] is all of its state. The engine's thread is asked about the line whenever it
//! changes, while it is being drawn too, and what it found is shown with the line it was found on.

mod legend;
mod marks;
mod plot;
mod readout;
mod section;
mod tab;
mod tool;

pub use marks::paint;
pub use tab::{show, tools};
pub use tool::act;

use std::sync::Arc;

use lithoscope_engine::imaging::CutLine;

use crate::worker::{Analysis, CutFinding, Finding, Section, SectionOutcome};

/// What the tool in hand does.
pub const DRAW: &str = "Drag from A to B · Shift snaps to 45° · Esc leaves";

/// Shortest line that is looked at, nm.
const SHORTEST_NM: f64 = 1.0;

/// The cut line and what is known of it.
#[derive(Default)]
pub struct CutView {
    /// The line, once it is drawn.
    pub line: Option<CutLine>,
    /// Whether the left button draws a new one.
    pub drawing: bool,
    /// The line being drawn or moved, and by what.
    grip: Option<Grip>,
    /// Distance along the line that the pointer was on in the last frame, nm: on the canvas or in a
    /// plot.
    pub pointed_nm: Option<f64>,
    /// The same, of this frame.
    pointing_nm: Option<f64>,
    /// Light along the line.
    pub finding: Option<Arc<CutFinding>>,
    /// The resist there.
    pub section: Option<Arc<SectionOutcome>>,
    /// Whether light was read anew since: the section is of another line, mask or exposure.
    section_stale: bool,
    /// Counts sections, so that textures are made once for each.
    section_serial: u64,
    /// Which moment of the film is shown, by its place in the list.
    film: usize,
    /// The film's picture, and which section and moment it is of.
    texture: Option<((u64, usize), egui::TextureHandle)>,
    /// What the engine's thread was asked last.
    asked: (Option<CutLine>, bool),
}

/// What of the line is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grip {
    part: Part,
    /// The line as it was.
    before: Option<CutLine>,
    /// Where the pointer took hold, nm.
    at: [f64; 2],
}

/// A part of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The beginning.
    From,
    /// The end.
    To,
    /// All of it.
    Whole,
}

impl CutView {
    /// Forgets line and findings: another clip was cut.
    pub fn clear(&mut self) {
        *self = Self { drawing: self.drawing, asked: self.asked, ..Self::default() };
    }

    /// Removes the line; the tool stays as it is.
    pub fn remove(&mut self) {
        self.line = None;
        self.grip = None;
        self.finding = None;
        self.section = None;
    }

    /// Begins a frame: what was pointed at is what the last frame found.
    pub fn begin_frame(&mut self) {
        self.pointed_nm = self.pointing_nm.take();
    }

    /// Whether something else is pointed at than the frame shows, so that another is needed.
    pub fn is_behind(&self) -> bool {
        self.pointed_nm != self.pointing_nm
    }

    /// Notes what the pointer is on, nm along the line.
    fn point(&mut self, nm: f64) {
        self.pointing_nm = Some(nm);
    }

    /// Questions to the engine's thread that are new: the line if it changed, and whether its
    /// cross-section is looked at.
    pub fn questions(&mut self, looked_at: bool) -> Vec<Analysis> {
        let (line, section) = self.asked;
        let mut questions = Vec::new();
        // Of a line just begun there is nothing to see.
        let wanted = self.line.filter(|l| l.length_nm() >= SHORTEST_NM);
        if line != wanted {
            questions.push(Analysis::CutLine(wanted));
        }
        if section != looked_at {
            questions.push(Analysis::Section(looked_at));
        }
        self.asked = (wanted, looked_at);
        questions
    }

    /// Takes what was found, unless the line is gone.
    pub fn take(&mut self, finding: Finding) {
        if self.line.is_none() {
            return;
        }
        match finding {
            Finding::Cut(cut) => {
                self.finding = Some(Arc::from(cut));
                self.section_stale = true;
            }
            Finding::Section(section) => {
                self.section = Some(Arc::from(section));
                self.section_stale = false;
                self.section_serial += 1;
            }
            Finding::Optics(_)
            | Finding::Window(_)
            | Finding::Block(_)
            | Finding::Why(_)
            | Finding::Maps(_)
            | Finding::Difference(_) => {}
        }
    }

    /// The cross-section of what is shown, where there is one.
    pub fn developed(&self) -> Option<&Section> {
        if self.section_stale {
            return None;
        }
        match self.section.as_deref()? {
            SectionOutcome::Done(section) => Some(section),
            _ => None,
        }
    }
}

/// Direction of a line, degrees from the x axis, −180…180.
pub fn direction_deg(line: &CutLine) -> f64 {
    let [dx, dy] = [0, 1].map(|i| line.to_nm[i] - line.from_nm[i]);
    dy.atan2(dx).to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_asked() {
        let line = CutLine { from_nm: [0.0, 0.0], to_nm: [10.0, 0.0] };
        let mut cut = CutView { line: Some(line), ..CutView::default() };
        assert_eq!(cut.questions(false), [Analysis::CutLine(Some(line))]);
        assert_eq!(cut.questions(false), []);
        assert_eq!(cut.questions(true), [Analysis::Section(true)]);
        cut.remove();
        assert_eq!(cut.questions(true), [Analysis::CutLine(None)]);
    }

    #[test]
    fn another_clip_takes_the_line_away_and_says_so() {
        let line = CutLine { from_nm: [0.0, 0.0], to_nm: [10.0, 0.0] };
        let mut cut = CutView { line: Some(line), ..CutView::default() };
        cut.questions(true);
        cut.clear();
        assert_eq!(cut.questions(true), [Analysis::CutLine(None)]);
    }

    #[test]
    fn directions_are_counted_from_the_x_axis() {
        let up = CutLine { from_nm: [1.0, 2.0], to_nm: [1.0, 6.0] };
        assert_eq!(direction_deg(&up), 90.0);
    }
}
