use super::*;
use crate::verify::shots;

/// Deterministic random numbers (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

/// Squares of a random raster of unequal columns and rows, as polygons that are not merged.
fn random_mask(random: &mut Random, side: usize, percent: u64) -> Vec<Polygon> {
    let mut steps = || {
        let mut at = vec![-40];
        for _ in 0..side {
            at.push(at[at.len() - 1] + [7, 23, 60, 31][random.below(4) as usize]);
        }
        at
    };
    let (xs, ys) = (steps(), steps());
    let cells = (0..side).flat_map(|j| (0..side).map(move |i| (i, j)));
    let filled = cells.filter(|_| random.below(100) < percent);
    filled.map(|(i, j)| Polygon::rect(Rect::new(xs[i], ys[j], xs[i + 1], ys[j + 1]))).collect()
}

/// No two rectangles overlap, and together they are the mask.
fn assert_tiles(shots: &[Rect], mask: &[Polygon]) {
    for (i, a) in shots.iter().enumerate() {
        assert!(shots[..i].iter().all(|b| !a.overlaps(b)), "{a:?} overlaps another shot");
    }
    let tiled: Vec<Polygon> = shots.iter().map(|&r| Polygon::rect(r)).collect();
    assert_eq!(merge(&tiled), merge(mask));
}

#[test]
fn shots_cover_the_mask_once_and_count_as_they_are() {
    let mut random = Random(5);
    for round in 0..60 {
        let mask = random_mask(&mut random, 3 + round % 7, 40 + (round as u64 % 5) * 10);
        let writer = VsbWriter { max_shot_nm: 50, ..VsbWriter::default() };
        let pieces = fracture(&mask, &writer).unwrap();
        assert_tiles(&pieces, &mask);
        let thin = |r: &&Rect| r.width().min(r.height()) < 20;
        let slivers = pieces.iter().filter(thin).count() as u64;
        assert!(pieces.iter().all(|r| r.width() <= 50 && r.height() <= 50));
        let count = vsb_count(&mask, &writer).unwrap();
        let shots = pieces.len() as u64;
        assert_eq!(count, VsbCount { shots, slivers, cost: shots + slivers });
    }
}

#[test]
fn without_slivers_and_limits_the_count_is_the_least_number_of_rectangles() {
    let writer = VsbWriter { max_shot_nm: i32::MAX, sliver_nm: 0, sliver_penalty: 1 };
    let mut random = Random(11);
    for round in 0..200 {
        let mask = random_mask(&mut random, 2 + round % 9, 30 + (round as u64 % 7) * 10);
        let count = vsb_count(&mask, &writer).unwrap();
        assert_eq!(count.shots, u64::from(shots(&mask)), "round {round}");
        let real = vsb_count(&mask, &VsbWriter::default()).unwrap();
        assert!(real.shots >= count.shots && real.cost >= count.cost, "round {round}");
    }
}

/// The least cost over every way to tile a small raster of filled cells, tried one by one.
fn exhaustive(cells: u32, side: u32, cost: &impl Fn(u32, u32) -> u64) -> u64 {
    if cells == 0 {
        return 0;
    }
    let first = cells.trailing_zeros();
    let (x, y) = (first % side, first / side);
    let mut best = u64::MAX;
    for h in 1..=side - y {
        for w in 1..=side - x {
            let row = ((1 << w) - 1) << x;
            let rect: u32 = (y..y + h).map(|j| row << (j * side)).sum();
            if cells & rect == rect {
                best = best.min(cost(w, h) + exhaustive(cells & !rect, side, cost));
            }
        }
    }
    best
}

#[test]
fn costs_of_small_masks_are_near_those_of_an_exhaustive_search() {
    // Cells of 15 nm: a side of one cell makes a sliver.
    let writer = VsbWriter::default();
    let cost = |w: u32, h: u32| 1 + u64::from(w.min(h) * 15 < 20);
    let (mut random, mut sums) = (Random(3), [0, 0]);
    for _ in 0..300 {
        let cells = (0..16).fold(0u32, |bits, i| bits | u32::from(random.below(10) < 7) << i);
        let on = (0..16).filter(|i| cells >> i & 1 == 1);
        let square = |i: i32| {
            let (x, y) = (i % 4 * 15, i / 4 * 15);
            Polygon::rect(Rect::new(x, y, x + 15, y + 15))
        };
        let mask: Vec<Polygon> = on.map(square).collect();
        let least = exhaustive(cells, 4, &cost);
        let found = vsb_count(&mask, &writer).unwrap().cost;
        assert!(found >= least, "{found} is less than any tiling costs, {least}");
        sums[0] += found;
        sums[1] += least;
    }
    println!("cost of 300 masks: found {}, least {}", sums[0], sums[1]);
    assert!(sums[0] * 100 <= sums[1] * 110, "found {}, least {}", sums[0], sums[1]);
}

#[test]
fn slivers_turn_the_cut() {
    // An L with a step of 10 nm: the cut along x leaves a sliver of 10 nm, the one along y none.
    let ring = [(0, 0), (200, 0), (200, 110), (90, 110), (90, 100), (0, 100)];
    let step = Polygon::simple(ring.map(|(x, y)| Point::new(x, y)).to_vec());
    let count = vsb_count(std::slice::from_ref(&step), &VsbWriter::default()).unwrap();
    assert_eq!(count, VsbCount { shots: 2, slivers: 0, cost: 2 });
    let fine = VsbWriter { sliver_nm: 10, ..VsbWriter::default() };
    assert_eq!(vsb_count(&[step], &fine).unwrap().slivers, 0);
}

#[test]
fn a_shot_is_no_larger_than_the_aperture_and_exactly_that_is_allowed() {
    let bar = |length| [Polygon::rect(Rect::new(0, 0, length, 50))];
    let shots = |length| vsb_count(&bar(length), &VsbWriter::default()).unwrap().shots;
    assert_eq!([shots(1000), shots(1001), shots(2001)], [1, 2, 3]);
}

#[test]
fn an_empty_mask_has_no_shots_and_a_slanted_one_no_count() {
    assert_eq!(vsb_count(&[], &VsbWriter::default()), Some(VsbCount::default()));
    let triangle = Polygon::simple(vec![Point::new(0, 0), Point::new(90, 0), Point::new(0, 90)]);
    assert_eq!(vsb_count(&[triangle], &VsbWriter::default()), None);
}
