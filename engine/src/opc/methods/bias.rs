//! Correction by rule: each fragment's bias from what it is and what lies about it.

use crate::mask::{Axis, Fragment, FragmentKind};
use crate::opc::recipe::Bias;
use crate::verify::PixelTarget;

/// The bias of each fragment, nm outward; sides of SRAFs have none.
///
/// An edge's class follows from the space outward of its middle (dense, middle or isolated) and the
/// width inward (narrow or not); line ends have a bias of their own, and fragments next to a
/// corner add what makes a serif, a hammer head or a notch.
pub(in crate::opc) fn biases(
    fragments: &[Fragment],
    target: &PixelTarget,
    rule: &Bias,
) -> Vec<f32> {
    fragments.iter().map(|f| bias(f, target, rule) as f32).collect()
}

fn bias(fragment: &Fragment, target: &PixelTarget, rule: &Bias) -> f64 {
    let by_space = || {
        let space = reach(fragment, target, 1, rule.isolated_above_nm);
        let outward = if space < rule.dense_below_nm {
            rule.dense_nm
        } else if space < rule.isolated_above_nm {
            rule.middle_nm
        } else {
            rule.isolated_nm
        };
        let narrow = reach(fragment, target, -1, rule.narrow_below_nm) < rule.narrow_below_nm;
        outward + if narrow { rule.narrow_extra_nm } else { 0.0 }
    };
    match fragment.kind {
        FragmentKind::Assist => 0.0,
        FragmentKind::LineEnd => rule.line_end_nm,
        FragmentKind::ConvexCorner => by_space() + rule.convex_nm,
        FragmentKind::ConcaveCorner => by_space() + rule.concave_nm,
        FragmentKind::Run => by_space(),
    }
}

/// How far the pixels beside a fragment's middle stay what they are there, nm: the space outward
/// (`side` = 1) or the width inward (−1), looked for as far as `most`.
fn reach(fragment: &Fragment, target: &PixelTarget, side: i64, most: f64) -> f64 {
    let corner = target.window().min;
    let (at0, along0) = match fragment.axis {
        Axis::Vertical => (corner.x, corner.y),
        Axis::Horizontal => (corner.y, corner.x),
    };
    let along = (i64::from(fragment.from) + i64::from(fragment.to)).div_euclid(2);
    let along = along - i64::from(along0);
    let step = side * i64::from(fragment.outward);
    // The first pixel on that side of the edge.
    let first = i64::from(fragment.base) - i64::from(at0) + if step > 0 { 0 } else { -1 };
    let filled = |d: i64| {
        let at = first + step * d;
        match fragment.axis {
            Axis::Vertical => target.at(at, along),
            Axis::Horizontal => target.at(along, at),
        }
    };
    let most = most.ceil() as i64;
    (0..most).take_while(|&d| filled(d) == (side < 0)).count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Polygon, Rect};
    use crate::mask::{FragmentRules, FragmentedTarget};
    use crate::verify::TargetRule;

    const RULE: Bias = Bias {
        dense_nm: 1.0,
        middle_nm: 2.0,
        isolated_nm: 3.0,
        dense_below_nm: 90.0,
        isolated_above_nm: 180.0,
        narrow_below_nm: 90.0,
        narrow_extra_nm: 0.5,
        line_end_nm: 20.0,
        convex_nm: 10.0,
        concave_nm: -10.0,
    };

    #[test]
    fn known_spaces_and_widths_have_the_biases_of_the_table() {
        // A narrow line, 80 nm to its right a wide one, isolated elsewhere.
        let shapes =
            [Rect::new(300, 300, 380, 900), Rect::new(460, 300, 660, 900)].map(Polygon::rect);
        let window = Rect::new(0, 0, 1000, 1200);
        let target = PixelTarget::new(&shapes, window, TargetRule::HalfOpen).unwrap();
        let rules = FragmentRules {
            corner_nm: 40.0,
            run_nm: 60.0,
            whole_below_nm: 100.0,
            projection_nm: 0.0,
            least_nm: 0.0,
        };
        let cut = FragmentedTarget::new(&shapes, &rules).unwrap();
        let found = biases(cut.fragments(), &target, &RULE);
        for (f, bias) in cut.fragments().iter().zip(&found) {
            let wanted = match (f.kind, f.axis, f.base) {
                (FragmentKind::LineEnd, ..) => 20.0,
                (FragmentKind::Run, Axis::Vertical, 300) => 3.5,
                (FragmentKind::Run, Axis::Vertical, 380) => 1.5,
                (FragmentKind::Run, Axis::Vertical, 460) => 1.0,
                (FragmentKind::ConvexCorner, Axis::Vertical, 660) => 13.0,
                _ => continue,
            };
            assert_eq!(*bias, wanted, "{f:?}");
        }
        assert!(found.contains(&20.0) && found.contains(&1.5) && found.contains(&13.0));
    }
}
