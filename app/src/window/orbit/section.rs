//! A cut through a surface: where the film is in a plane, and its outline.
//!
//! The plane is swept from end to end. Between two neighbouring crossings every piece of the outline
//! is straight, so that the film there is a few trapezoids. Coming from above the film begins where
//! a piece faces up and ends where as many have faced down, so that triangles which lie on one
//! another do no harm. The substrate closes a surface that is open below.

use lithoscope_engine::resist::Surface;

use super::look::Across;

/// Most pieces looked at; a surface that needs more is left uncapped.
const WORK: usize = 8_000_000;
/// Heights below this are the substrate, nm.
pub const GROUND_NM: f32 = 1e-3;

/// A place in the plane of a cut: along it, and up, nm.
pub type Place = [f32; 2];

/// What a plane shows of a surface.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Triangles, three corners each.
    pub faces: Vec<Place>,
    /// Pieces of the outline, none of those that lie on the substrate.
    pub outline: Vec<[Place; 2]>,
}

impl Section {
    /// The cut of a surface where x or y is so much.
    pub fn new(surface: &Surface, across: Across, at_nm: f32) -> Self {
        let pieces = crossings(surface, across, at_nm);
        let faces = fill(&pieces);
        let lies = |ends: &[Place; 2]| ends.iter().all(|p| p[1] <= GROUND_NM);
        Self { faces, outline: pieces.iter().map(|p| p.ends).filter(|e| !lies(e)).collect() }
    }
}

/// Where a triangle crosses the plane, from left to right.
#[derive(Clone, Copy, Debug)]
struct Piece {
    ends: [Place; 2],
    /// 1 if the triangle faces up, −1 if it faces down.
    facing: i32,
}

fn crossings(surface: &Surface, across: Across, at: f32) -> Vec<Piece> {
    let (over, along) = match across {
        Across::X => (0, 1),
        Across::Y => (1, 0),
    };
    let mut pieces = Vec::new();
    for triangle in &surface.triangles {
        let corners = triangle.map(|c| surface.positions[c as usize]);
        let beyond = corners.map(|p| p[over] > at);
        if beyond == [beyond[0]; 3] {
            continue;
        }
        let mut ends = [[0.0; 2]; 2];
        let mut found = 0;
        for k in 0..3 {
            let (i, j) = (k, (k + 1) % 3);
            if beyond[i] != beyond[j] && found < 2 {
                // Always from the near side, so that neighbours meet in the same place.
                let (a, b) =
                    if beyond[i] { (corners[j], corners[i]) } else { (corners[i], corners[j]) };
                let t = (at - a[over]) / (b[over] - a[over]);
                ends[found] = [a[along] + t * (b[along] - a[along]), a[2] + t * (b[2] - a[2])];
                found += 1;
            }
        }
        if ends[0][0] > ends[1][0] {
            ends.swap(0, 1);
        }
        pieces.push(Piece { ends, facing: facing(&corners) });
    }
    pieces
}

/// Whether a triangle faces up or down.
fn facing([a, b, c]: &[[f32; 3]; 3]) -> i32 {
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    if area < 0.0 { -1 } else { 1 }
}

impl Piece {
    fn height(&self, u: f32) -> f32 {
        let [a, b] = self.ends;
        if u >= b[0] { b[1] } else { a[1] + (u - a[0]) / (b[0] - a[0]) * (b[1] - a[1]) }
    }
}

fn fill(pieces: &[Piece]) -> Vec<Place> {
    let is_wide = |p: &&Piece| p.ends[0][0] < p.ends[1][0];
    let mut waiting: Vec<Piece> = pieces.iter().filter(is_wide).copied().collect();
    waiting.sort_by(|p, q| p.ends[0][0].total_cmp(&q.ends[0][0]));
    let mut stops: Vec<f32> = waiting.iter().flat_map(|p| p.ends.map(|e| e[0])).collect();
    stops.sort_by(f32::total_cmp);
    stops.dedup();
    let (mut next, mut work) = (0, 0);
    let mut open: Vec<Piece> = Vec::new();
    let mut faces = Vec::new();
    for stop in stops.windows(2) {
        let (left, right) = (stop[0], stop[1]);
        open.retain(|p| p.ends[1][0] > left);
        while waiting.get(next).is_some_and(|p| p.ends[0][0] <= left) {
            open.push(waiting[next]);
            next += 1;
        }
        work += open.len();
        if work > WORK {
            return Vec::new();
        }
        let middle = f32::midpoint(left, right);
        open.sort_by(|p, q| q.height(middle).total_cmp(&p.height(middle)));
        fill_between(&open, left, right, &mut faces);
    }
    faces
}

