use super::*;
use crate::geometry::merge;

/// Deterministic random numbers (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, n: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % n as u64) as i32
    }
}

fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
    Polygon::rect(Rect::new(x0, y0, x1, y1))
}

fn ring(points: &[(i32, i32)]) -> Polygon {
    Polygon::simple(points.iter().map(|&(x, y)| Point::new(x, y)).collect())
}

const SIDE: i32 = 64;

/// Merged random rectangles within 1…63.
fn random_mask(random: &mut Random, count: i32) -> Vec<Polygon> {
    let shapes: Vec<Polygon> = (0..count)
        .map(|_| {
            let (x, y) = (1 + random.below(50), 1 + random.below(50));
            rect(x, y, x + 2 + random.below(11), y + 2 + random.below(11))
        })
        .collect();
    merge(&shapes)
}

/// Filled pixels, from winding numbers at pixel centres.
fn raster(mask: &[Polygon]) -> Vec<Vec<bool>> {
    let crossings = |x: i32, y: i32| {
        let rings = mask.iter().flat_map(Polygon::rings).flat_map(edges);
        rings.filter(|(a, b)| a.x == b.x && a.x > x && (a.y > y) != (b.y > y)).count()
    };
    (0..SIDE).map(|y| (0..SIDE).map(|x| crossings(x, y) % 2 == 1).collect()).collect()
}

/// Shortest run of filled pixels, and of empty ones between filled ones, over rows and columns.
fn shortest_runs(pixels: &[Vec<bool>]) -> [i32; 2] {
    let mut shortest = [i32::MAX; 2];
    let column = |x: usize| pixels.iter().map(|row| row[x]).collect();
    let lines = pixels.iter().cloned().chain((0..SIDE as usize).map(column));
    for line in lines {
        let (Some(first), Some(last)) =
            (line.iter().position(|p| *p), line.iter().rposition(|p| *p))
        else {
            continue;
        };
        for run in line[first..=last].chunk_by(|a, b| a == b) {
            let of = usize::from(!run[0]);
            shortest[of] = shortest[of].min(run.len() as i32);
        }
    }
    shortest
}

/// Convex corners of a raster as (x, y, outward x, outward y).
fn pixel_corners(pixels: &[Vec<bool>]) -> Vec<[i32; 4]> {
    let at = |x: i32, y: i32| pixels[y as usize][x as usize];
    let mut found = Vec::new();
    for (x, y) in (1..SIDE).flat_map(|y| (1..SIDE).map(move |x| (x, y))) {
        for (sx, sy) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] {
            let cell = |sx: i32, sy: i32| at(x - i32::from(sx < 0), y - i32::from(sy < 0));
            if cell(-sx, -sy) && !cell(sx, -sy) && !cell(-sx, sy) {
                found.push([x, y, sx, sy]);
            }
        }
    }
    found
}

fn least(found: &[RuleFinding], rule: MaskRule) -> Option<f64> {
    found.iter().filter(|f| f.rule == rule).map(|f| f.measured).min_by(f64::total_cmp)
}

#[test]
fn widths_and_spaces_are_the_shortest_runs_of_pixels() {
    let mut random = Random(17);
    let mut seen = [0, 0];
    for round in 0..200 {
        let mask = random_mask(&mut random, 3 + round % 12);
        let runs = shortest_runs(&raster(&mask));
        for rule in [3, 5, 8] {
            let rules =
                RuleValues { min_width_nm: rule, min_space_nm: rule, ..RuleValues::default() };
            let found = check(&mask, &[], &rules);
            for (i, kind) in [MaskRule::Width, MaskRule::Space].into_iter().enumerate() {
                let expected = (runs[i] < rule).then(|| f64::from(runs[i]));
                assert_eq!(
                    least(&found, kind),
                    expected,
                    "round {round}, {kind:?} {rule}: {mask:?}"
                );
                seen[i] += usize::from(expected.is_some());
            }
        }
    }
    assert!(seen.iter().all(|&n| n > 100 && n < 590), "{seen:?}: too easy a test");
}

#[test]
fn corners_are_those_of_the_pixels() {
    let mut random = Random(23);
    let mut pairs = 0;
    for round in 0..200 {
        let mask = random_mask(&mut random, 3 + round % 12);
        let corners = pixel_corners(&raster(&mask));
        let rules = RuleValues { min_corner_nm: 9, ..RuleValues::default() };
        let mut expected = Vec::new();
        for (i, a) in corners.iter().enumerate() {
            for b in &corners[i + 1..] {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let facing = a[2] == -b[2] && a[3] == -b[3] && dx * a[2] >= 0 && dy * a[3] >= 0;
                if facing && dx * dx + dy * dy < 81 {
                    expected.push(Rect::new(
                        a[0].min(b[0]),
                        a[1].min(b[1]),
                        a[0].max(b[0]),
                        a[1].max(b[1]),
                    ));
                }
            }
        }
        let mut found: Vec<Rect> = check(&mask, &[], &rules).iter().map(|f| f.place).collect();
        for places in [&mut expected, &mut found] {
            places.sort_by_key(|r| (r.min, r.max));
        }
        assert_eq!(found, expected, "round {round}: {mask:?}");
        pairs += found.len();
    }
    assert!(pairs > 100, "{pairs}: too easy a test");
}

