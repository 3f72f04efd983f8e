//! Topology: printed shapes against target shapes.
//!
//! Shapes are 4-connected sets of pixels. They are found by runs: rows of set pixels, joined where
//! runs of two rows share a column.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::VerifyError;
use crate::imaging::Bits;

/// How printed shapes (4-connected) fail to match target shapes one to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Target shapes that no printed shape meets.
    pub missing: u32,
    /// Target shapes that more than one printed shape meets.
    pub broken: u32,
    /// Printed shapes that meet more than one target shape.
    pub bridged: u32,
    /// Printed shapes that meet no target shape.
    pub extra: u32,
}

impl Topology {
    /// Whether every target shape prints as one shape of its own, and nothing else prints.
    pub fn is_sound(&self) -> bool {
        *self == Self::default()
    }

    /// How many shapes fail, in one way or another.
    pub fn faults(&self) -> u32 {
        self.missing + self.broken + self.bridged + self.extra
    }

    /// From the number of printed shapes that each target shape meets, and the other way round.
    fn counted(by_target: &[u32], by_printed: &[u32]) -> Self {
        let none = |counts: &[u32]| counts.iter().filter(|&&c| c == 0).count() as u32;
        let several = |counts: &[u32]| counts.iter().filter(|&&c| c > 1).count() as u32;
        Self {
            missing: none(by_target),
            broken: several(by_target),
            bridged: several(by_printed),
            extra: none(by_printed),
        }
    }

    /// The worse of two, figure by figure: over process corners.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        Self {
            missing: self.missing.max(other.missing),
            broken: self.broken.max(other.broken),
            bridged: self.bridged.max(other.bridged),
            extra: self.extra.max(other.extra),
        }
    }
}

/// How one shape fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrintFault {
    /// A target shape that no printed shape meets.
    Missing,
    /// A target shape that more than one printed shape meets.
    Broken,
    /// A printed shape that meets more than one target shape.
    Bridged,
    /// A printed shape that meets no target shape.
    Extra,
}

/// The shapes of a set of pixels.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    /// (row, first column, end column, shape), in order of row and column.
    runs: Vec<(u32, u32, u32, u32)>,
    count: usize,
}

impl Shapes {
    /// Finds the shapes: about runs·α(runs).
    pub fn new(bits: &Bits) -> Self {
        let mut runs: Vec<(u32, u32, u32, u32)> = Vec::new();
        let mut parent: Vec<u32> = Vec::new();
        let (mut row, mut below, mut first) = (0, 0..0, 0);
        bits.for_each_run(|y, x0, x1| {
            let (y, x0, x1) = (y as u32, x0 as u32, x1 as u32);
            if y != row {
                below = if y == row + 1 { first..runs.len() } else { 0..0 };
                (row, first) = (y, runs.len());
            }
            while below.start < below.end && runs[below.start].2 <= x0 {
                below.start += 1;
            }
            let mut label = None;
            for i in below.clone().take_while(|&i| runs[i].1 < x1) {
                let other = root(&mut parent, runs[i].3);
                label = Some(match label {
                    None => other,
                    Some(own) => {
                        let own = root(&mut parent, own);
                        parent[own.max(other) as usize] = own.min(other);
                        own.min(other)
                    }
                });
            }
            let label = label.unwrap_or_else(|| {
                parent.push(parent.len() as u32);
                parent.len() as u32 - 1
            });
            runs.push((y, x0, x1, label));
        });
        let (names, count) = names(&mut parent);
        for run in &mut runs {
            run.3 = names[run.3 as usize];
        }
        Self { runs, count }
    }

    /// These printed shapes against target shapes.
    pub fn against(&self, target: &Self) -> Topology {
        let (mut by_target, mut by_printed) = (vec![0u32; target.count], vec![0u32; self.count]);
        for (t, p) in self.meetings(target) {
            by_target[t as usize] += 1;
            by_printed[p as usize] += 1;
        }
        Topology::counted(&by_target, &by_printed)
    }

