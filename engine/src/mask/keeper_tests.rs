use super::*;
use crate::geometry::{Point, Polygon, Rect, edges};
use crate::mask::standing::{Standing, TOLERANCE};
use crate::mask::{FragmentKind, FragmentRules, contact};
use crate::verify::{AssistRules, LeastDistances, assist_violations, least_distances, violations};

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

fn ring(points: &[(i32, i32)]) -> Polygon {
    Polygon::simple(points.iter().map(|&(x, y)| Point::new(x, y)).collect())
}

fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
    Polygon::rect(Rect::new(x0, y0, x1, y1))
}

/// Targets that keep 40 nm rules as drawn.
fn targets() -> Vec<(&'static str, Vec<Polygon>)> {
    let comb = ring(&[
        (0, 0),
        (700, 0),
        (700, 400),
        (610, 400),
        (610, 90),
        (520, 90),
        (520, 330),
        (430, 330),
        (430, 90),
        (300, 90),
        (300, 400),
        (200, 400),
        (200, 90),
        (90, 90),
        (90, 400),
        (0, 400),
    ]);
    let steps = ring(&[(0, 0), (88, 0), (88, 60), (108, 60), (108, 140), (0, 140)]);
    let frame = Polygon {
        outer: Rect::new(0, 0, 400, 400).corners().to_vec(),
        holes: vec![Rect::new(100, 100, 300, 300).corners().into_iter().rev().collect()],
    };
    let tee = ring(&[
        (0, 300),
        (0, 220),
        (160, 220),
        (160, 0),
        (240, 0),
        (240, 220),
        (400, 220),
        (400, 300),
    ]);
    let zed = ring(&[
        (0, 0),
        (200, 0),
        (200, 170),
        (420, 170),
        (420, 260),
        (110, 260),
        (110, 90),
        (0, 90),
    ]);
    vec![
        ("line", vec![rect(0, 0, 600, 80)]),
        ("dense lines", (0..5).map(|i| rect(140 * i, 0, 140 * i + 70, 500)).collect()),
        (
            "diagonal squares",
            vec![rect(0, 0, 70, 70), rect(75, 75, 145, 145), rect(150, 3, 220, 70)],
        ),
        ("line ends", vec![rect(0, 0, 300, 80), rect(350, 30, 700, 110), rect(0, 130, 320, 190)]),
        ("comb", vec![comb]),
        ("steps", vec![steps.clone(), steps.translated(180, 35), steps.translated(20, 200)]),
        ("frame and island", vec![frame, rect(150, 150, 250, 250)]),
        ("tee and zed", vec![tee, zed.translated(290, -60), zed.translated(-300, -160)]),
        (
            "contacts",
            (0..16)
                .map(|i| rect(130 * (i % 4), 125 * (i / 4), 130 * (i % 4) + 70, 125 * (i / 4) + 70))
                .collect(),
        ),
    ]
}

fn rules() -> [FragmentRules; 2] {
    let coarse = FragmentRules {
        corner_nm: 40.0,
        run_nm: 60.0,
        whole_below_nm: 100.0,
        projection_nm: 0.0,
        least_nm: 0.0,
    };
    [
        coarse,
        FragmentRules {
            corner_nm: 17.0,
            run_nm: 23.0,
            whole_below_nm: 50.0,
            projection_nm: 0.0,
            least_nm: 0.0,
        },
    ]
}

struct Random(u64);

impl Random {
    fn offset(&mut self, reach: f32) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32 * 2.0 - 1.0) * reach
    }
}

/// No two rings touch and no ring touches itself; nothing vanished.
fn is_simple(mask: &[Polygon], polygons: usize) -> bool {
    let rings: Vec<Vec<Point>> = mask.iter().flat_map(Polygon::rings).map(<[_]>::to_vec).collect();
    mask.len() == polygons && contact(&rings).is_none()
}

#[test]
fn random_offsets_become_simple_masks_that_keep_the_rules() {
    let mut random = Random(1);
    for (name, polygons) in targets() {
        for rules in rules() {
            let target = FragmentedTarget::new(&polygons, &rules).unwrap();
            let keeper = RuleKeeper::new(&target, &LIMITS);
            for round in 0..60 {
                let reach = [60.0, 30.0, 90.0][round % 3];
                let offsets: Vec<f32> =
                    target.fragments().iter().map(|_| random.offset(reach)).collect();
                let mask = target.polygons(&keeper.project_rounded(&offsets));
                let broken = violations(&mask, 40, 40);
                assert!(broken.is_empty(), "{name}, round {round}: {broken:?}");
                assert!(is_simple(&mask, polygons.len()), "{name}, round {round}: {mask:?}");
            }
        }
    }
}