/// The film between two stops, from above.
fn fill_between(open: &[Piece], left: f32, right: f32, faces: &mut Vec<Place>) {
    let ends = |p: &Piece| [[left, p.height(left)], [right, p.height(right)]];
    let mut between = |[a, b]: [Place; 2], [c, d]: [Place; 2]| faces.extend([c, d, b, c, b, a]);
    let mut roof = None;
    let mut depth = 0;
    for piece in open {
        depth += piece.facing;
        match roof {
            None => roof = Some(ends(piece)),
            Some(top) if depth == 0 => {
                between(top, ends(piece));
                roof = None;
            }
            Some(_) => {}
        }
    }
    if let Some(top) = roof {
        between(top, [[left, 0.0], [right, 0.0]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(faces: &[Place]) -> f32 {
        faces
            .chunks(3)
            .map(|t| {
                let [a, b, c] = [t[0], t[1], t[2]];
                0.5 * ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs()
            })
            .sum()
    }

    /// A wall along x of these corners in (y, z), top, bottom and sides, without its ends.
    fn wall(ring: &[Place], length: f32, closed: bool) -> Surface {
        let mut surface = Surface::default();
        for p in ring {
            for x in [0.0, length] {
                surface.positions.push([x, p[0], p[1]]);
            }
        }
        let n = ring.len() as u32;
        for i in 0..if closed { n } else { n - 1 } {
            let (a, b) = (2 * i, 2 * ((i + 1) % n));
            surface.triangles.extend([[a, b + 1, b], [a, a + 1, b + 1]]);
        }
        surface.normals = vec![[0.0, 0.0, 1.0]; surface.positions.len()];
        surface
    }

    #[test]
    fn the_cut_of_a_trapezium_has_its_area_open_below_or_not() {
        // 60 nm at the bottom, 40 at the top, 50 high.
        let ring = [[20.0, 0.0], [30.0, 50.0], [70.0, 50.0], [80.0, 0.0]];
        for closed in [true, false] {
            let cut = Section::new(&wall(&ring, 90.0, closed), Across::X, 31.7);
            assert!((area(&cut.faces) - 2500.0).abs() < 0.1, "{closed}: {}", area(&cut.faces));
            assert!(cut.outline.iter().flatten().any(|p| p[1] == 50.0));
            assert!(cut.outline.iter().all(|p| p[0][1] > 0.0 || p[1][1] > 0.0));
        }
        let beside = Section::new(&wall(&ring, 90.0, true), Across::X, 90.5);
        assert_eq!(beside, Section::default());
    }

    #[test]
    fn what_hangs_over_leaves_the_air_below_it_free() {
        // A T: a stem 20 nm wide and 30 high under a bar 60 wide and 10 high.
        let ring = [
            [40.0, 0.0],
            [40.0, 30.0],
            [20.0, 30.0],
            [20.0, 40.0],
            [80.0, 40.0],
            [80.0, 30.0],
            [60.0, 30.0],
            [60.0, 0.0],
        ];
        for closed in [true, false] {
            let cut = Section::new(&wall(&ring, 10.0, closed), Across::X, 5.0);
            assert!((area(&cut.faces) - 1200.0).abs() < 0.1, "{closed}: {}", area(&cut.faces));
            let in_air = |p: &Place| p[0] < 39.9 && p[1] < 29.9;
            assert!(!cut.faces.iter().any(in_air));
        }
    }

    #[test]
    fn triangles_that_lie_on_one_another_count_once() {
        let ring = [[20.0, 0.0], [30.0, 50.0], [70.0, 50.0], [80.0, 0.0]];
        let mut twice = wall(&ring, 90.0, false);
        twice.triangles.extend(twice.triangles.clone());
        let cut = Section::new(&twice, Across::X, 31.7);
        assert!((area(&cut.faces) - 2500.0).abs() < 0.1, "{}", area(&cut.faces));
    }

    #[test]
    fn a_plane_through_corners_is_cut_like_one_beside_them() {
        let ring = [[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0]];
        let surface = wall(&ring, 20.0, true);
        let turned = Surface {
            positions: surface.positions.iter().map(|p| [p[1], p[0], p[2]]).collect(),
            ..surface.clone()
        };
        let area_at = |at: f32| area(&Section::new(&surface, Across::X, at).faces);
        assert!((area_at(0.0) - 100.0).abs() < 1e-3 && area_at(20.0) == 0.0);
        let turned = Section::new(&turned, Across::Y, 7.0);
        assert!((area(&turned.faces) - 100.0).abs() < 1e-3);
    }
}
