//! Writing layouts: the format by the file's suffix, and what it cannot hold.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::save::{Fault, save_with};
use super::{CellId, Faults, Layout, LayoutError, gds, glp, oasis};
use crate::geometry::Rect;

/// How a layout is written.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// What becomes of shapes and names that the format cannot hold in any way: the file is
    /// refused, or they are left out and listed.
    pub faults: Faults,
    /// The cell that GLP, which holds one, is given with all below it; the first top cell with a
    /// shape unless set. The other formats hold every cell.
    pub cell: Option<CellId>,
    /// The part of that cell, nm; all of it unless set.
    pub window_nm: Option<Rect>,
}

/// What a written file does not hold as the layout does, and what not every program may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What is lost or changed; empty where reading the file gives the layout again.
    pub lost: Vec<Note>,
    /// What is held, though the format's standard does not promise it.
    pub beyond: Vec<Note>,
}

/// Something that was met while writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What, and what became of it.
    pub what: String,
    /// How often.
    pub count: u64,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.count)
    }
}

type Counts = BTreeMap<Cow<'static, str>, u64>;

/// What writers meet, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    lost: Counts,
    beyond: Counts,
    faults: Faults,
}

impl Tally {
    pub fn new(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Counts something that changes or goes.
    pub fn lose(&mut self, what: impl Into<Cow<'static, str>>, count: u64) {
        add(&mut self.lost, what.into(), count);
    }

    /// Counts something that stays, beyond the standard.
    pub fn stretch(&mut self, what: &'static str, count: u64) {
        add(&mut self.beyond, what.into(), count);
    }

    /// Counts something that may only go where that was asked for.
    pub fn refuse(&mut self, what: impl Into<Cow<'static, str>>) -> Result<(), Fault> {
        let what = what.into();
        if self.faults == Faults::Refuse {
            return Err(Fault::Unwritable(what.into_owned()));
        }
        self.lose(what, 1);
        Ok(())
    }

    pub fn join(&mut self, other: Self) {
        other.lost.into_iter().for_each(|(what, count)| add(&mut self.lost, what, count));
        other.beyond.into_iter().for_each(|(what, count)| add(&mut self.beyond, what, count));
    }

    fn written(self) -> Written {
        Written { lost: notes(self.lost), beyond: notes(self.beyond) }
    }
}

fn add(counts: &mut Counts, what: Cow<'static, str>, count: u64) {
    if count > 0 {
        let sum = counts.entry(what).or_default();
        *sum = sum.saturating_add(count);
    }
}

fn notes(counts: Counts) -> Vec<Note> {
    counts.into_iter().map(|(what, count)| Note { what: what.into(), count }).collect()
}

/// The cell that KLayout keeps its own notes in. Readers empty it; no other program wants it then.
const CONTEXT_CELL: &str = "$$$CONTEXT_INFO$$$";

/// Whether a cell is that one, empty and nowhere placed: nothing to write.
pub(super) fn is_leftover(layout: &Layout, id: CellId) -> bool {
    layout.cell(id).is_some_and(|cell| {
        cell.name == CONTEXT_CELL
            && cell.layers().next().is_none()
            && cell.texts.is_empty()
            && cell.instances.is_empty()
            && layout.top_cells().contains(&id)
    })
}

/// A format to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Gds,
    Oasis,
    Glp,
}

/// The format that a path's suffix names, and whether the file is to be compressed.
fn format_of(path: &Path) -> Option<(Format, bool)> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let (name, gz) = name.strip_suffix(".gz").map_or((name.as_str(), false), |stem| (stem, true));
    let format = match name.rsplit_once('.')?.1 {
        "gds" | "gds2" | "gdsii" => Format::Gds,
        "oas" | "oasis" => Format::Oasis,
        "glp" => Format::Glp,
        _ => return None,
    };
    Some((format, gz))
}

/// Writes a layout: GDSII (`.gds`, `.gds2`, `.gdsii`), OASIS (`.oas`, `.oasis`) or the contest's
/// GLP (`.glp`), with `.gz` behind any of them compressed. The file appears whole or not at all,
/// and equal layouts give equal bytes. Gives what the format cannot hold.
///
/// # Errors
/// The path cannot be written or its suffix names no format; something that the format cannot hold
/// in any way, unless [`WriteOptions::faults`] says to leave it out.
pub fn write(path: &Path, layout: &Layout, options: &WriteOptions) -> Result<Written, LayoutError> {
    let Some((format, gz)) = format_of(path) else {
        let problem = "its suffix names no format; end it in .gds, .oas or .glp (and .gz)".into();
        return Err(LayoutError::Unwritable { path: path.to_path_buf(), problem });
    };
    let mut tally = Tally::new(options.faults);
    save_with(path, |out| {
        if !gz {
            return write_as(format, out, layout, options, &mut tally);
        }
        let mut packed = GzEncoder::new(out, Compression::default());
        write_as(format, &mut packed, layout, options, &mut tally)?;
        packed.finish()?;
        Ok(())
    })?;
    Ok(tally.written())
}

fn write_as(
    format: Format,
    out: &mut dyn Write,
    layout: &Layout,
    options: &WriteOptions,
    tally: &mut Tally,
) -> Result<(), Fault> {
    match format {
        Format::Gds => gds::write(out, layout, tally),
        Format::Oasis => oasis::write(out, layout, tally),
        Format::Glp => glp::write(out, layout, options, tally),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_names_the_format_in_any_case_and_gz_compresses_it() {
        let of = |name: &str| format_of(Path::new(name));
        assert_eq!(of("a/b.GDS"), Some((Format::Gds, false)));
        assert_eq!(of("b.gds2.gz"), Some((Format::Gds, true)));
        assert_eq!(of("b.v2.oasis"), Some((Format::Oasis, false)));
        assert_eq!(of("b.glp.GZ"), Some((Format::Glp, true)));
        for none in ["gds", "a.gz", "a.png", "", "a.gds/b", "/"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn losses_are_counted_and_refused_unless_asked_for() {
        let mut strict = Tally::new(Faults::Refuse);
        assert!(matches!(strict.refuse("a layer"), Err(Fault::Unwritable(_))));
        let mut lenient = Tally::new(Faults::Skip);
        assert!(lenient.refuse("a layer").is_ok());
        strict.lose("texts", 2);
        strict.lose("nothing", 0);
        lenient.lose("texts", 1);
        lenient.join(strict);
        let lost: Vec<_> = lenient.written().lost.iter().map(ToString::to_string).collect();
        assert_eq!(lost, ["a layer: 1", "texts: 3"]);
    }
}
