//! Point lists in the form that takes fewest bytes.

use super::bytes::{Vector, directed, displacement, minus, octangular, signed, unsigned};

/// The corners of a polygon; the first is its origin.
pub(super) fn ring(points: &[Vector]) -> Vec<u8> {
    let steps = steps(points);
    let closing = points.last().map_or([0, 0], |&last| minus(points[0], last));
    let all: Vec<Vector> = steps.iter().copied().chain([closing]).collect();
    // Two steps follow from the others where the ring goes on in turns of x and y.
    if points.len() >= 4
        && points.len().is_multiple_of(2)
        && let Some(first) = turns(&all)
    {
        return in_turns(first, &steps[..steps.len() - 1]);
    }
    general(&steps)
}

/// The points of a path; the first is its origin.
pub(super) fn spine(points: &[Vector]) -> Vec<u8> {
    let mut steps = steps(points);
    if steps.is_empty() {
        // A list holds at least one step.
        steps.push([0, 0]);
    }
    match turns(&steps) {
        Some(first) => in_turns(first, &steps),
        None => general(&steps),
    }
}

fn steps(points: &[Vector]) -> Vec<Vector> {
    points.windows(2).map(|pair| minus(pair[1], pair[0])).collect()
}

/// The axis of the first step where all follow the axes in turns.
fn turns(steps: &[Vector]) -> Option<usize> {
    let first = usize::from(steps.first()?[0] == 0);
    let along = |i: usize| (first + i) % 2;
    let in_turn = |(i, s): (usize, &Vector)| s[along(i)] != 0 && s[1 - along(i)] == 0;
    steps.iter().enumerate().all(in_turn).then_some(first)
}

/// Types 0 and 1.
fn in_turns(first: usize, steps: &[Vector]) -> Vec<u8> {
    let mut out = vec![first as u8];
    unsigned(&mut out, steps.len() as u64);
    for (i, step) in steps.iter().enumerate() {
        signed(&mut out, step[(first + i) % 2]);
    }
    out
}

/// Types 2 to 5.
fn general(steps: &[Vector]) -> Vec<u8> {
    let directions: Option<Vec<(u8, u64)>> = steps.iter().map(|&s| octangular(s)).collect();
    let head = |kind: u8| {
        let mut out = vec![kind];
        unsigned(&mut out, steps.len() as u64);
        out
    };
    if let Some(directions) = directions {
        let manhattan = directions.iter().all(|d| d.0 < 4);
        let (kind, bits) = if manhattan { (2, 2) } else { (3, 3) };
        let mut out = head(kind);
        for direction in directions {
            directed(&mut out, direction, bits);
        }
        return out;
    }
    let mut plain = head(4);
    for &step in steps {
        displacement(&mut plain, step);
    }
    let mut changes = head(5);
    let mut before = [0, 0];
    for &step in steps {
        displacement(&mut changes, minus(step, before));
        before = step;
    }
    if changes.len() < plain.len() { changes } else { plain }
}
