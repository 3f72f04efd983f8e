//! Mask rules that the shown mask breaks, as marks for canvas and list.

use lithoscope_engine::geometry::{Point, Polygon};
use lithoscope_engine::opc::OpcRun;
use lithoscope_engine::verify::{AssistRules, MaskRule, Violation, assist_violations, violations};

/// Most marks that are kept of one mask.
const MOST: usize = 500;

/// A place where a mask rule is broken.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleMarker {
    /// What the rule is called.
    pub rule: &'static str,
    /// Where, clip nm.
    pub at: [f64; 2],
    /// The edges that are too near each other, clip nm.
    pub edges: [[[f64; 2]; 2]; 2],
    /// Distance there is, nm.
    pub measured_nm: f64,
    /// Distance the rule asks for, nm.
    pub needed_nm: f64,
}

/// The rules an iteration breaks: the first 500 in a fixed order.
pub fn broken(run: &OpcRun, iteration: usize) -> Vec<RuleMarker> {
    let (Some(main), Some(assists)) = (run.main_mask(iteration), run.assists(iteration)) else {
        return Vec::new();
    };
    let assists: Vec<Polygon> = assists.into_iter().map(Polygon::rect).collect();
    let rules = &run.recipe().rules;
    let [width, space, narrow, between, to_main] = [
        rules.min_width_nm,
        rules.min_space_nm,
        rules.min_sraf_width_nm,
        rules.min_sraf_space_nm,
        rules.min_sraf_to_main_nm,
    ];
    let whole = |nm: f64| nm.ceil() as i32;
    let of_assists = AssistRules {
        min_width_nm: whole(narrow),
        min_space_nm: whole(between),
        min_to_main_nm: whole(to_main),
    };
    let mut found = violations(&main, whole(width), whole(space));
    found.extend(assist_violations(&main, &assists, &of_assists));
    found.truncate(MOST);
    let mark = |violation: &Violation| {
        let (rule, needed_nm) = match violation.rule {
            MaskRule::Width => ("Width", width),
            MaskRule::Space => ("Space", space),
            MaskRule::AssistWidth => ("SRAF width", narrow),
            MaskRule::AssistSpace => ("SRAF space", between),
            MaskRule::AssistToMain => ("SRAF to main", to_main),
        };
        let edges = violation.edges.map(|ends| ends.map(place));
        let measured_nm = violation.distance_nm as f64;
        RuleMarker { rule, at: between_edges(&edges), edges, measured_nm, needed_nm }
    };
    found.iter().map(mark).collect()
}

fn place(p: Point) -> [f64; 2] {
    [f64::from(p.x), f64::from(p.y)]
}

/// The middle of what two parallel edges have in common, between them.
fn between_edges(edges: &[[[f64; 2]; 2]; 2]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let span = |e: &[[f64; 2]; 2]| (e[0][axis].min(e[1][axis]), e[0][axis].max(e[1][axis]));
        let ((a0, a1), (b0, b1)) = (span(&edges[0]), span(&edges[1]));
        f64::midpoint(a0.max(b0), a1.min(b1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_in_the_middle_of_what_faces() {
        let left = [[10.0, 0.0], [10.0, 100.0]];
        let right = [[30.0, 140.0], [30.0, 60.0]];
        assert_eq!(between_edges(&[left, right]), [20.0, 80.0]);
    }
}
