//! Repetitions: finding them, and spelling them in the form that takes fewest bytes.

use super::bytes::{Vector, displacement, minus, unsigned};
use crate::layout;

/// Copies in a row that make an array of their own rather than part of an irregular list.
const LEAST_RUN: usize = 4;

/// Where copies are, relative to the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Steps {
    /// One alone.
    Single,
    /// Numbers and steps along two directions.
    Grid([u64; 2], [Vector; 2]),
    /// Displacements from the first copy, that one included, in the order to write.
    List(Vec<Vector>),
}

/// Some copies of one thing: where the first is, and the others.
pub(super) type Group = (Vector, Steps);

/// Puts positions, sorted by y, then x, together in arrays and lists: runs of equal steps become
/// rows, runs of equal rows arrays, and all that is left one list.
pub(super) fn arrange(places: &[Vector]) -> Vec<Group> {
    let (mut rows, mut left) = runs(places);
    // Rows of equal step and number that follow one another make an array.
    rows.sort_unstable_by_key(|r| (r.count, r.step, [r.at[1], r.at[0]]));
    let mut groups = Vec::new();
    let mut rest = rows.as_slice();
    while let [first, ..] = rest {
        let alike = rest.iter().take_while(|r| (r.count, r.step) == (first.count, first.step));
        let alike: Vec<Vector> = alike.map(|r| r.at).collect();
        let run = equal_steps(&alike);
        let step = if run > 1 { minus(alike[1], alike[0]) } else { [0, 0] };
        groups.push((first.at, Steps::Grid([first.count as u64, run as u64], [first.step, step])));
        rest = &rest[run..];
    }
    // A column that the order by rows did not show.
    left.sort_unstable();
    let (columns, mut left) = runs(&left);
    groups
        .extend(columns.iter().map(|c| (c.at, Steps::Grid([c.count as u64, 1], [c.step, [0, 0]]))));
    match left.as_slice() {
        [] => {}
        &[one] => groups.push((one, Steps::Single)),
        _ => {
            left = shorter_order(left);
            let first = left[0];
            groups.push((first, Steps::List(left.iter().map(|&p| minus(p, first)).collect())));
        }
    }
    groups
}

struct Run {
    at: Vector,
    step: Vector,
    count: usize,
}

/// Splits positions into long runs of equal steps and all others.
fn runs(places: &[Vector]) -> (Vec<Run>, Vec<Vector>) {
    let (mut runs, mut left) = (Vec::new(), Vec::new());
    let mut rest = places;
    while let [first, ..] = rest {
        let count = equal_steps(rest);
        let taken = if count >= LEAST_RUN {
            runs.push(Run { at: *first, step: minus(rest[1], *first), count });
            count
        } else {
            // The last one may begin another run.
            let taken = if count == rest.len() { count } else { (count - 1).max(1) };
            left.extend_from_slice(&rest[..taken]);
            taken
        };
        rest = &rest[taken..];
    }
    (runs, left)
}

/// How many positions, from the first on, follow one another in equal steps.
fn equal_steps(places: &[Vector]) -> usize {
    let [a, b, ..] = places else { return places.len() };
    let step = minus(*b, *a);
    let equal = places.windows(2).take_while(|pair| minus(pair[1], pair[0]) == step);
    1 + equal.count()
}

/// The order by rows or by columns, whichever has the shorter steps.
fn shorter_order(by_columns: Vec<Vector>) -> Vec<Vector> {
    let mut by_rows = by_columns.clone();
    by_rows.sort_unstable_by_key(|p| [p[1], p[0]]);
    let length = |places: &[Vector]| {
        let mut out = Vec::new();
        places.windows(2).for_each(|pair| displacement(&mut out, minus(pair[1], pair[0])));
        out.len()
    };
    if length(&by_columns) < length(&by_rows) { by_columns } else { by_rows }
}

/// A repetition of the layout as ones that OASIS holds.
pub(super) fn kept(repetition: &layout::Repetition) -> Vec<Group> {
    match repetition {
        layout::Repetition::Grid(array) => of_array(array),
        layout::Repetition::List(offsets) => {
            let mut offsets = offsets.to_vec();
            offsets.sort_unstable();
            let mut groups = Vec::new();
            while !offsets.is_empty() {
                let again = repeated(&offsets);
                offsets.dedup();
                groups.push(listed(&shorter_order(offsets)));
                offsets = again;
            }
            groups
        }
    }
}

/// Those of sorted positions that equal the one before. What lies on top of its like needs a
/// repetition of its own: readers take copies in one place as one.
pub(super) fn repeated(places: &[Vector]) -> Vec<Vector> {
    places.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[1]).collect()
}

/// Positions as one list.
fn listed(places: &[Vector]) -> Group {
    let first = places.first().copied().unwrap_or_default();
    (first, Steps::List(places.iter().map(|&p| minus(p, first)).collect()))
}

