//! Rings made fit for cutting: clean, turned the right way, free of self-contact.

use std::collections::BTreeSet;

use crate::geometry::{Point, edges, ring_area2};

/// Twice the signed area of the triangle a, b, c; zero where the three are in line.
fn turn(a: Point, b: Point, c: Point) -> i128 {
    let d = |p: i32, q: i32| i128::from(p) - i128::from(q);
    d(b.x, a.x) * d(c.y, b.y) - d(b.y, a.y) * d(c.x, b.x)
}

/// The ring without repeated points, points in line with their neighbours, and spikes.
/// Empty where no area is left.
pub(crate) fn clean(ring: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(ring.len());
    for &p in ring {
        push_clean(&mut kept, p);
    }
    // The ends meet: what the walk could not see there is trimmed until nothing changes.
    let mut head = 0;
    while kept.len() - head >= 3 {
        let (first, last) = (kept[head], kept[kept.len() - 1]);
        if first == last || turn(kept[kept.len() - 2], last, first) == 0 {
            kept.pop();
        } else if turn(last, first, kept[head + 1]) == 0 {
            head += 1;
        } else {
            return kept.split_off(head);
        }
    }
    Vec::new()
}

/// Appends a point, dropping points that it puts in line.
fn push_clean(kept: &mut Vec<Point>, p: Point) {
    while let [.., a, b] = kept[..] {
        if b != p && turn(a, b, p) != 0 {
            break;
        }
        kept.pop();
    }
    if kept.last() != Some(&p) {
        kept.push(p);
    }
}

/// The ring turned counter-clockwise (`true`) or clockwise.
pub(crate) fn oriented(mut ring: Vec<Point>, counter_clockwise: bool) -> Vec<Point> {
    if (ring_area2(&ring) > 0) != counter_clockwise {
        ring.reverse();
    }
    ring
}

/// The first edge that is neither horizontal nor vertical.
pub(crate) fn slanted_edge(ring: &[Point]) -> Option<(Point, Point)> {
    edges(ring).find(|(a, b)| a.x != b.x && a.y != b.y)
}

/// An axis-parallel edge: `at` across, `lo..=hi` along.
#[derive(Clone, Copy)]
struct Span {
    at: i32,
    lo: i32,
    hi: i32,
    id: usize,
    neighbours: [usize; 2],
}

/// A place where the clean Manhattan rings of one polygon touch or cross themselves or each other.
///
/// A sweep along x over vertical edges against the horizontal ones open there: O(n log n).
pub(crate) fn contact(rings: &[Vec<Point>]) -> Option<Point> {
    let (horizontal, vertical) = spans(rings);
    collinear_contact(&horizontal)
        .map(|(at, along)| Point::new(along, at))
        .or_else(|| collinear_contact(&vertical).map(|(at, along)| Point::new(at, along)))
        .or_else(|| crossing_contact(&horizontal, &vertical))
}

fn spans(rings: &[Vec<Point>]) -> (Vec<Span>, Vec<Span>) {
    let (mut horizontal, mut vertical) = (Vec::new(), Vec::new());
    let mut first = 0;
    for ring in rings {
        let n = ring.len();
        for (i, (a, b)) in edges(ring).enumerate() {
            let neighbours = [first + (i + n - 1) % n, first + (i + 1) % n];
            let id = first + i;
            if a.y == b.y {
                horizontal.push(Span {
                    at: a.y,
                    lo: a.x.min(b.x),
                    hi: a.x.max(b.x),
                    id,
                    neighbours,
                });
            } else {
                vertical.push(Span { at: a.x, lo: a.y.min(b.y), hi: a.y.max(b.y), id, neighbours });
            }
        }
        first += n;
    }
    (horizontal, vertical)
}

/// Two edges on one line that share a point: (line, place along it).
fn collinear_contact(spans: &[Span]) -> Option<(i32, i32)> {
    let mut sorted: Vec<_> = spans.iter().map(|s| (s.at, s.lo, s.hi)).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|w| w[0].0 == w[1].0 && w[1].1 <= w[0].2).map(|w| (w[1].0, w[1].1))
}

fn crossing_contact(horizontal: &[Span], vertical: &[Span]) -> Option<Point> {
    // At one x: open, then ask, then close, so that closed intervals meet.
    let mut events: Vec<(i32, u8, usize)> =
        Vec::with_capacity(2 * horizontal.len() + vertical.len());
    for (i, h) in horizontal.iter().enumerate() {
        events.push((h.lo, 0, i));
        events.push((h.hi, 2, i));
    }
    events.extend(vertical.iter().enumerate().map(|(i, v)| (v.at, 1, i)));
    events.sort_unstable();
    let mut open = BTreeSet::new();
    for (x, kind, i) in events {
        match kind {
            0 => {
                open.insert((horizontal[i].at, horizontal[i].id));
            }
            2 => {
                open.remove(&(horizontal[i].at, horizontal[i].id));
            }
            _ => {
                let v = &vertical[i];
                let stranger = open
                    .range((v.lo, 0)..=(v.hi, usize::MAX))
                    .find(|(_, id)| !v.neighbours.contains(id));
                if let Some(&(y, _)) = stranger {
                    return Some(Point::new(x, y));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(i32, i32)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn repeated_and_collinear_points_and_spikes_vanish() {
        let square = ring(&[(0, 0), (10, 0), (10, 10), (0, 10)]);
        let messy = ring(&[
            (5, 0),
            (5, 0),
            (10, 0),
            (10, 4),
            (10, 14),
            (10, 10),
            (0, 10),
            (0, 10),
            (0, 0),
            (2, 0),
        ]);
        let cleaned = clean(&messy);
        assert_eq!(cleaned.len(), 4);
        assert!(square.iter().all(|p| cleaned.contains(p)));
    }

    #[test]
    fn a_ring_without_area_is_empty() {
        assert!(clean(&ring(&[(0, 0), (10, 0), (10, 5), (10, 0)])).is_empty());
        assert!(clean(&ring(&[(3, 3)])).is_empty());
        assert!(clean(&[]).is_empty());
    }

    #[test]
    fn contact_is_found_at_a_shared_corner_and_not_on_a_clean_ring() {
        let ell = ring(&[(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)]);
        assert_eq!(contact(&[ell]), None);
        let bow =
            ring(&[(0, 0), (10, 0), (10, 10), (20, 10), (20, 20), (10, 20), (10, 10), (0, 10)]);
        assert_eq!(contact(&[bow]), Some(Point::new(10, 10)));
    }

    #[test]
    fn a_hole_on_the_outline_is_contact() {
        let outer = ring(&[(0, 0), (30, 0), (30, 30), (0, 30)]);
        let inside = ring(&[(10, 10), (10, 20), (20, 20), (20, 10)]);
        let touching = ring(&[(10, 0), (10, 20), (20, 20), (20, 0)]);
        assert_eq!(contact(&[outer.clone(), inside]), None);
        assert!(contact(&[outer, touching]).is_some());
    }
}