/// Wild offsets do break the rules and the rings: the test above is not empty.
#[test]
fn random_offsets_without_projection_break_rules() {
    let mut random = Random(2);
    for (name, polygons) in targets() {
        let target = FragmentedTarget::new(&polygons, &rules()[0]).unwrap();
        let wild = (0..60).any(|_| {
            let offsets: Vec<i16> =
                target.fragments().iter().map(|_| random.offset(60.0) as i16).collect();
            let mask = target.polygons(&offsets);
            !violations(&mask, 40, 40).is_empty() || !is_simple(&mask, polygons.len())
        });
        assert!(wild, "{name}");
    }
}

#[test]
fn projected_offsets_keep_the_rules_before_rounding() {
    let mut random = Random(3);
    for (name, polygons) in targets() {
        let target = FragmentedTarget::new(&polygons, &rules()[0]).unwrap();
        let keeper = RuleKeeper::new(&target, &LIMITS);
        for round in 0..40 {
            let mut offsets: Vec<f32> =
                target.fragments().iter().map(|_| random.offset(60.0)).collect();
            keeper.project(&mut offsets);
            let places = keeper.places(|i| f64::from(offsets[i]), keeper.plan.reach);
            for pair in &keeper.plan.pairs {
                let lack = Standing::of(&keeper.plan, pair, &places).and_then(|s| s.lack(pair));
                let worst = lack.map_or(0.0, |l| l.across.min(l.along));
                assert!(worst < 2.0 * TOLERANCE, "{name}, round {round}: {worst} nm");
            }
            let again = offsets.clone();
            keeper.project(&mut offsets);
            let moved = offsets.iter().zip(&again).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(moved < 0.05, "{name}, round {round}: moved {moved} nm the second time");
        }
    }
}

#[test]
fn offsets_that_keep_the_rules_stay_as_they_are() {
    let target = FragmentedTarget::new(&targets()[1].1, &rules()[0]).unwrap();
    let keeper = RuleKeeper::new(&target, &LIMITS);
    let mut offsets = vec![10.25; target.fragments().len()];
    keeper.project(&mut offsets);
    assert!(offsets.iter().all(|&o| o == 10.25));
}

#[test]
fn facing_edges_are_pushed_apart_by_half_each() {
    // Two lines 100 nm apart, each side offered 50: 30 each leaves 40.
    let target =
        FragmentedTarget::new(&[rect(0, 0, 80, 90), rect(180, 0, 260, 90)], &rules()[0]).unwrap();
    let keeper = RuleKeeper::new(&target, &LIMITS);
    let inner: Vec<usize> = (0..target.fragments().len())
        .filter(|&i| matches!(target.fragments()[i].base, 80 | 180))
        .collect();
    let mut offsets = vec![0.0; target.fragments().len()];
    for &i in &inner {
        offsets[i] = 50.0;
    }
    let whole = keeper.project_rounded(&offsets);
    assert_eq!(inner.iter().map(|&i| whole[i]).collect::<Vec<_>>(), [30, 30]);
    keeper.project(&mut offsets);
    assert!(inner.iter().all(|&i| (offsets[i] - 30.0).abs() < 0.02));
}

#[test]
fn a_distance_drawn_below_the_rule_never_shrinks() {
    let drawn = [rect(0, 0, 70, 300), rect(95, 0, 165, 300), rect(0, 330, 30, 600)];
    let target = FragmentedTarget::new(&drawn, &rules()[0]).unwrap();
    let keeper = RuleKeeper::new(&target, &LIMITS);
    let mut random = Random(5);
    for _ in 0..100 {
        let offsets: Vec<f32> = target.fragments().iter().map(|_| random.offset(60.0)).collect();
        let mask = target.polygons(&keeper.project_rounded(&offsets));
        let LeastDistances { width_nm, space_nm } = least_distances(&mask, 200);
        assert!(width_nm.unwrap() >= 30 && space_nm.unwrap() >= 25, "{width_nm:?} {space_nm:?}");
        assert!(is_simple(&mask, 3));
    }
}

