//! Largest matching of a bipartite graph (Hopcroft and Karp 1973).

use std::collections::VecDeque;

const FREE: u32 = u32::MAX;

/// Size of the largest matching between left nodes, given by their right neighbours, and
/// `right_count` right nodes. Neighbours out of range are left out. O(edges·√nodes).
pub(crate) fn largest_matching(neighbours: &[Vec<u32>], right_count: usize) -> usize {
    Matching::largest(neighbours, right_count).left.iter().filter(|j| **j != FREE).count()
}

/// A largest set of nodes without an edge between them, as marks on left and right nodes: what is
/// left of all nodes by a smallest cover (König 1931). Arguments as of [`largest_matching`].
pub(crate) fn independent_set(
    neighbours: &[Vec<u32>],
    right_count: usize,
) -> (Vec<bool>, Vec<bool>) {
    // The last layering has reached, by alternating paths from free left nodes, all it can.
    let left: Vec<bool> =
        Matching::largest(neighbours, right_count).level.iter().map(|l| *l != FREE).collect();
    let mut right = vec![true; right_count];
    for j in neighbours.iter().zip(&left).filter(|(_, reached)| **reached).flat_map(|(n, _)| n) {
        if let Some(kept) = right.get_mut(*j as usize) {
            *kept = false;
        }
    }
    (left, right)
}

struct Matching<'a> {
    neighbours: &'a [Vec<u32>],
    left: Vec<u32>,
    right: Vec<u32>,
    level: Vec<u32>,
    next: Vec<usize>,
}

impl<'a> Matching<'a> {
    /// A matching that no path can make larger.
    fn largest(neighbours: &'a [Vec<u32>], right_count: usize) -> Self {
        let mut m = Self {
            neighbours,
            left: vec![FREE; neighbours.len()],
            right: vec![FREE; right_count],
            level: vec![FREE; neighbours.len()],
            next: vec![0; neighbours.len()],
        };
        while m.layer() {
            m.next.fill(0);
            for start in 0..neighbours.len() {
                if m.left[start] == FREE {
                    m.augment(start);
                }
            }
        }
        m
    }

    /// Layers the left nodes by alternating distance from free ones; whether a free right node
    /// can be reached.
    fn layer(&mut self) -> bool {
        let mut queue = VecDeque::new();
        for (i, level) in self.level.iter_mut().enumerate() {
            *level = if self.left[i] == FREE { 0 } else { FREE };
            if *level == 0 {
                queue.push_back(i);
            }
        }
        let mut reached = false;
        while let Some(i) = queue.pop_front() {
            for &j in &self.neighbours[i] {
                match self.right.get(j as usize) {
                    Some(&FREE) => reached = true,
                    Some(&owner) if self.level[owner as usize] == FREE => {
                        self.level[owner as usize] = self.level[i] + 1;
                        queue.push_back(owner as usize);
                    }
                    _ => {}
                }
            }
        }
        reached
    }

    /// Looks for a free right node down the layers and flips the path to it.
    fn augment(&mut self, start: usize) -> bool {
        let mut path = vec![start];
        while let Some(&i) = path.last() {
            let Some(&j) = self.neighbours[i].get(self.next[i]) else {
                path.pop();
                continue;
            };
            self.next[i] += 1;
            match self.right.get(j as usize) {
                Some(&FREE) => {
                    self.flip(&path);
                    return true;
                }
                Some(&owner) if self.level[owner as usize] == self.level[i] + 1 => {
                    path.push(owner as usize);
                }
                _ => {}
            }
        }
        false
    }

    /// Matches every node of the path to the neighbour it was left by.
    fn flip(&mut self, path: &[usize]) {
        for &i in path {
            let j = self.neighbours[i][self.next[i] - 1];
            self.left[i] = j;
            self.right[j as usize] = i as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries every choice.
    fn slow(neighbours: &[Vec<u32>], taken: u64) -> usize {
        let Some((first, rest)) = neighbours.split_first() else { return 0 };
        let with = first.iter().filter(|&&j| taken >> j & 1 == 0);
        with.map(|&j| 1 + slow(rest, taken | 1 << j)).max().unwrap_or(0).max(slow(rest, taken))
    }

    #[test]
    fn matching_is_as_large_as_exhaustive_search_finds() {
        let mut state = 1u64;
        for _ in 0..300 {
            let mut edge = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                state >> 60 < 5
            };
            let graph: Vec<Vec<u32>> =
                (0..7).map(|_| (0..6).filter(|_| edge()).collect()).collect();
            assert_eq!(largest_matching(&graph, 6), slow(&graph, 0), "{graph:?}");
            let (left, right) = independent_set(&graph, 6);
            let apart = |i: usize, j: u32| !(left[i] && right[j as usize]);
            assert!(graph.iter().enumerate().all(|(i, n)| n.iter().all(|&j| apart(i, j))));
            let kept = left.iter().chain(&right).filter(|k| **k).count();
            assert_eq!(kept, 7 + 6 - slow(&graph, 0), "{graph:?}");
        }
    }

    #[test]
    fn a_graph_without_edges_has_none() {
        assert_eq!(largest_matching(&[], 0), 0);
        assert_eq!(largest_matching(&[vec![], vec![]], 3), 0);
    }
}
