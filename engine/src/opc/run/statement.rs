//! What a run could not meet, in words and as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::OpcRun;
use crate::geometry::{Point, Polygon, Rect, edges};
use crate::imaging::Process;
use crate::opc::{AssistMethod, Corner};
use crate::verify::{MaskRule, PixelTarget, PrintFault, RuleFinding, check};

/// Failures of one kind that the words list; the data hold all.
const LISTED: usize = 8;

/// What is wrong with the mask of one iteration; nothing where it is clean.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statement {
    /// The iteration.
    pub iteration: usize,
    /// Shapes that do not print as they should.
    pub shapes: Vec<FailedShape>,
    /// Mask rules that are not kept.
    pub rules: Vec<BrokenRule>,
    /// Gauges whose contour is beyond the tolerance.
    pub epe: EpeLeft,
    /// Target polygons that end at the clip's border: what lies beyond is not known, so their
    /// edges there are corrected as if nothing did.
    pub at_border: Vec<usize>,
    /// The recipe asks for SRAFs, and none has a place where it pays.
    pub no_place_for_srafs: bool,
    /// Finest half pitch that the lens lets through, nm.
    pub resolution_nm: f64,
}

/// Target shapes that fail together at a corner, or something that prints besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedShape {
    /// The corner in words.
    pub corner: String,
    /// How they fail.
    pub fault: PrintFault,
    /// Polygons of the target; none for what prints besides.
    pub polygons: Vec<usize>,
    /// A place in each, (x, y) in clip nm.
    pub places_nm: Vec<[f64; 2]>,
    /// Narrowest width drawn at the places, along x or y, nm.
    pub drawn_nm: Option<u32>,
}

/// A mask rule that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BrokenRule {
    /// The rule, where, and by how much.
    #[serde(flatten)]
    pub finding: RuleFinding,
    /// The target itself breaks it there.
    pub drawn: bool,
}

/// EPE violations that are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpeLeft {
    /// All of them.
    pub violations: usize,
    /// Those on shapes or gaps narrower than the lens resolves, which no mask is sure to meet.
    pub below_resolution: usize,
}

impl Statement {
    /// Whether every shape prints as one, nothing else does, and every mask rule is kept.
    pub fn is_clean(&self) -> bool {
        self.shapes.is_empty() && self.rules.is_empty()
    }
}

impl OpcRun {
    /// What the mask of an iteration does not meet; `None` if there is no such iteration.
    pub fn statement(&mut self, iteration: usize) -> Option<Statement> {
        let mask = self.mask(iteration)?;
        self.score(&mask);
        let resolution_nm = resolution(self.evaluator.process());
        let readings = self.gauge_readings(iteration)?;
        let violating = readings.iter().zip(&self.gauges);
        let violating: Vec<_> =
            violating.filter(|(r, _)| r.inner_violation || r.outer_violation).collect();
        let narrow = |g: &crate::verify::Gauge| {
            let [inside, outside] = [-1.0, 1.0].map(|side| {
                let at = [g.x_nm + side * g.normal[0] / 2.0, g.y_nm + side * g.normal[1] / 2.0];
                run_through(&self.pixels, at, usize::from(g.normal[0] == 0.0))
            });
            f64::from(inside.min(outside)) < resolution_nm
        };
        let epe = EpeLeft {
            violations: violating.len(),
            below_resolution: violating.iter().filter(|(_, g)| narrow(g)).count(),
        };
        let asks = self.recipe.assists.method != AssistMethod::None && self.is_finished();
        Some(Statement {
            iteration,
            shapes: self.failed_shapes(),
            rules: self.broken_rules(iteration),
            epe,
            at_border: self.at_border(),
            no_place_for_srafs: asks && self.epochs.iter().all(|e| e.target.assist_count() == 0),
            resolution_nm,
        })
    }

