//! Notches, line ends and areas: projected masks against the check of final polygons.

#![allow(clippy::unwrap_used, clippy::panic)]

use lithoscope_engine::geometry::{Point, Polygon, Rect, merge};
use lithoscope_engine::mask::{
    AssistLimits, FragmentRules, FragmentedTarget, HeldBy, RuleKeeper, RuleLimits,
};
use lithoscope_engine::verify::{MaskRule, RuleFinding, RuleValues, check};

/// Widths and spaces only.
const LIMITS: RuleLimits = RuleLimits {
    min_width_nm: 40.0,
    min_space_nm: 40.0,
    min_notch_nm: 40.0,
    line_end_nm: 100.0,
    min_end_space_nm: 0.0,
    min_area_nm2: 0.0,
    min_corner_nm: 1.0,
    max_offset_nm: 60.0,
    assists: AssistLimits {
        min_width_nm: 30.0,
        min_space_nm: 50.0,
        min_to_main_nm: 45.0,
        max_offset_nm: 35.0,
    },
};

/// Notches wider than spaces, line ends that keep more off, and no small shapes.
const STRICT: RuleLimits = RuleLimits {
    min_notch_nm: 55.0,
    line_end_nm: 110.0,
    min_end_space_nm: 70.0,
    min_area_nm2: 14_000.0,
    ..LIMITS
};

const COARSE: FragmentRules = FragmentRules {
    corner_nm: 40.0,
    run_nm: 60.0,
    whole_below_nm: 100.0,
    projection_nm: 0.0,
    least_nm: 0.0,
};
const FINE: FragmentRules =
    FragmentRules { corner_nm: 17.0, run_nm: 23.0, whole_below_nm: 50.0, ..COARSE };

fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
    Polygon::rect(Rect::new(x0, y0, x1, y1))
}

struct Random(u64);

impl Random {
    /// Within ± `reach`.
    fn offset(&mut self, reach: f32) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32 * 2.0 - 1.0) * reach
    }
}

fn values(limits: &RuleLimits) -> RuleValues {
    let assists = &limits.assists;
    RuleValues {
        min_width_nm: limits.min_width_nm as i32,
        min_space_nm: limits.min_space_nm as i32,
        min_notch_nm: limits.min_notch_nm as i32,
        min_area_nm2: limits.min_area_nm2 as i64,
        line_end_nm: limits.line_end_nm as i32,
        min_end_space_nm: limits.min_end_space_nm as i32,
        min_corner_nm: limits.min_corner_nm as i32,
        min_sraf_width_nm: assists.min_width_nm as i32,
        min_sraf_space_nm: assists.min_space_nm as i32,
        min_sraf_to_main_nm: assists.min_to_main_nm as i32,
    }
}

/// What a mask breaks, but for what its target breaks as badly under the same rule.
fn undrawn(mask: &[Polygon], drawn: &[Polygon], limits: &RuleLimits) -> Vec<RuleFinding> {
    let rules = values(limits);
    let excuses = check(drawn, &[], &rules);
    // A pair of edges is found once, by its plain rule first, so a line end that is drawn too near
    // even for a side counts there.
    let plain = |rule| matches!(rule, MaskRule::Space | MaskRule::Notch);
    let same = |d: MaskRule, f: MaskRule| d == f || (f == MaskRule::EndSpace && plain(d));
    let excused =
        |f: &RuleFinding| excuses.iter().any(|d| same(d.rule, f.rule) && d.measured <= f.measured);
    check(mask, &[], &rules).into_iter().filter(|f| !excused(f)).collect()
}

/// Shapes made of random rectangles on a coarse grid; `None` where they touch at corners.
fn random_target(random: &mut Random) -> Option<Vec<Polygon>> {
    let mut whole = |most: i32| ((random.offset(0.5) + 0.5) * most as f32) as i32;
    let bars: Vec<Polygon> = (0..5)
        .map(|_| {
            let [x, y] = [20 * whole(28), 20 * whole(28)];
            let [long, thick] = [100 + 20 * whole(14), 60 + 20 * whole(4)];
            let [w, h] = if whole(2) == 0 { [long, thick] } else { [thick, long] };
            rect(x, y, x + w, y + h)
        })
        .collect();
    let merged = merge(&bars);
    FragmentedTarget::new(&merged, &COARSE).is_ok().then_some(merged)
}