    /// Every failure of these printed shapes against target shapes, with a pixel (x, y) inside
    /// each shape that it concerns: the target shapes, or the printed one that is extra.
    pub fn faults(&self, target: &Self) -> Vec<(PrintFault, Vec<[u32; 2]>)> {
        let meetings = self.meetings(target);
        let (inside, printed) = (target.insides(), self.insides());
        let mut found = Vec::new();
        for (t, place) in inside.iter().enumerate() {
            match meetings.iter().filter(|m| m.0 as usize == t).count() {
                0 => found.push((PrintFault::Missing, vec![*place])),
                1 => {}
                _ => found.push((PrintFault::Broken, vec![*place])),
            }
        }
        for (p, place) in printed.iter().enumerate() {
            let met = meetings.iter().filter(|m| m.1 as usize == p);
            let met: Vec<[u32; 2]> = met.map(|m| inside[m.0 as usize]).collect();
            match met.len() {
                0 => found.push((PrintFault::Extra, vec![*place])),
                1 => {}
                _ => found.push((PrintFault::Bridged, met)),
            }
        }
        found
    }

    /// The middle (x, y) of the longest run of each shape.
    fn insides(&self) -> Vec<[u32; 2]> {
        let mut longest = vec![(0, [0; 2]); self.count];
        for &(y, x0, x1, shape) in &self.runs {
            let best = &mut longest[shape as usize];
            if x1 - x0 > best.0 {
                *best = (x1 - x0, [u32::midpoint(x0, x1), y]);
            }
        }
        longest.into_iter().map(|(_, place)| place).collect()
    }

    /// Each two shapes (target, printed) that share a pixel, once, in order.
    fn meetings(&self, target: &Self) -> Vec<(u32, u32)> {
        let mut meetings = Vec::new();
        let mut first = 0;
        for &(y, x0, x1, printed) in &self.runs {
            let before = |&(row, _, end, _): &(u32, u32, u32, u32)| (row, end) <= (y, x0);
            while target.runs.get(first).is_some_and(before) {
                first += 1;
            }
            let meets = |t: &&(u32, u32, u32, u32)| t.0 == y && t.1 < x1;
            meetings.extend(target.runs[first..].iter().take_while(meets).map(|t| (t.3, printed)));
        }
        meetings.sort_unstable();
        meetings.dedup();
        meetings
    }
}

/// Names the roots from 0 in order, and everything by its root; how many there are.
fn names(parent: &mut [u32]) -> (Vec<u32>, usize) {
    let mut names = vec![0; parent.len()];
    let mut count = 0;
    for i in 0..parent.len() as u32 {
        let top = root(parent, i);
        if top == i {
            names[i as usize] = count;
            count += 1;
        } else {
            // A root is the least of its shape, so it has its name already.
            names[i as usize] = names[top as usize];
        }
    }
    (names, count as usize)
}

