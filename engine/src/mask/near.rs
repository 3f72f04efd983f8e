//! Neighbour search: which boxes come near each other.

/// A closed box: `along` an axis and `at` across it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub along: [f64; 2],
    pub at: [f64; 2],
}

impl Extent {
    fn meets_along(&self, other: &Self) -> bool {
        self.along[0] <= other.along[1] && other.along[0] <= self.along[1]
    }
}

/// Calls `visit(i, j)`, i < j, once for each two boxes that meet, in a fixed order.
///
/// Boxes are put into bins along the axis and swept across it inside each bin; a pair is
/// reported in the bin where its common stretch begins. About O(n log n + pairs).
pub(crate) fn near_pairs(boxes: &[Extent], mut visit: impl FnMut(usize, usize)) {
    let total: f64 = boxes.iter().map(|b| b.along[1] - b.along[0]).sum();
    let bin = (2.0 * total / boxes.len().max(1) as f64).max(64.0);
    let bin_of = |along: f64| (along / bin).floor() as i64;
    let mut entries = Vec::with_capacity(2 * boxes.len());
    for (i, b) in boxes.iter().enumerate() {
        entries.extend((bin_of(b.along[0])..=bin_of(b.along[1])).map(|k| (k, b.at[0], i)));
    }
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    for (first, &(k, _, i)) in entries.iter().enumerate() {
        let reach = boxes[i].at[1];
        for &(_, _, j) in
            entries[first + 1..].iter().take_while(|&&(other, at, _)| other == k && at <= reach)
        {
            let begins = boxes[i].along[0].max(boxes[j].along[0]);
            if boxes[i].meets_along(&boxes[j]) && bin_of(begins) == k {
                visit(i.min(j), i.max(j));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_meets_is_visited_once() {
        let mut state = 3u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((state >> 33) % n) as f64
        };
        let boxes: Vec<Extent> = (0..150)
            .map(|i| {
                let (a, b) = (below(900) - 450.0, below(300) - 150.0);
                let long = if i % 40 == 0 { 500.0 } else { 30.0 };
                Extent { along: [a, a + below(60) + long], at: [b, b + below(25)] }
            })
            .collect();
        let mut found = Vec::new();
        near_pairs(&boxes, |i, j| found.push((i, j)));
        found.sort_unstable();
        let mut expected = Vec::new();
        for i in 0..boxes.len() {
            for j in i + 1..boxes.len() {
                let (a, b) = (&boxes[i], &boxes[j]);
                if a.meets_along(b) && a.at[0] <= b.at[1] && b.at[0] <= a.at[1] {
                    expected.push((i, j));
                }
            }
        }
        assert!(expected.len() > 100);
        assert_eq!(found, expected);
    }
}