#[test]
fn random_offsets_on_random_targets_break_no_rule_that_is_not_drawn_broken() {
    let mut random = Random(7);
    let (mut clean, mut held) = (0, 0);
    let shapes: Vec<Vec<Polygon>> =
        std::iter::repeat_with(|| random_target(&mut random)).take(90).flatten().collect();
    assert!(shapes.len() > 40, "{} targets", shapes.len());
    for (index, polygons) in shapes.iter().enumerate() {
        let drawn_clean = check(polygons, &[], &values(&STRICT)).is_empty();
        for rules in [COARSE, FINE] {
            let target = FragmentedTarget::new(polygons, &rules).unwrap();
            let keeper = RuleKeeper::new(&target, &STRICT);
            let plain = RuleKeeper::new(&target, &LIMITS);
            for round in 0..6 {
                let reach = [60.0, 25.0][round % 2];
                let offsets: Vec<f32> =
                    target.fragments().iter().map(|_| random.offset(reach)).collect();
                let rounded = keeper.project_rounded(&offsets);
                let again: Vec<f32> = rounded.iter().map(|&o| f32::from(o)).collect();
                assert_eq!(keeper.project_rounded(&again), rounded, "a kept mask stays as it is");
                let mask = target.polygons(&rounded);
                let broken = undrawn(&mask, polygons, &STRICT);
                assert!(
                    broken.is_empty(),
                    "target {index}, round {round}: {broken:?} in {polygons:?}"
                );
                let loose = target.polygons(&plain.project_rounded(&offsets));
                held += usize::from(!undrawn(&loose, polygons, &STRICT).is_empty());
                clean += usize::from(drawn_clean);
            }
        }
    }
    println!("{held} masks would break a rule, {clean} are of targets that keep them all");
    assert!(held > 300 && clean > 16, "{held} held, {clean} clean");
}

