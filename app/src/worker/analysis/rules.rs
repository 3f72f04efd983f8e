//! Mask rules that the shown mask breaks, as marks for canvas and list.

use lithoscope_engine::geometry::{Point, Polygon};
use lithoscope_engine::opc::OpcRun;
use lithoscope_engine::verify::{MaskRule, RuleFinding, check};

/// Most marks that are kept of one mask.
const MOST: usize = 500;

/// A place where a mask rule is broken.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleMarker {
    /// What the rule is called.
    pub rule: &'static str,
    /// Where, clip nm.
    pub at: [f64; 2],
    /// The edges that are too near each other, or the two sides of a place that is no pair of
    /// edges, clip nm.
    pub edges: [[[f64; 2]; 2]; 2],
    /// What there is, in `unit`.
    pub measured: f64,
    /// What the rule asks for, in `unit`.
    pub needed: f64,
    /// `nm`, or `nm²` of areas.
    pub unit: &'static str,
}

impl RuleMarker {
    /// What there is, with its unit.
    pub fn measured_text(&self) -> String {
        self.quantity(self.measured)
    }

    /// What the rule asks for, with its unit.
    pub fn needed_text(&self) -> String {
        self.quantity(self.needed)
    }

    /// Distances between corners need not be whole.
    fn quantity(&self, value: f64) -> String {
        let digits = usize::from(value.fract() != 0.0);
        format!("{value:.digits$} {}", self.unit)
    }
}

/// The rules an iteration breaks: the first 500 in a fixed order.
pub fn broken(run: &OpcRun, iteration: usize) -> Vec<RuleMarker> {
    let (Some(main), Some(assists)) = (run.main_mask(iteration), run.assists(iteration)) else {
        return Vec::new();
    };
    let assists: Vec<Polygon> = assists.into_iter().map(Polygon::rect).collect();
    let found = check(&main, &assists, &run.recipe().rules.values());
    found.iter().take(MOST).map(mark).collect()
}

fn mark(finding: &RuleFinding) -> RuleMarker {
    let [min, max] = [finding.place.min, finding.place.max].map(place);
    let sides = [[min, [max[0], min[1]]], [[min[0], max[1]], max]];
    let edges = finding.edges.map_or(sides, |edges| edges.map(|ends| ends.map(place)));
    RuleMarker {
        rule: finding.rule.name(),
        at: [0, 1].map(|axis| f64::midpoint(min[axis], max[axis])),
        edges,
        measured: finding.measured,
        needed: finding.needed,
        unit: if finding.rule == MaskRule::Area { "nm²" } else { "nm" },
    }
}

fn place(p: Point) -> [f64; 2] {
    [f64::from(p.x), f64::from(p.y)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::geometry::Rect;
    use lithoscope_engine::verify::RuleValues;

    #[test]
    fn marks_stand_between_what_faces_and_on_what_is_too_small() {
        let main = [Rect::new(0, 0, 100, 30), Rect::new(0, 50, 100, 150)].map(Polygon::rect);
        let rules = RuleValues { min_space_nm: 40, min_area_nm2: 5_000, ..RuleValues::default() };
        let marks: Vec<RuleMarker> = check(&main, &[], &rules).iter().map(mark).collect();
        assert_eq!(marks.len(), 2, "{marks:?}");
        let facts = |m: &RuleMarker| (m.rule, m.at, m.measured, m.needed, m.unit);
        assert_eq!(facts(&marks[0]), ("space", [50.0, 40.0], 20.0, 40.0, "nm"));
        assert_eq!(facts(&marks[1]), ("area", [50.0, 15.0], 3_000.0, 5_000.0, "nm²"));
        assert_eq!(marks[1].edges, [[[0.0, 0.0], [100.0, 0.0]], [[0.0, 30.0], [100.0, 30.0]]]);
    }
}
