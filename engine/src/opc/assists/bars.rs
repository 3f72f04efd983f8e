//! SRAFs by rule: bars along the target's edges at given distances.

use super::Barred;
use crate::geometry::{Point, Polygon, Rect, edges};
use crate::imaging::Grid;
use crate::opc::Assists;

/// Bars `width_nm` wide along the edges of a Manhattan target: the first `distance_nm` outward of
/// an edge, the next `pitch_nm` further, `bars` in all; cut to free stretches of `min_length_nm`
/// to `max_length_nm`, each `apart` nm from the others. Longer edges come first.
pub(in crate::opc) fn bars(
    target: &[Polygon],
    grid: &Grid,
    recipe: &Assists,
    apart: f64,
    barred: &Barred,
    room: usize,
) -> Vec<Rect> {
    let mut sides: Vec<(Point, Point)> =
        target.iter().flat_map(Polygon::rings).flat_map(edges).collect();
    let length = |(a, b): &(Point, Point)| {
        (i64::from(b.x) - i64::from(a.x)).abs() + (i64::from(b.y) - i64::from(a.y)).abs()
    };
    sides.sort_by_key(|side| std::cmp::Reverse(length(side)));
    let mut free = barred.clone();
    let mut found = Vec::new();
    for (a, b) in sides {
        for k in 0..recipe.bars {
            let away = recipe.distance_nm + f64::from(k) * recipe.pitch_nm;
            for bar in stretches(bar(a, b, away, recipe.width_nm), grid, recipe, &free) {
                if found.len() >= room {
                    return found;
                }
                free.add_rect(bar, apart);
                found.push(bar);
            }
        }
    }
    found
}

/// The bar beside an edge that keeps the interior on its left.
fn bar(a: Point, b: Point, away: f64, width: f64) -> Rect {
    let (near, far) = (away.round() as i32, (away + width).round() as i32);
    let (min, max) =
        (Point::new(a.x.min(b.x), a.y.min(b.y)), Point::new(a.x.max(b.x), a.y.max(b.y)));
    if a.y == b.y && b.x > a.x {
        Rect::new(min.x, a.y - far, max.x, a.y - near)
    } else if a.y == b.y {
        Rect::new(min.x, a.y + near, max.x, a.y + far)
    } else if b.y > a.y {
        Rect::new(a.x + near, min.y, a.x + far, max.y)
    } else {
        Rect::new(a.x - far, min.y, a.x - near, max.y)
    }
}

/// The free stretches of a bar, in whole cells along it.
fn stretches(bar: Rect, grid: &Grid, recipe: &Assists, barred: &Barred) -> Vec<Rect> {
    let along_x = bar.width() >= bar.height();
    let step = grid.pixel_nm.round().max(1.0) as i32;
    let (start, end) = if along_x { (bar.min.x, bar.max.x) } else { (bar.min.y, bar.max.y) };
    let piece = |from: i32, to: i32| {
        if along_x {
            Rect::new(from, bar.min.y, to, bar.max.y)
        } else {
            Rect::new(bar.min.x, from, bar.max.x, to)
        }
    };
    let longest = recipe.max_length_nm.max(recipe.min_length_nm).round() as i32;
    let mut found = Vec::new();
    let mut from = start;
    while from < end {
        let mut to = from;
        while to < end && to - from < longest {
            let next = (to + step).min(end);
            if !is_free(piece(to, next), grid, barred) {
                break;
            }
            to = next;
        }
        if f64::from(to - from) >= recipe.min_length_nm {
            found.push(piece(from, to));
            // The next piece of a long bar keeps its distance.
            to += recipe.apart_nm.ceil() as i32;
        }
        from = to.max(from + step);
    }
    found
}

fn is_free(rect: Rect, grid: &Grid, barred: &Barred) -> bool {
    let span = |lo: i32, hi: i32, axis: usize, count: usize| {
        let cell = |v: i32| (f64::from(v) - grid.origin_nm[axis]) / grid.pixel_nm;
        let (first, end) = (cell(lo).floor(), cell(hi).ceil());
        (first >= 0.0 && end <= count as f64).then_some(first as usize..end as usize)
    };
    let (Some(xs), Some(ys)) =
        (span(rect.min.x, rect.max.x, 0, grid.nx), span(rect.min.y, rect.max.y, 1, grid.ny))
    else {
        return false;
    };
    ys.into_iter().all(|y| xs.clone().all(|x| !barred.cells()[[y, x]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_run_along_free_sides_at_their_distance() {
        let grid = Grid { origin_nm: [-300.0, -300.0], pixel_nm: 8.0, nx: 120, ny: 120 };
        let target =
            [Polygon::rect(Rect::new(0, 0, 320, 80)), Polygon::rect(Rect::new(0, 180, 320, 260))];
        let mut barred = Barred::new(&grid);
        for shape in &target {
            barred.add_polygon(shape, 60.0);
        }
        let recipe = Assists { max_length_nm: 400.0, ..Assists::default() };
        let found = bars(&target, &grid, &recipe, 40.0, &barred, 99);
        // Nothing fits between the two lines; the outer sides and the ends have one each.
        assert!(found.contains(&Rect::new(0, -140, 320, -100)), "{found:?}");
        assert!(found.contains(&Rect::new(0, 360, 320, 400)), "{found:?}");
        assert!(
            found.iter().all(|r| r.max.y <= 0 || r.min.y >= 260 || r.max.x < 0 || r.min.x > 320)
        );
        assert_eq!(found.len(), 6);
    }
}