/// Moves that are allowed one by one keep every rule, and some that a rule forbids are refused.
#[test]
fn single_moves_are_allowed_only_where_every_rule_is_kept() {
    let mut random = Random(11);
    let (mut refused, mut made) = (0, 0);
    for name in 0..12 {
        let Some(polygons) = random_target(&mut random) else { continue };
        let target = FragmentedTarget::new(&polygons, &COARSE).unwrap();
        let keeper = RuleKeeper::new(&target, &STRICT);
        let count = target.fragments().len();
        let mut offsets = vec![0i16; count];
        let mut kept = keeper.kept(&offsets);
        for _ in 0..400 {
            let k = ((random.offset(0.5) + 0.5) * count as f32) as usize % count;
            let by = random.offset(12.0).round() as i16;
            if kept.allow(&[(k, by)]) {
                kept.make(&[(k, by)]);
                offsets[k] += by;
                made += 1;
            } else {
                refused += 1;
            }
        }
        let broken = undrawn(&target.polygons(&offsets), &polygons, &STRICT);
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
    assert!(refused > 200 && made > 200, "{refused} refused, {made} made");
}

fn whole_sides() -> FragmentRules {
    FragmentRules {
        corner_nm: 40.0,
        run_nm: 60.0,
        whole_below_nm: 2000.0,
        projection_nm: 0.0,
        least_nm: 0.0,
    }
}

fn rules_broken(mask: &[Polygon], limits: &RuleLimits) -> Vec<(MaskRule, f64)> {
    check(mask, &[], &values(limits)).iter().map(|f| (f.rule, f.measured)).collect()
}

#[test]
fn a_line_end_keeps_further_off_than_a_side_does() {
    // The end of the first line faces the side of the second.
    let drawn = [rect(0, 0, 300, 80), rect(380, -200, 460, 300)];
    let target = FragmentedTarget::new(&drawn, &whole_sides()).unwrap();
    // Fragments run bottom, right, top, left: the end moves 30 nm towards the side.
    let mut offsets = vec![0.0; 8];
    offsets[1] = 30.0;
    let far = RuleKeeper::new(&target, &STRICT).project_rounded(&offsets);
    let near = RuleKeeper::new(&target, &LIMITS).project_rounded(&offsets);
    let gap = |o: &[i16]| 80 - o[1] - o[7];
    assert_eq!((gap(&far), gap(&near)), (70, 50));
    assert_eq!(rules_broken(&target.polygons(&near), &STRICT), [(MaskRule::EndSpace, 50.0)]);
    // The side of a line is no end: it may come as near as the plain rule lets it.
    let mut sides = vec![0.0; 8];
    sides[2] = 55.0;
    let other = [rect(0, 0, 300, 80), rect(0, 180, 300, 260)];
    let target = FragmentedTarget::new(&other, &whole_sides()).unwrap();
    let moved = RuleKeeper::new(&target, &STRICT).project_rounded(&sides);
    assert_eq!(100 - moved[2] - moved[4], 45);
}

#[test]
fn the_fragments_of_a_line_end_keep_off_and_so_does_a_bump_of_it() {
    let fine = FragmentRules {
        corner_nm: 30.0,
        run_nm: 30.0,
        whole_below_nm: 40.0,
        projection_nm: 0.0,
        least_nm: 0.0,
    };
    let drawn = [rect(0, 0, 400, 90), rect(490, -200, 570, 300)];
    let target = FragmentedTarget::new(&drawn, &fine).unwrap();
    let end: Vec<usize> = (0..target.fragments().len())
        .filter(|&i| target.fragments()[i].polygon == 0 && target.fragments()[i].base == 400)
        .collect();
    assert_eq!(end.len(), 3, "the end is cut into three");
    let keeper = RuleKeeper::new(&target, &STRICT);
    let wish = |by: [f32; 3]| {
        let mut offsets = vec![0.0; target.fragments().len()];
        end.iter().zip(by).for_each(|(&i, o)| offsets[i] = o);
        let rounded = keeper.project_rounded(&offsets);
        let mask = target.polygons(&rounded);
        assert_eq!(rules_broken(&mask, &STRICT), []);
        // The least distance of a fragment of the end from those of the side that it faces.
        let f = target.fragments();
        let faces = |i: usize, k: usize| {
            f[k].base == 490
                && f[k].from.max(f[k].to) > f[i].from
                && f[i].to > f[k].from.min(f[k].to)
        };
        let gap = |i: usize, k: usize| 90 - rounded[i] - rounded[k];
        let pairs = end.iter().flat_map(|&i| (0..f.len()).map(move |k| (i, k)));
        pairs.filter(|&(i, k)| faces(i, k)).map(|(i, k)| gap(i, k)).min()
    };
    // They keep 70 nm of the 90 drawn, all of them or one alone: what 30 nm lack is shared with
    // the side across.
    for by in [[30.0; 3], [0.0, 29.0, 0.0]] {
        assert!(wish(by).is_some_and(|gap| gap >= 70), "{by:?}: {:?}", wish(by));
    }
}

#[test]
fn a_notch_keeps_more_than_the_space_between_two() {
    let u = Polygon::simple(
        [(0, 0), (260, 0), (260, 300), (160, 300), (160, 90), (100, 90), (100, 300), (0, 300)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
    );
    let target = FragmentedTarget::new(&[u], &whole_sides()).unwrap();
    let inner: Vec<usize> = (0..target.fragments().len())
        .filter(|&i| [100, 160].contains(&target.fragments()[i].base))
        .collect();
    assert_eq!(inner.len(), 2);
    let mut offsets = vec![0.0; target.fragments().len()];
    for &i in &inner {
        offsets[i] = 20.0;
    }
    let width = |limits: &RuleLimits| {
        let moved = RuleKeeper::new(&target, limits).project_rounded(&offsets);
        60 - moved[inner[0]] - moved[inner[1]]
    };
    assert_eq!((width(&STRICT), width(&LIMITS)), (55, 40));
}

#[test]
fn a_shape_keeps_its_area_and_one_drawn_smaller_does_not_shrink() {
    let drawn = [rect(0, 0, 125, 125), rect(400, 0, 500, 100)];
    let target = FragmentedTarget::new(&drawn, &whole_sides()).unwrap();
    let keeper = RuleKeeper::new(&target, &STRICT);
    let mask = target.polygons(&keeper.project_rounded(&[-20.0; 8]));
    let areas = mask.iter().map(|p| p.area2() / 2).collect::<Vec<_>>();
    assert!(areas[0] >= 14_000 && areas[0] < 15_000, "{areas:?}");
    assert!(areas[1] >= 10_000 && areas[1] < 11_000, "{areas:?}");
    assert_eq!(rules_broken(&mask, &STRICT), [(MaskRule::Area, areas[1] as f64)]);
    let held = keeper.rules_about(&target, &[-20.0; 8], 0, 0.0);
    assert_eq!(held.iter().map(|h| h.rule).collect::<Vec<_>>(), [HeldBy::Area]);
}

#[test]
fn an_sraf_grows_to_the_least_area() {
    let target = FragmentedTarget::new(&[rect(0, 0, 400, 200)], &whole_sides()).unwrap();
    let target = target.with_assists(&[Rect::new(0, 300, 200, 340)]).unwrap();
    let keeper = RuleKeeper::new(&target, &STRICT);
    let offsets = keeper.project_rounded(&[0.0; 8]);
    let assist = Polygon::rect(target.assists(&offsets)[0]);
    assert!(assist.area2() >= 28_000, "{assist:?}");
    assert_eq!(check(&target.main_polygons(&offsets), &[assist], &values(&STRICT)), []);
}