#[test]
fn corners_keep_their_distance_where_they_do_not_face() {
    let target =
        FragmentedTarget::new(&[rect(0, 0, 90, 90), rect(130, 130, 220, 220)], &rules()[0])
            .unwrap();
    let keeper = RuleKeeper::new(&target, &RuleLimits { min_corner_nm: 20.0, ..LIMITS });
    let whole = keeper.project_rounded(&vec![60.0; target.fragments().len()]);
    let mask = target.polygons(&whole);
    let (a, b) = (mask[0].bounding_box().unwrap(), mask[1].bounding_box().unwrap());
    let apart = (b.min.x - a.max.x).max(b.min.y - a.max.y);
    assert!(apart >= 20, "{a:?} {b:?}");
    assert!(violations(&mask, 40, 40).is_empty());
}

#[test]
fn offsets_beyond_the_limit_or_not_a_number_are_tamed() {
    let target = FragmentedTarget::new(&[rect(0, 0, 600, 400)], &rules()[0]).unwrap();
    let keeper = RuleKeeper::new(&target, &LIMITS);
    let n = target.fragments().len();
    let mut offsets = vec![f32::NAN; n];
    offsets[0] = f32::INFINITY;
    offsets[1] = -1e30;
    keeper.project(&mut offsets);
    assert!(offsets.iter().all(|o| o.abs() <= 60.0));
    assert_eq!(keeper.project_rounded(&[]), vec![0; n]);
}

#[test]
fn masks_have_no_edge_without_length() {
    let mut random = Random(9);
    for (_, polygons) in targets() {
        let target = FragmentedTarget::new(&polygons, &rules()[0]).unwrap();
        let keeper = RuleKeeper::new(&target, &LIMITS);
        let offsets: Vec<f32> = target.fragments().iter().map(|_| random.offset(60.0)).collect();
        for mask in target.polygons(&keeper.project_rounded(&offsets)) {
            assert!(mask.rings().flat_map(edges).all(|(a, b)| (a.x == b.x) != (a.y == b.y)));
        }
    }
}

const ASSIST_RULES: AssistRules =
    AssistRules { min_width_nm: 30, min_space_nm: 50, min_to_main_nm: 45 };

/// Rectangles about a target that keep the SRAF rules where they are.
fn seeds(target: &[Polygon], random: &mut Random) -> Vec<Rect> {
    let boxes: Vec<Rect> = target.iter().filter_map(Polygon::bounding_box).collect();
    let bounds = boxes.iter().copied().reduce(|a, b| a.union(&b)).unwrap();
    let mut found: Vec<Rect> = Vec::new();
    for _ in 0..3000 {
        let mut at = |lo: i32, hi: i32| lo + ((random.offset(0.5) + 0.5) * (hi - lo) as f32) as i32;
        let (x, y) = (
            at(bounds.min.x - 200, bounds.max.x + 200),
            at(bounds.min.y - 200, bounds.max.y + 200),
        );
        let (w, h) = (at(30, 50), at(30, 200));
        let (w, h) = if at(0, 2) == 0 { (w, h) } else { (h, w) };
        let rect = Rect::new(x, y, x + w, y + h);
        let mut trial = found.clone();
        trial.push(rect);
        let grown =
            |r: &Rect, d: i32| Rect::new(r.min.x - d, r.min.y - d, r.max.x + d, r.max.y + d);
        let near = |shape: &Polygon| {
            shape.rings().flat_map(edges).any(|(a, b)| {
                let edge = Rect::around([a, b]).unwrap();
                edge.touches(&grown(&rect, 44))
            }) || (0..1).any(|_| inside(shape, rect.min))
        };
        let clear = !target.iter().any(near) && !found.iter().any(|f| f.touches(&grown(&rect, 49)));
        if clear && found.len() < 25 {
            found.push(rect);
        }
    }
    found
}

fn inside(shape: &Polygon, p: Point) -> bool {
    let crossings = shape
        .rings()
        .flat_map(edges)
        .filter(|(a, b)| a.x == b.x && (a.y <= p.y) != (b.y <= p.y) && a.x > p.x);
    crossings.count() % 2 == 1
}

