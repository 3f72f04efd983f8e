//! The block of film that is shown, and what of it can be.

use lithoscope_engine::resist::Surface;

use super::vector::Vector;
use crate::window::format::grouped;

/// Most triangles of a surface.
pub const MAX_TRIANGLES: usize = 4_000_000;
/// Longest side of a block, nm.
const MAX_SIDE_NM: f64 = 1e7;
/// How far the substrate reaches beyond the film, and how thick it is drawn, longer sides.
const MARGIN: f64 = 0.07;
const SLAB: f64 = 0.03;

/// A film and the substrate under it, nm; the substrate's top is z = 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Block {
    /// The film's corners over the substrate.
    pub low: [f64; 2],
    pub high: [f64; 2],
    /// Thickness of the film before it was developed.
    pub thickness: f64,
}

impl Block {
    /// The block of a film from the origin on, with all of a surface between two corners in it.
    pub fn new(extent_nm: Vector, low: Vector, high: Vector) -> Self {
        Self {
            low: [low[0].min(0.0), low[1].min(0.0)],
            high: [high[0].max(extent_nm[0]), high[1].max(extent_nm[1])],
            thickness: extent_nm[2].max(high[2]),
        }
    }

    /// How far the substrate reaches beyond the film.
    fn margin(&self) -> f64 {
        MARGIN * (self.high[0] - self.low[0]).max(self.high[1] - self.low[1])
    }

    /// The substrate: left, near, right, far.
    pub fn slab(&self) -> [f64; 4] {
        let m = self.margin();
        [self.low[0] - m, self.low[1] - m, self.high[0] + m, self.high[1] + m]
    }

    /// How thick the substrate is drawn.
    pub fn slab_depth(&self) -> f64 {
        self.margin() * SLAB / MARGIN
    }

    /// Middle of the film, world.
    pub fn middle(&self, vertical: f64) -> Vector {
        let [x, y] = [0, 1].map(|k| f64::midpoint(self.low[k], self.high[k]));
        [x, y, 0.5 * self.thickness * vertical]
    }

    /// Diagonal of everything, world.
    pub fn size_nm(&self, vertical: f64) -> f64 {
        let [left, near, right, far] = self.slab();
        let high = self.thickness * vertical + self.slab_depth();
        ((right - left).powi(2) + (far - near).powi(2) + high * high).sqrt()
    }

    /// Corners of everything, world.
    pub fn slab_corners(&self, vertical: f64) -> [Vector; 8] {
        let [left, near, right, far] = self.slab();
        let (low, high) = (-self.slab_depth(), self.thickness * vertical);
        std::array::from_fn(|i| {
            let pick = |bit: usize, a: f64, b: f64| if i >> bit & 1 == 0 { a } else { b };
            [pick(0, left, right), pick(1, near, far), pick(2, low, high)]
        })
    }
}

/// The block of a surface, or why it cannot be shown. `most_bytes` is the largest buffer of the
/// graphics device, and a corner takes so many bytes.
pub fn check(
    surface: &Surface,
    extent_nm: Vector,
    most_bytes: u64,
    corner_bytes: usize,
) -> Result<Block, String> {
    let sides = ["wide", "deep", "thick"];
    for (side, nm) in sides.into_iter().zip(extent_nm) {
        if !(nm > 0.0 && nm <= MAX_SIDE_NM) {
            return Err(format!(
                "The block is {nm} nm {side}; it must be more than 0 and at most 10 mm."
            ));
        }
    }
    let (corners, triangles) = (surface.positions.len(), surface.triangles.len());
    let bytes = (corners * corner_bytes).max(triangles * 12) as u64;
    if triangles > MAX_TRIANGLES || corners > 3 * MAX_TRIANGLES || bytes > most_bytes {
        return Err(format!(
            "This surface has {} triangles, more than can be shown ({}).\nChoose a coarser grid or a smaller block.",
            grouped(triangles as i64),
            grouped(MAX_TRIANGLES.min(most_bytes as usize / 12) as i64),
        ));
    }
    if surface.normals.len() != corners {
        return Err(format!(
            "The surface has {corners} corners but {} normals; it needs one for each.",
            surface.normals.len()
        ));
    }
    if let Some(i) = surface.triangles.iter().position(|t| t.iter().any(|&c| c as usize >= corners))
    {
        return Err(format!("Triangle {i} of the surface has a corner that is not there."));
    }
    bounds(surface, extent_nm)
}

fn bounds(surface: &Surface, extent_nm: Vector) -> Result<Block, String> {
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for (i, p) in surface.positions.iter().enumerate() {
        if !p.iter().all(|v| f64::from(v.abs()) <= 2.0 * MAX_SIDE_NM) {
            return Err(format!("Corner {i} of the surface lies nowhere: {p:?} nm."));
        }
        for k in 0..3 {
            low[k] = low[k].min(f64::from(p[k]));
            high[k] = high[k].max(f64::from(p[k]));
        }
    }
    Ok(Block::new(extent_nm, low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Vector = [100.0, 80.0, 40.0];

    fn one() -> Surface {
        Surface {
            positions: vec![[0.0, 0.0, 40.0], [100.0, 0.0, 40.0], [100.0, 80.0, 40.0]],
            normals: vec![[0.0, 0.0, 1.0]; 3],
            triangles: vec![[0, 1, 2]],
        }
    }

    fn said(surface: &Surface, extent: Vector, most: u64) -> String {
        check(surface, extent, most, 24).unwrap_err()
    }

    #[test]
    fn what_cannot_be_drawn_is_said_in_words() {
        let good = check(&one(), EXTENT, 1 << 28, 24).unwrap();
        assert_eq!((good.low, good.high, good.thickness), ([0.0; 2], [100.0, 80.0], 40.0));
        let with = |change: fn(&mut Surface)| {
            let mut surface = one();
            change(&mut surface);
            said(&surface, EXTENT, 1 << 28)
        };
        assert!(with(|s| s.positions[1][2] = f32::NAN).contains("Corner 1"));
        assert!(with(|s| s.positions[2][0] = f32::INFINITY).contains("Corner 2"));
        assert!(with(|s| s.triangles[0][1] = 3).contains("Triangle 0"));
        assert!(with(|s| s.normals.truncate(2)).contains("3 corners but 2 normals"));
        assert!(
            with(|s| s.triangles = vec![[0, 1, 2]; MAX_TRIANGLES + 1])
                .contains("4\u{2009}000\u{2009}001")
        );
        assert!(said(&one(), EXTENT, 60).contains("coarser grid"));
        assert!(said(&one(), [0.0, 80.0, 40.0], 1 << 28).contains("wide"));
        assert!(said(&one(), [100.0, 80.0, f64::NAN], 1 << 28).contains("thick"));
    }
}
