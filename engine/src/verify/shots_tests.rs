use super::*;
use crate::geometry::{Point, Rect};

/// Deterministic random numbers (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

type Raster = Vec<Vec<bool>>;

fn random_raster(random: &mut Random, w: usize, h: usize, percent: u64) -> Raster {
    (0..h).map(|_| (0..w).map(|_| random.below(100) < percent).collect()).collect()
}

/// One square a pixel: unmerged polygons.
fn pixels(raster: &Raster) -> Vec<Polygon> {
    let mut out = Vec::new();
    for (y, row) in raster.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, p)| **p) {
            let (x, y) = (x as i32 * 7 - 11, y as i32 * 5 - 3);
            out.push(Polygon::rect(Rect::new(x, y, x + 7, y + 5)));
        }
    }
    out
}

fn at(raster: &Raster, y: isize, x: isize) -> bool {
    usize::try_from(y).ok().and_then(|y| raster.get(y)).is_some_and(|row| {
        usize::try_from(x).ok().and_then(|x| row.get(x)).copied().unwrap_or(false)
    })
}

/// Number of regions of pixels with the given value, over a frame one pixel wider all round.
fn regions(raster: &Raster, value: bool, diagonal: bool) -> usize {
    let (h, w) = (raster.len() as isize + 2, raster[0].len() as isize + 2);
    let mut seen = vec![false; (w * h) as usize];
    let mut count = 0;
    for start in 0..w * h {
        if seen[start as usize] || at(raster, start / w - 1, start % w - 1) != value {
            continue;
        }
        count += 1;
        seen[start as usize] = true;
        let mut stack = vec![start];
        while let Some(p) = stack.pop() {
            for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
                let (y, x) = (p / w + dy, p % w + dx);
                let inside = (0..h).contains(&y) && (0..w).contains(&x);
                if inside
                    && (diagonal || dy == 0 || dx == 0)
                    && !seen[(y * w + x) as usize]
                    && at(raster, y - 1, x - 1) == value
                {
                    seen[(y * w + x) as usize] = true;
                    stack.push(y * w + x);
                }
            }
        }
    }
    count
}

/// The pixel form: chords along rows of corners, then the same on the transposed raster.
fn slow_shots(raster: &Raster) -> u32 {
    let (h, w) = (raster.len() as isize, raster[0].len() as isize);
    let transposed: Raster =
        (0..w).map(|x| (0..h).map(|y| raster[y as usize][x as usize]).collect()).collect();
    let reflex = |r: &Raster, y: isize, x: isize| {
        [(y - 1, x - 1), (y - 1, x), (y, x - 1), (y, x)].iter().filter(|p| at(r, p.0, p.1)).count()
            == 3
    };
    let chords = |r: &Raster, h: isize, w: isize| {
        let mut out = Vec::new();
        for y in 0..=h {
            let corners: Vec<isize> = (0..=w).filter(|&x| reflex(r, y, x)).collect();
            for c in corners.windows(2) {
                if (c[0]..c[1]).all(|x| at(r, y - 1, x) && at(r, y, x)) {
                    out.push((y, c[0], c[1]));
                }
            }
        }
        out
    };
    let horizontal = chords(raster, h, w);
    let vertical = chords(&transposed, w, h);
    let crossings: Vec<Vec<u32>> = horizontal
        .iter()
        .map(|&(y, x0, x1)| {
            (0..vertical.len() as u32)
                .filter(|&j| {
                    let (x, y0, y1) = vertical[j as usize];
                    x0 <= x && x <= x1 && y0 <= y && y <= y1
                })
                .collect()
        })
        .collect();
    let corners =
        (0..=h).flat_map(|y| (0..=w).map(move |x| (y, x))).filter(|&(y, x)| reflex(raster, y, x));
    let matched = largest_matching(&crossings, vertical.len());
    let parts = regions(raster, true, false) as i64;
    let holes = regions(raster, false, true) as i64 - 1;
    let kept = (horizontal.len() + vertical.len() - matched) as i64;
    (corners.count() as i64 - kept - holes + parts) as u32
}

/// Least tiling by trying every rectangle at the first pixel left.
fn exhaustive(raster: &Raster) -> u32 {
    fn solve(mask: u32, w: usize, memo: &mut BTreeMap<u32, u32>) -> u32 {
        if mask == 0 {
            return 0;
        }
        if let Some(&known) = memo.get(&mask) {
            return known;
        }
        let first = mask.trailing_zeros() as usize;
        let (y, x) = (first / w, first % w);
        let mut best = u32::MAX;
        for x1 in x..w {
            let mut block = 0u32;
            for y1 in y..(32 / w) {
                let row = (x..=x1).fold(0, |r, c| r | 1 << (y1 * w + c));
                if mask & row != row {
                    break;
                }
                block |= row;
                best = best.min(1 + solve(mask & !block, w, memo));
            }
        }
        memo.insert(mask, best);
        best
    }
    let w = raster[0].len();
    let bits = raster.iter().flatten().enumerate().filter(|(_, p)| **p);
    solve(bits.fold(0, |mask, (i, _)| mask | 1 << i), w, &mut BTreeMap::new())
}

#[test]
fn shots_equal_the_pixel_form_on_random_rasters() {
    let mut random = Random(7);
    for round in 0..400 {
        let (w, h) = (2 + random.below(14) as usize, 2 + random.below(14) as usize);
        let raster = random_raster(&mut random, w, h, 35 + round % 60);
        assert_eq!(shots(&pixels(&raster)), slow_shots(&raster), "{raster:?}");
    }
}

#[test]
fn shots_are_the_least_tiling_of_tiny_rasters() {
    let mut random = Random(11);
    for round in 0..200 {
        let raster = random_raster(&mut random, 4, 4, 45 + round % 50);
        assert_eq!(shots(&pixels(&raster)), exhaustive(&raster), "{raster:?}");
    }
}

#[test]
fn an_ell_takes_two_shots_and_a_cross_three() {
    let ring =
        |p: &[(i32, i32)]| Polygon::simple(p.iter().map(|&(x, y)| Point::new(x, y)).collect());
    let ell = ring(&[(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)]);
    assert_eq!(shots(std::slice::from_ref(&ell)), 2);
    let cross = [Polygon::rect(Rect::new(0, 10, 30, 20)), Polygon::rect(Rect::new(10, 0, 20, 30))];
    assert_eq!(shots(&cross), 3);
    assert_eq!(shots(&[]), 0);
}

#[test]
fn a_frame_takes_four_shots_and_its_island_one_more() {
    let frame = Polygon {
        outer: Rect::new(0, 0, 90, 90).corners().to_vec(),
        holes: vec![Rect::new(30, 30, 60, 60).corners().into_iter().rev().collect()],
    };
    assert_eq!(shots(std::slice::from_ref(&frame)), 4);
    assert_eq!(shots(&[frame, Polygon::rect(Rect::new(40, 40, 50, 50))]), 5);
}

#[test]
fn squares_touching_at_a_corner_take_two_shots() {
    let touching =
        [Polygon::rect(Rect::new(0, 0, 10, 10)), Polygon::rect(Rect::new(10, 10, 20, 20))];
    assert_eq!(shots(&touching), 2);
}