#[test]
fn random_offsets_of_main_features_and_srafs_keep_every_rule() {
    let mut random = Random(11);
    let mut moved = 0;
    for (name, polygons) in targets() {
        let plain = FragmentedTarget::new(&polygons, &rules()[0]).unwrap();
        for round in 0..40 {
            let seeds = seeds(&polygons, &mut random);
            let target = plain.with_assists(&seeds).unwrap();
            let keeper = RuleKeeper::new(&target, &LIMITS);
            let reach = [60.0, 20.0][round % 2];
            let offsets: Vec<f32> =
                target.fragments().iter().map(|_| random.offset(reach)).collect();
            let whole = keeper.project_rounded(&offsets);
            let (main, assists) = (target.main_polygons(&whole), target.assists(&whole));
            assert_eq!(assists.len(), seeds.len());
            let assists: Vec<Polygon> = assists.into_iter().map(Polygon::rect).collect();
            let broken = violations(&main, 40, 40);
            assert!(broken.is_empty(), "{name}, round {round}: {broken:?}");
            let broken = assist_violations(&main, &assists, &ASSIST_RULES);
            assert!(broken.is_empty(), "{name}, round {round}: {broken:?}");
            assert!(is_simple(&target.polygons(&whole), polygons.len() + seeds.len()));
            moved += whole[target.main_count()..].iter().filter(|o| **o != 0).count();
        }
    }
    assert!(moved > 1000, "SRAFs must move: {moved}");
}

#[test]
fn srafs_without_projection_break_their_rules() {
    let mut random = Random(12);
    let polygons = &targets()[3].1;
    let target = FragmentedTarget::new(polygons, &rules()[0]).unwrap();
    let target = target.with_assists(&seeds(polygons, &mut random)).unwrap();
    let offsets: Vec<i16> = target.fragments().iter().map(|_| random.offset(35.0) as i16).collect();
    let assists: Vec<Polygon> = target.assists(&offsets).into_iter().map(Polygon::rect).collect();
    let rules: std::collections::BTreeSet<_> =
        assist_violations(&target.main_polygons(&offsets), &assists, &ASSIST_RULES)
            .iter()
            .map(|v| v.rule)
            .collect();
    assert_eq!(rules.len(), 3, "{rules:?}");
}

#[test]
fn an_sraf_gives_way_to_a_main_feature_as_a_whole() {
    let target = FragmentedTarget::new(&[rect(0, 0, 80, 90)], &rules()[0]).unwrap();
    let target = target.with_assists(&[Rect::new(140, 0, 180, 90)]).unwrap();
    let keeper = RuleKeeper::new(&target, &LIMITS);
    let kinds: Vec<_> = target.fragments().iter().map(|f| f.kind).collect();
    assert_eq!(kinds[4..], [FragmentKind::Assist; 4]);
    let mut offsets = vec![0.0; 8];
    offsets[1] = 30.0;
    let whole = keeper.project_rounded(&offsets);
    // The main feature's right side stays at 110, so the SRAF starts at 155 and keeps its width.
    assert_eq!(whole[..4], [0, 30, 0, 0]);
    assert_eq!(target.assists(&whole)[0].min.x, 155);
    assert!(target.assists(&whole)[0].width() >= 30);
}

#[test]
fn moves_are_allowed_exactly_where_the_whole_mask_keeps_the_rules() {
    let mut random = Random(21);
    let (mut yes, mut no) = (0, 0);
    for (name, polygons) in targets() {
        let target = FragmentedTarget::new(&polygons, &rules()[0]).unwrap();
        let target = target.with_assists(&seeds(&polygons, &mut random)).unwrap();
        let keeper = RuleKeeper::new(&target, &LIMITS);
        let offsets: Vec<f32> = target.fragments().iter().map(|_| random.offset(40.0)).collect();
        let whole = keeper.project_rounded(&offsets);
        let mut kept = keeper.kept(&whole);
        for _ in 0..300 {
            let i = ((random.offset(0.5) + 0.5) * whole.len() as f32) as usize % whole.len();
            let moves = [
                (i, random.offset(9.0) as i16),
                ((i + 1) % whole.len(), random.offset(4.0) as i16),
            ];
            let mut after = whole.clone();
            for (k, by) in moves {
                after[k] += by;
            }
            let floats: Vec<f32> = after.iter().map(|&o| f32::from(o)).collect();
            let keeps = keeper.project_rounded(&floats) == after;
            assert_eq!(kept.allow(&moves), keeps, "{name}: {moves:?}");
            if keeps { yes += 1 } else { no += 1 }
        }
    }
    assert!(yes > 200 && no > 200, "{yes} and {no}");
}