/// An array whose spans the numbers do not divide evenly becomes one of rows, or columns, alike.
fn of_array(array: &layout::Array) -> Vec<Group> {
    let counts = [array.columns.max(1), array.rows.max(1)];
    let spans = [array.column_span, array.row_span];
    let step = |axis: usize| {
        let count = i64::from(counts[axis]);
        let even = counts[axis] == 1 || spans[axis].iter().all(|v| v % count == 0);
        even.then(|| spans[axis].map(|v| v / count))
    };
    // How far each column (row) is moved: an element is moved by the sum of both.
    let places = |axis: usize| -> Vec<Vector> {
        let at = |i| if axis == 0 { array.offset(i, 0) } else { array.offset(0, i) };
        (0..counts[axis]).map(at).collect()
    };
    let each = |starts: Vec<Vector>, steps: Steps| {
        starts.into_iter().map(|at| (at, steps.clone())).collect()
    };
    let [columns, rows] = counts.map(u64::from);
    match [step(0), step(1)] {
        [Some(a), Some(b)] => vec![([0, 0], Steps::Grid([columns, rows], [a, b]))],
        [Some(a), None] => each(places(1), Steps::Grid([columns, 1], [a, [0, 0]])),
        [None, Some(b)] => each(places(0), Steps::Grid([1, rows], [[0, 0], b])),
        // Rounding moves every column alike, or each its own way.
        [None, None] if array.rounds_by_column() => each(places(0), Steps::List(places(1))),
        [None, None] => (0..counts[0])
            .map(|i| listed(&(0..counts[1]).map(|j| array.offset(i, j)).collect::<Vec<_>>()))
            .collect(),
    }
}

/// The bytes of a repetition; none for one alone.
pub(super) fn bytes(steps: &Steps) -> Vec<u8> {
    let mut out = Vec::new();
    match steps {
        Steps::Single => {}
        Steps::Grid(counts, steps) => grid(&mut out, *counts, *steps),
        Steps::List(places) => {
            if places.len() > 1 {
                let run = equal_steps(places);
                if run == places.len() {
                    grid(&mut out, [run as u64, 1], [minus(places[1], places[0]), [0, 0]]);
                } else {
                    list(&mut out, places);
                }
            }
        }
    }
    out
}

fn grid(out: &mut Vec<u8>, counts: [u64; 2], steps: [Vector; 2]) {
    let number = |out: &mut Vec<u8>, count: u64| unsigned(out, count - 2);
    let along = |step: Vector, axis: usize| step[1 - axis] == 0 && step[axis] >= 0;
    match counts {
        [0 | 1, 0 | 1] => {}
        [count, 0 | 1] | [0 | 1, count] => {
            let step = if counts[0] > 1 { steps[0] } else { steps[1] };
            let axis = (0..2).find(|&axis| along(step, axis));
            out.push(axis.map_or(9, |axis| 2 + axis as u8));
            number(out, count);
            match axis {
                Some(axis) => unsigned(out, step[axis] as u64),
                None => displacement(out, step),
            }
        }
        _ => {
            let turned = along(steps[0], 1) && along(steps[1], 0) && !along(steps[0], 0);
            let [i, j] = if turned { [1, 0] } else { [0, 1] };
            let upright = along(steps[i], 0) && along(steps[j], 1);
            out.push(if upright { 1 } else { 8 });
            number(out, counts[i]);
            number(out, counts[j]);
            if upright {
                unsigned(out, steps[i][0] as u64);
                unsigned(out, steps[j][1] as u64);
            } else {
                displacement(out, steps[i]);
                displacement(out, steps[j]);
            }
        }
    }
}

/// Types 4 to 7 along an axis, 10 and 11 anywhere; on a grid where all spaces have a factor.
fn list(out: &mut Vec<u8>, places: &[Vector]) {
    let spaces: Vec<Vector> = places.windows(2).map(|pair| minus(pair[1], pair[0])).collect();
    let along = |axis: usize| spaces.iter().all(|s| s[1 - axis] == 0 && s[axis] >= 0);
    let axis = (0..2).find(|&axis| along(axis));
    let factor = spaces.iter().flatten().fold(0, |g, v| gcd(g, v.unsigned_abs()));
    let plain = spelled(&spaces, axis, 1);
    let on_grid = if factor > 1 { Some(spelled(&spaces, axis, factor)) } else { None };
    out.extend(on_grid.filter(|o| o.len() < plain.len()).unwrap_or(plain));
}

fn spelled(spaces: &[Vector], axis: Option<usize>, grid: u64) -> Vec<u8> {
    let kind = axis.map_or(10, |axis| 4 + 2 * axis as u8);
    let mut out = vec![kind + u8::from(grid > 1)];
    unsigned(&mut out, spaces.len() as u64 - 1);
    if grid > 1 {
        unsigned(&mut out, grid);
    }
    // A factor of anything above 1 is below the largest positive number.
    let unit = grid as i64;
    for space in spaces {
        match axis {
            Some(axis) => unsigned(&mut out, (space[axis] / unit) as u64),
            None => displacement(&mut out, space.map(|v| v / unit)),
        }
    }
    out
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
