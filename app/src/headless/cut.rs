//! The image along a line, through focus.

use std::fmt::Write as _;

use lithoscope_engine::imaging::{CutLine, CutProfile, EdgeQuality, FocusStack, contrast, quality};
use serde::Serialize;

use super::plot::{Curve, Plot};

/// Step that a line is sampled in, nm.
const STEP_NM: f64 = 1.0;

/// The image of one focus plane along a line.
#[derive(Debug, Serialize)]
pub struct PlaneCut {
    /// Defocus, nm.
    pub focus_nm: f64,
    /// (max − min)/(max + min) along the line.
    pub contrast: f64,
    /// Where the image crosses the printing level, with slope, ILS and NILS.
    pub edges: Vec<EdgeQuality>,
    /// Widths of what prints, from each rising edge to the next falling one, nm.
    pub widths_nm: Vec<f64>,
    /// Samples of intensity and slope; in tables and plots only.
    #[serde(skip)]
    pub profile: CutProfile,
}

/// A line, and the image along it at every focus plane.
#[derive(Debug, Serialize)]
pub struct Cut {
    /// The line, nm.
    pub line: CutLine,
    /// Intensity that prints.
    pub level: f64,
    /// Each plane.
    pub planes: Vec<PlaneCut>,
}

impl Cut {
    /// Reads a stack's image along a line; `level` is the intensity that prints at dose 1.
    ///
    /// # Errors
    /// A line that is no line on the stack's field.
    pub fn new(stack: &FocusStack, line: &CutLine, level: f64) -> anyhow::Result<Self> {
        let plane = |index: usize| -> anyhow::Result<PlaneCut> {
            let profile = stack.cut(index, line, STEP_NM)?;
            let edges = quality(&profile, level, None);
            Ok(PlaneCut {
                focus_nm: stack.defocus_nm()[index],
                contrast: contrast(&profile),
                widths_nm: widths(&edges),
                edges,
                profile,
            })
        };
        let planes = (0..stack.defocus_nm().len()).map(plane).collect::<Result<_, _>>()?;
        Ok(Self { line: *line, level, planes })
    }

    /// Widths, contrast and edges of the first plane, for a person.
    pub fn summary(&self, number: usize) -> String {
        let Some(plane) = self.planes.first() else { return String::new() };
        let widths: Vec<String> = plane.widths_nm.iter().map(|w| format!("{w:.1}")).collect();
        let nils: Vec<String> = plane
            .edges
            .iter()
            .map(|e| e.nils.map_or_else(|| "–".to_owned(), |n| format!("{n:.2}")))
            .collect();
        let none =
            |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        format!(
            "cut {number} at {} nm of focus: prints {} nm wide · contrast {:.3} · NILS {}\n",
            plane.focus_nm,
            none(widths),
            plane.contrast,
            none(nils)
        )
    }

    /// Distance, place and intensity of every plane as a table.
    pub fn csv(&self) -> String {
        let mut text = String::from("distance_nm,x_nm,y_nm");
        for plane in &self.planes {
            let _ = write!(text, ",intensity at {} nm", plane.focus_nm);
        }
        text.push('\n');
        let Some(first) = self.planes.first() else { return text };
        for i in 0..first.profile.intensity.len() {
            let distance = i as f64 * first.profile.step_nm;
            let [x, y] = self.line.point(distance);
            let _ = write!(text, "{distance:.3},{x:.3},{y:.3}");
            for plane in &self.planes {
                let _ = write!(text, ",{:.6}", plane.profile.intensity[i]);
            }
            text.push('\n');
        }
        text
    }

    /// Intensity along the line, what prints at the first plane shaded.
    pub fn plot(&self) -> Plot {
        let curve = |plane: &PlaneCut| {
            let values = plane.profile.intensity.iter().enumerate();
            let at = |i: usize| i as f64 * plane.profile.step_nm;
            Curve {
                name: format!("focus {} nm", plane.focus_nm),
                points: values.map(|(i, v)| [at(i), f64::from(*v)]).collect(),
            }
        };
        let ([x0, y0], [x1, y1]) = (self.line.from_nm, self.line.to_nm);
        Plot {
            title: format!("Aerial image from ({x0}, {y0}) to ({x1}, {y1}) nm"),
            x: "distance, nm".into(),
            y: "intensity".into(),
            curves: self.planes.iter().map(curve).collect(),
            shaded: self.planes.first().map(|p| printed(&p.edges)).unwrap_or_default(),
            levels: vec![("prints".into(), self.level)],
            ..Plot::default()
        }
    }
}

/// The intervals that lie between a rising edge and the falling one after it, nm.
fn printed(edges: &[EdgeQuality]) -> Vec<[f64; 2]> {
    let pairs = edges.windows(2).filter(|pair| pair[0].rising && !pair[1].rising);
    pairs.map(|pair| [pair[0].at_nm, pair[1].at_nm]).collect()
}

fn widths(edges: &[EdgeQuality]) -> Vec<f64> {
    printed(edges).iter().map(|[from, to]| to - from).collect()
}