    /// The failures of the mask scored last.
    fn failed_shapes(&self) -> Vec<FailedShape> {
        let corners = self.recipe.corners.all();
        let faults = self.scorer.faults().into_iter();
        let failed = faults.map(|fault| {
            let polygon = |at: &[f64; 2]| self.clip.polygons.iter().position(|p| holds(p, *at));
            let mut polygons: Vec<usize> = fault.places_nm.iter().filter_map(polygon).collect();
            polygons.sort_unstable();
            polygons.dedup();
            let narrowest = |at: &[f64; 2]| {
                run_through(&self.pixels, *at, 0).min(run_through(&self.pixels, *at, 1))
            };
            let drawn = fault.places_nm.iter().map(narrowest).min();
            FailedShape {
                corner: corner_name(&corners, fault.corner),
                fault: fault.fault,
                polygons,
                drawn_nm: drawn.filter(|_| fault.fault != PrintFault::Extra),
                places_nm: fault.places_nm,
            }
        });
        failed.collect()
    }

    /// The rules that the mask of an iteration breaks.
    fn broken_rules(&self, iteration: usize) -> Vec<BrokenRule> {
        let rules = self.recipe.rules.values();
        let main = self.main_mask(iteration).unwrap_or_default();
        let assists = self.assists(iteration).unwrap_or_default();
        let assists: Vec<Polygon> = assists.into_iter().map(Polygon::rect).collect();
        let drawn = check(&self.clip.polygons, &[], &rules);
        let reach = 2.0 * self.recipe.optimiser.max_offset_nm;
        let is_drawn = |found: &RuleFinding| {
            let near = |a: [i32; 2], b: [i32; 2]| {
                f64::from(a[0]) - f64::from(b[1]) <= reach
                    && f64::from(b[0]) - f64::from(a[1]) <= reach
            };
            drawn.iter().filter(|d| d.rule == found.rule).any(|d| {
                let [a, b] = [found.place, d.place];
                near([a.min.x, a.max.x], [b.min.x, b.max.x])
                    && near([a.min.y, a.max.y], [b.min.y, b.max.y])
            })
        };
        let found = check(&main, &assists, &rules).into_iter();
        found.map(|finding| BrokenRule { finding, drawn: is_drawn(&finding) }).collect()
    }

    /// Polygons that touch the border of the clip's window.
    fn at_border(&self) -> Vec<usize> {
        let window = self.clip.window;
        let inside = |p: &Polygon| {
            p.bounding_box().is_none_or(|b| {
                b.min.x > window.min.x
                    && b.min.y > window.min.y
                    && b.max.x < window.max.x
                    && b.max.y < window.max.y
            })
        };
        let polygons = self.clip.polygons.iter().enumerate();
        polygons.filter(|(_, p)| !inside(p)).map(|(i, _)| i).collect()
    }
}

/// Finest half pitch of which the lens lets two orders through, nm: amplitudes hold frequencies up
/// to K/P, so intensities hold up to 2K/P, a pitch of P/2K.
fn resolution(process: &Process) -> f64 {
    process.focus.period_nm / (4.0 * process.focus.half.max(1) as f64)
}

/// A corner in words: 0 is nominal, then those of the list.
fn corner_name(corners: &[Corner], corner: usize) -> String {
    match corner.checked_sub(1).and_then(|index| corners.get(index)) {
        Some(Corner { dose, focus_nm, .. }) if *focus_nm == 0.0 => format!("dose {dose}"),
        Some(Corner { dose, focus_nm, .. }) => format!("dose {dose}, {focus_nm} nm of defocus"),
        None => "the nominal corner".to_owned(),
    }
}

fn middle(place: Rect) -> [f64; 2] {
    let mean = |a: i32, b: i32| f64::midpoint(f64::from(a), f64::from(b));
    [mean(place.min.x, place.max.x), mean(place.min.y, place.max.y)]
}

