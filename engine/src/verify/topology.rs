//! Topology: printed shapes against target shapes.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::VerifyError;

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
    let (wanted, wanted_count) = label(target);
    let (found, found_count) = label(printed);
    let mut meetings = BTreeSet::new();
    let mut last = (0, 0);
    for (&t, &p) in wanted.iter().zip(&found) {
        if t != 0 && p != 0 && (t, p) != last {
            last = (t, p);
            meetings.insert(last);
        }
    }
    let mut by_target = vec![0u32; wanted_count];
    let mut by_printed = vec![0u32; found_count];
    for (t, p) in meetings {
        by_target[t as usize - 1] += 1;
        by_printed[p as usize - 1] += 1;
    }
    let none = |counts: &[u32]| counts.iter().filter(|&&c| c == 0).count() as u32;
    let several = |counts: &[u32]| counts.iter().filter(|&&c| c > 1).count() as u32;
    Ok(Topology {
        missing: none(&by_target),
        broken: several(&by_target),
        bridged: several(&by_printed),
        extra: none(&by_printed),
    })
}

/// Labels 4-connected shapes from 1 in the order they are met; 0 elsewhere. Two passes.
fn label(image: ArrayView2<'_, bool>) -> (Array2<u32>, usize) {
    let mut parent: Vec<u32> = vec![0];
    let mut labels = Array2::zeros(image.dim());
    for ((y, x), _) in image.indexed_iter().filter(|(_, p)| **p) {
        let left = if x > 0 { labels[[y, x - 1]] } else { 0 };
        let below = if y > 0 { labels[[y - 1, x]] } else { 0 };
        labels[[y, x]] = match (left, below) {
            (0, 0) => {
                parent.push(parent.len() as u32);
                parent.len() as u32 - 1
            }
            (own, 0) | (0, own) => own,
            (a, b) => {
                let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                parent[a.max(b) as usize] = a.min(b);
                a.min(b)
            }
        };
    }
    // A root is the least label of its shape, so names are given in order.
    let mut names = vec![0u32; parent.len()];
    let mut count = 0;
    for i in 1..parent.len() as u32 {
        let top = root(&mut parent, i);
        if top == i {
            count += 1;
            names[i as usize] = count;
        } else {
            names[i as usize] = names[top as usize];
        }
    }
    labels.mapv_inplace(|l| names[l as usize]);
    (labels, count as usize)
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

    #[test]
    fn corners_do_not_connect_and_spirals_do() {
        let (labels, count) = label(image(&["#.#", ".#.", "#.#"]).view());
        assert_eq!((count, labels[[2, 2]]), (5, 5));
        let spiral = image(&["#####", "....#", "###.#", "#...#", "#####"]);
        assert_eq!(label(spiral.view()).1, 1);
        let comb = image(&["#.#.#", "#.#.#", "#####"]);
        let (labels, count) = label(comb.view());
        assert_eq!((count, labels[[0, 4]]), (1, 1));
    }

    #[test]
    fn the_worst_of_two_corners_is_taken_figure_by_figure() {
        let a = Topology { missing: 1, extra: 2, ..Topology::default() };
        let b = Topology { broken: 3, extra: 1, ..Topology::default() };
        assert_eq!(a.worst(b), Topology { missing: 1, broken: 3, bridged: 0, extra: 2 });
    }
}