#[test]
fn every_rule_takes_its_exact_value_and_no_nm_less() {
    // A rule, a mask that meets it at 40 exactly, and the same 1 nm short.
    type Mask = (Vec<Polygon>, Vec<Polygon>);
    let notch = |gap| {
        vec![ring(&[
            (0, 0),
            (200 + gap, 0),
            (200 + gap, 90),
            (100 + gap, 90),
            (100 + gap, 50),
            (100, 50),
            (100, 90),
            (0, 90),
        ])]
    };
    type Case<'a> = (MaskRule, RuleValues, &'a dyn Fn(i32) -> Mask);
    let cases: [Case; 10] = [
        (MaskRule::Width, RuleValues { min_width_nm: 40, ..RuleValues::default() }, &|d| {
            (vec![rect(0, 0, d, 300)], vec![])
        }),
        (MaskRule::Space, RuleValues { min_space_nm: 40, ..RuleValues::default() }, &|d| {
            (vec![rect(0, 0, 50, 300), rect(50 + d, 100, 300, 400)], vec![])
        }),
        (MaskRule::Space, RuleValues { min_space_nm: 40, ..RuleValues::default() }, &|d| {
            (notch(d), vec![])
        }),
        (MaskRule::Notch, RuleValues { min_notch_nm: 40, ..RuleValues::default() }, &|d| {
            (notch(d), vec![])
        }),
        (
            MaskRule::EndSpace,
            RuleValues { min_end_space_nm: 40, line_end_nm: 60, ..RuleValues::default() },
            &|d| (vec![rect(0, 0, 60, 300), rect(-200, 300 + d, 300, 500)], vec![]),
        ),
        (
            MaskRule::Corner,
            RuleValues { min_corner_nm: 50, ..RuleValues::default() },
            // 30, 40, 50: a corner one nm nearer is too near.
            &|d| (vec![rect(0, 0, 90, 90), rect(120, 90 + d, 300, 300)], vec![]),
        ),
        (MaskRule::Area, RuleValues { min_area_nm2: 40 * 90, ..RuleValues::default() }, &|d| {
            (vec![rect(0, 0, d, 90)], vec![])
        }),
        (
            MaskRule::AssistWidth,
            RuleValues { min_sraf_width_nm: 40, ..RuleValues::default() },
            &|d| (vec![], vec![rect(0, 0, 300, d)]),
        ),
        (
            MaskRule::AssistSpace,
            RuleValues { min_sraf_space_nm: 40, ..RuleValues::default() },
            &|d| (vec![], vec![rect(0, 0, 300, 40), rect(0, 40 + d, 300, 90 + d)]),
        ),
        (
            MaskRule::AssistToMain,
            RuleValues { min_sraf_to_main_nm: 40, ..RuleValues::default() },
            &|d| (vec![rect(0, 0, 300, 90)], vec![rect(50, -40 - d, 90, -d)]),
        ),
    ];
    for (rule, rules, mask) in cases {
        let (main, srafs) = mask(40);
        assert_eq!(check(&main, &srafs, &rules), [], "{rule:?} at its value");
        let (main, srafs) = mask(39);
        let found = check(&main, &srafs, &rules);
        assert_eq!(found.len(), 1, "{rule:?}: {found:?}");
        assert_eq!(found[0].rule, rule);
        assert!(found[0].measured < found[0].needed, "{rule:?}: {found:?}");
        assert_eq!(check(&main, &srafs, &RuleValues::default()), [], "{rule:?} left out");
    }
}

#[test]
fn findings_say_where_and_how_much() {
    let rules = RuleValues { min_space_nm: 40, min_corner_nm: 50, ..RuleValues::default() };
    let found = check(&[rect(0, 0, 50, 300), rect(80, 100, 300, 400)], &[], &rules);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].measured, found[0].needed), (30.0, 40.0));
    assert_eq!(found[0].place, Rect::new(50, 100, 80, 300));
    let corner = check(&[rect(0, 0, 50, 50), rect(80, 80, 300, 300)], &[], &rules);
    assert_eq!(corner.len(), 1);
    assert_eq!(corner[0].place, Rect::new(50, 50, 80, 80));
    assert_eq!(corner[0].measured, 1800f64.sqrt());
}

#[test]
fn shapes_that_overlap_or_abut_have_no_space() {
    let rules = RuleValues {
        min_space_nm: 1,
        min_sraf_space_nm: 1,
        min_sraf_to_main_nm: 1,
        ..RuleValues::default()
    };
    let main = [rect(0, 0, 200, 200)];
    for (sraf, place) in [
        (rect(50, 50, 90, 90), Rect::new(50, 50, 90, 90)),
        (rect(150, -20, 300, 20), Rect::new(150, 0, 200, 20)),
    ] {
        let found = check(&main, &[sraf], &rules);
        let overlap = found.iter().find(|f| f.place == place).unwrap();
        assert_eq!((overlap.rule, overlap.measured), (MaskRule::AssistToMain, 0.0));
    }
    let abutting = check(&main, &[rect(200, 0, 300, 200)], &rules);
    assert_eq!(abutting.len(), 1);
    assert_eq!(check(&main, &[rect(201, 0, 300, 200)], &rules), []);
    let twice = check(&[main[0].clone(), rect(199, 0, 300, 200)], &[], &rules);
    assert!(twice.iter().any(|f| f.rule == MaskRule::Space && f.place.width() == 1), "{twice:?}");
}

#[test]
fn a_jog_is_no_line_end_and_straight_corners_hide_none() {
    let rules = RuleValues { min_end_space_nm: 60, line_end_nm: 80, ..RuleValues::default() };
    let plate = rect(-100, 350, 400, 500);
    let bump = ring(&[
        (0, 0),
        (300, 0),
        (300, 290),
        (200, 290),
        (200, 300),
        (130, 300),
        (130, 290),
        (0, 290),
    ]);
    assert_eq!(check(&[bump, plate.clone()], &[], &rules), []);
    let line = ring(&[(0, 0), (70, 0), (70, 300), (40, 300), (0, 300)]);
    assert_eq!(check(&[line, plate], &[], &rules).len(), 1);
}