/// Compares printed pixels with target pixels, both `[y, x]` of one shape.
///
/// # Errors
/// The two differ in shape.
pub fn topology(
    target: ArrayView2<'_, bool>,
    printed: ArrayView2<'_, bool>,
) -> Result<Topology, VerifyError> {
    if target.dim() != printed.dim() {
        let shape = |(y, x): (usize, usize)| [y, x];
        let (found, expected) = (shape(printed.dim()), shape(target.dim()));
        return Err(VerifyError::ImageSize { image: "printed", found, expected });
    }
    let bits = |pixels: ArrayView2<'_, bool>| {
        Bits::from_fn(pixels.nrows(), pixels.ncols(), |y, x| pixels[[y, x]])
    };
    Ok(Shapes::new(&bits(printed)).against(&Shapes::new(&bits(target))))
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn image(rows: &[&str]) -> Array2<bool> {
        let width = rows[0].len();
        let pixels = rows.iter().flat_map(|r| r.bytes().map(|b| b == b'#')).collect();
        Array2::from_shape_vec((rows.len(), width), pixels).unwrap()
    }

    fn verdict(target: &[&str], printed: &[&str]) -> Topology {
        topology(image(target).view(), image(printed).view()).unwrap()
    }

    #[test]
    fn a_faithful_print_is_sound() {
        let lines = ["###..##", "....###", "##....."];
        assert!(verdict(&lines, &["##...##", "....##.", "###...."]).is_sound());
    }

    #[test]
    fn each_failure_names_a_place_in_the_shapes_it_concerns() {
        let shapes = |rows: &[&str]| {
            let pixels = image(rows);
            Shapes::new(&Bits::from_fn(pixels.nrows(), pixels.ncols(), |y, x| pixels[[y, x]]))
        };
        let target = shapes(&["###.###.#", ".........", "#####...."]);
        let printed = shapes(&["#######..", ".........", "#.#.....#"]);
        assert_eq!(
            printed.faults(&target),
            [
                (PrintFault::Missing, vec![[8, 0]]),
                (PrintFault::Broken, vec![[2, 2]]),
                (PrintFault::Bridged, vec![[1, 0], [5, 0]]),
                (PrintFault::Extra, vec![[8, 2]]),
            ]
        );
        assert_eq!(target.faults(&target), []);
    }

    #[test]
    fn each_failure_is_counted_as_what_it_is() {
        let target = ["###.###", ".......", "#######"];
        let missing = Topology { missing: 1, ..Topology::default() };
        assert_eq!(verdict(&target, &["###....", ".......", "#######"]), missing);
        let broken = Topology { broken: 1, ..Topology::default() };
        assert_eq!(verdict(&target, &["###.###", ".......", "###.###"]), broken);
        let bridged = Topology { bridged: 1, ..Topology::default() };
        assert_eq!(verdict(&target, &["#######", ".......", "#######"]), bridged);
        let extra = Topology { extra: 1, ..Topology::default() };
        assert_eq!(verdict(&["#..", "...", "..."], &["#..", "...", "..#"]), extra);
    }

    /// The obvious twin: floods each shape pixel by pixel.
    fn flooded(image: &Array2<bool>) -> (Array2<usize>, usize) {
        let (ny, nx) = image.dim();
        let (mut labels, mut count) = (Array2::zeros((ny, nx)), 0);
        for start in (0..ny * nx).filter(|i| image[[i / nx, i % nx]]) {
            if labels[[start / nx, start % nx]] != 0 {
                continue;
            }
            count += 1;
            let mut open = vec![(start / nx, start % nx)];
            while let Some((y, x)) = open.pop() {
                if y >= ny || x >= nx || !image[[y, x]] || labels[[y, x]] != 0 {
                    continue;
                }
                labels[[y, x]] = count;
                open.extend([
                    (y + 1, x),
                    (y, x + 1),
                    (y.wrapping_sub(1), x),
                    (y, x.wrapping_sub(1)),
                ]);
            }
        }
        (labels, count)
    }

    #[test]
    fn shapes_by_runs_are_those_of_a_flood() {
        let mut state = 5u64;
        let mut random = |share: u64| {
            let picture = |_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 33) % 100 < share
            };
            Array2::from_shape_fn((37, 50), picture)
        };
        for share in [20, 45, 55, 60, 70] {
            let (target, printed) = (random(share), random(share));
            let ((t, t_count), (p, p_count)) = (flooded(&target), flooded(&printed));
            let mut meetings: Vec<_> =
                t.iter().zip(&p).filter(|(t, p)| **t * **p != 0).map(|(t, p)| (*t, *p)).collect();
            meetings.sort_unstable();
            meetings.dedup();
            let (mut by_target, mut by_printed) = (vec![0; t_count], vec![0; p_count]);
            for (t, p) in meetings {
                by_target[t - 1] += 1;
                by_printed[p - 1] += 1;
            }
            let slow = Topology::counted(&by_target, &by_printed);
            assert_eq!(topology(target.view(), printed.view()).unwrap(), slow);
            assert!(share > 60 || slow.faults() > 0);
        }
    }

    #[test]
    fn corners_do_not_connect_and_spirals_do() {
        let count = |rows: &[&str]| {
            let image = image(rows);
            let bits = Bits::from_fn(image.nrows(), image.ncols(), |y, x| image[[y, x]]);
            Shapes::new(&bits).count
        };
        assert_eq!(count(&["#.#", ".#.", "#.#"]), 5);
        assert_eq!(count(&["#####", "....#", "###.#", "#...#", "#####"]), 1);
        assert_eq!(count(&["#.#.#", "#.#.#", "#####"]), 1);
    }

    #[test]
    fn the_worst_of_two_corners_is_taken_figure_by_figure() {
        let a = Topology { missing: 1, extra: 2, ..Topology::default() };
        let b = Topology { broken: 3, extra: 1, ..Topology::default() };
        assert_eq!(a.worst(b), Topology { missing: 1, broken: 3, bridged: 0, extra: 2 });
    }
}