/// Whether a polygon holds a place that is on none of its edges (even-odd).
fn holds(polygon: &Polygon, [x, y]: [f64; 2]) -> bool {
    let crosses = |(a, b): &(Point, Point)| {
        let (ay, by) = (f64::from(a.y), f64::from(b.y));
        (ay > y) != (by > y)
            && x < f64::from(a.x) + (y - ay) / (by - ay) * (f64::from(b.x) - f64::from(a.x))
    };
    polygon.rings().flat_map(edges).filter(crosses).count() % 2 == 1
}

/// Length, nm, of the run of pixels like the one at a place (all target or all not), along x
/// (axis 0) or y (axis 1), searched 200 nm either way.
fn run_through(pixels: &PixelTarget, at: [f64; 2], axis: usize) -> u32 {
    let corner = pixels.window().min;
    let start =
        [at[0].floor() as i64 - i64::from(corner.x), at[1].floor() as i64 - i64::from(corner.y)];
    let value = |d: i64| {
        let mut place = start;
        place[axis] += d;
        pixels.at(place[0], place[1])
    };
    let own = value(0);
    let run = |sign: i64| (1..=200).take_while(|d| value(sign * d) == own).count() as u32;
    1 + run(1) + run(-1)
}

impl fmt::Display for Statement {
    /// A line for each thing that could not be met; one that says so where there is nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            writeln!(f, "every shape prints at every corner, every mask rule is kept")?;
        }
        list(f, &self.shapes, "shapes that fail")?;
        list(f, &self.rules, "broken mask rules")?;
        let EpeLeft { violations, below_resolution } = self.epe;
        if below_resolution > 0 {
            writeln!(
                f,
                "{below_resolution} of {violations} EPE violations are at places narrower than the {:.0} nm the lens resolves",
                self.resolution_nm
            )?;
        }
        if !self.at_border.is_empty() {
            writeln!(
                f,
                "{} at the clip's border: what lies beyond is not known; cut a larger window to correct their ends",
                named(&self.at_border)
            )?;
        }
        if self.no_place_for_srafs {
            writeln!(f, "no SRAF was placed: nowhere is one allowed that pays")?;
        }
        Ok(())
    }
}

/// One line each, as many as are listed, and how many more there are.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, all: &[T], what: &str) -> fmt::Result {
    for item in all.iter().take(LISTED) {
        writeln!(f, "{item}")?;
    }
    match all.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(f, "and {more} more {what}"),
    }
}

impl fmt::Display for FailedShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match (self.fault, self.polygons.len()) {
            (PrintFault::Extra, _) => "something prints that is not drawn".to_owned(),
            (PrintFault::Bridged, _) => format!("{} print as one shape", named(&self.polygons)),
            (PrintFault::Missing, _) => format!("{} does not print", named(&self.polygons)),
            (PrintFault::Broken, _) => format!("{} prints in pieces", named(&self.polygons)),
        };
        write!(f, "at {}: {verb}", self.corner)?;
        if let Some([x, y]) = self.places_nm.first() {
            write!(f, ", near ({x:.0}, {y:.0}) nm")?;
        }
        match self.drawn_nm {
            Some(drawn) if self.fault != PrintFault::Bridged => write!(f, ", {drawn} nm wide"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RuleFinding { rule, measured, needed, place, .. } = self.finding;
        let [x, y] = middle(place);
        let unit = if rule == MaskRule::Area { "nm²" } else { "nm" };
        let name = rule.name();
        write!(
            f,
            "mask rule {name}: {measured:.1} {unit} at ({x:.0}, {y:.0}) nm, needs {needed:.1} {unit}"
        )?;
        if self.drawn { write!(f, "; so it is drawn") } else { Ok(()) }
    }
}

/// Polygons in words.
fn named(polygons: &[usize]) -> String {
    let list: Vec<String> = polygons.iter().take(LISTED).map(ToString::to_string).collect();
    let more = if polygons.len() > LISTED { " …" } else { "" };
    match polygons {
        [] => "a shape of the target".to_owned(),
        [one] => format!("polygon {one}"),
        _ => format!("polygons {}{more}", list.join(", ")),
    }
}
