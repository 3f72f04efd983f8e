//! Point lists: the vertices of polygons and the spines of paths.

use super::stream::{Parsed, Stream, sum};

/// What a point list is for: a polygon may leave out a point that follows from the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Polygon,
    Path,
}

/// Reads a point list: all points relative to the first, which is `[0, 0]`.
pub(super) fn read(stream: &mut Stream, purpose: Use) -> Parsed<Vec<[i64; 2]>> {
    let kind = stream.unsigned()?;
    if kind > 5 {
        return Err(format!("point-list type {kind}; expected 0 to 5").into());
    }
    let claimed = stream.unsigned()?;
    let count = stream.checked_count(claimed, 1, "points")?;
    check_count(kind, count, purpose)?;
    let mut points = stream.list_of(count.saturating_add(2))?;
    let (mut at, mut step) = ([0; 2], [0; 2]);
    points.push(at);
    for i in 0..count {
        step = match kind {
            0 | 1 => {
                let along = stream.coordinate()?;
                if (i + kind as usize).is_multiple_of(2) { [along, 0] } else { [0, along] }
            }
            2 => stream.manhattan()?,
            3 => stream.diagonal()?,
            4 => stream.displacement()?,
            _ => sum(step, stream.displacement()?)?,
        };
        at = sum(at, step)?;
        points.push(at);
    }
    if purpose == Use::Polygon && kind < 2 {
        // The list goes on in turns of x and y: one more corner, then back to the first.
        points.push(if kind == 0 { [0, at[1]] } else { [at[0], 0] });
    }
    Ok(points)
}

fn check_count(kind: u64, count: usize, purpose: Use) -> Parsed<()> {
    let alternating = kind < 2 && purpose == Use::Polygon;
    if alternating && count % 2 == 1 {
        let problem =
            format!("{count} points in a list of type {kind}; polygons need an even number");
        return Err(problem.into());
    }
    let least = if purpose == Use::Polygon { 2 } else { 1 };
    if count < least {
        return Err(format!("{count} points in the list; expected at least {least}").into());
    }
    Ok(())
}
