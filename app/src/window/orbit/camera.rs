//! Where the block is seen from.
//!
//! The world is the block in nm with heights drawn out by the vertical scale; z is up.

use std::ops::RangeInclusive;

use egui::{Pos2, Rect, Vec2, pos2};

use super::block::Block;
use super::vector::{Vector, add, dot, scale, subtract, unit};

/// Half the angle of view from bottom to top, its tangent: 11°.
const HALF_VIEW: f64 = 0.194_380_309_137_718_5;
/// How far a drag of one point turns, degrees.
const TURN: f64 = 0.4;
/// Nearest and farthest distance, block sizes.
const DISTANCE: RangeInclusive<f64> = 0.03..=30.0;
/// Room for axes and bars when the block is fitted: left, top, right, bottom, points.
const ROOM: [f32; 4] = [64.0, 40.0, 104.0, 52.0];

/// A turntable: the eye goes round the target, z stays up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrbitCamera {
    /// Turn about z, degrees: 0 looks along +y, 90 along −x.
    pub yaw_deg: f64,
    /// Height of the eye over the horizon, degrees, −90..=90: 90 looks straight down.
    pub pitch_deg: f64,
    /// From the eye to the target, nm.
    pub distance_nm: f64,
    /// The place in the middle of the picture, nm; z with the vertical scale in it.
    pub target_nm: Vector,
}

impl Default for OrbitCamera {
    fn default() -> Self {
        Self { yaw_deg: 32.0, pitch_deg: 30.0, distance_nm: 1000.0, target_nm: [0.0; 3] }
    }
}

/// A camera on a canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aim {
    pub eye: Vector,
    pub right: Vector,
    pub up: Vector,
    pub forward: Vector,
    pub canvas: Rect,
    /// Tangents of half the angles of view, across and up.
    half: [f64; 2],
    depth: [f64; 2],
}

impl OrbitCamera {
    /// The camera on a canvas, with depth enough for a block (world, nm).
    pub fn aim(&self, canvas: Rect, size_nm: f64) -> Aim {
        let (sin_yaw, cos_yaw) = self.yaw_deg.to_radians().sin_cos();
        let (sin_pitch, cos_pitch) = self.pitch_deg.to_radians().sin_cos();
        let forward = [-sin_yaw * cos_pitch, cos_yaw * cos_pitch, -sin_pitch];
        let near = (self.distance_nm - 2.0 * size_nm).max(0.05 * self.distance_nm);
        let aspect = f64::from(canvas.width().max(1.0) / canvas.height().max(1.0));
        Aim {
            eye: subtract(self.target_nm, scale(forward, self.distance_nm)),
            right: [cos_yaw, sin_yaw, 0.0],
            up: [-sin_yaw * sin_pitch, cos_yaw * sin_pitch, cos_pitch],
            forward,
            canvas,
            half: [HALF_VIEW * aspect, HALF_VIEW],
            depth: [near, self.distance_nm + 4.0 * size_nm],
        }
    }

    /// Turns by a drag. Without `below` the eye does not sink under the substrate's plane.
    pub fn turn(&mut self, drag: Vec2, below: bool) {
        let lowest = if below { -90.0 } else { self.pitch_deg.min(0.0) };
        self.yaw_deg = (self.yaw_deg - TURN * f64::from(drag.x)).rem_euclid(360.0);
        self.pitch_deg = (self.pitch_deg + TURN * f64::from(drag.y)).clamp(lowest, 90.0);
    }

    /// Moves the picture by a drag; the target stays about the block.
    pub fn pan(&mut self, drag: Vec2, canvas: Rect, block: &Block, vertical: f64) {
        let aim = self.aim(canvas, block.size_nm(vertical));
        let nm = self.nm_per_point(canvas);
        let across = scale(aim.right, -nm * f64::from(drag.x));
        let moved = add(self.target_nm, add(across, scale(aim.up, nm * f64::from(drag.y))));
        self.put_target(moved, block, vertical);
    }

    /// Comes nearer by `factor`; what is under the pointer stays there.
    pub fn zoom(&mut self, factor: f64, at: Pos2, canvas: Rect, block: &Block, vertical: f64) {
        let size = block.size_nm(vertical);
        let aim = self.aim(canvas, size);
        let ray = aim.ray(at);
        let middle = block.middle(vertical);
        let in_film = (middle[2] - aim.eye[2]) / ray[2];
        let in_focus = self.distance_nm / dot(ray, aim.forward);
        let hit = |t: f64| add(aim.eye, scale(ray, t));
        let is_near = |p: Vector| (0..2).all(|k| (p[k] - middle[k]).abs() < 0.75 * size);
        let fixed =
            if in_film > 0.0 && is_near(hit(in_film)) { hit(in_film) } else { hit(in_focus) };
        let distance = clamped(self.distance_nm / factor, size);
        let share = distance / self.distance_nm;
        self.distance_nm = distance;
        let target = add(fixed, scale(subtract(self.target_nm, fixed), share));
        self.put_target(target, block, vertical);
    }

    /// Shows the whole block, as large as it goes with room for its axes.
    pub fn fit(&mut self, canvas: Rect, block: &Block, vertical: f64) {
        let size = block.size_nm(vertical);
        let (corners, inner) = (block.slab_corners(vertical), inner(canvas));
        self.target_nm = block.middle(vertical);
        self.distance_nm = 6.0 * size;
        // Each round is exact for a block far away, and the block comes to rest where it is exact.
        for _ in 0..16 {
            let aim = self.aim(canvas, size);
            let seen = corners.iter().filter_map(|p| aim.project(*p));
            let area = seen.fold(Rect::NOTHING, |mut area, at| {
                area.extend_with(at);
                area
            });
            let grow = (area.width() / inner.width()).max(area.height() / inner.height());
            if !grow.is_finite() || grow <= 0.0 {
                return;
            }
            let off = (area.center() - inner.center()) * self.nm_per_point(canvas) as f32;
            let across = scale(aim.right, f64::from(off.x));
            let moved = add(across, scale(aim.up, -f64::from(off.y)));
            self.target_nm = add(self.target_nm, moved);
            self.distance_nm = clamped(self.distance_nm * f64::from(grow), size);
        }
    }

    /// Scale at the target.
    pub fn nm_per_point(&self, canvas: Rect) -> f64 {
        2.0 * HALF_VIEW * self.distance_nm / f64::from(canvas.height().max(1.0))
    }

    fn put_target(&mut self, target: Vector, block: &Block, vertical: f64) {
        let (middle, size) = (block.middle(vertical), block.size_nm(vertical));
        self.target_nm = [0, 1, 2].map(|k| target[k].clamp(middle[k] - size, middle[k] + size));
    }
}

fn clamped(distance: f64, size: f64) -> f64 {
    distance.clamp(DISTANCE.start() * size, DISTANCE.end() * size)
}

/// The part of a canvas that the block is fitted into.
fn inner(canvas: Rect) -> Rect {
    let [left, top, right, bottom] = ROOM;
    let (wide, high) = (0.2 * canvas.width(), 0.2 * canvas.height());
    Rect::from_min_max(
        canvas.min + egui::vec2(left.min(wide), top.min(high)),
        canvas.max - egui::vec2(right.min(wide), bottom.min(high)),
    )
}

impl Aim {
    /// Where a place (world) is on the canvas; `None` behind the eye.
    pub fn project(&self, p: Vector) -> Option<Pos2> {
        let from_eye = subtract(p, self.eye);
        let deep = dot(from_eye, self.forward);
        if deep < self.depth[0] {
            return None;
        }
        let x = dot(from_eye, self.right) / (deep * self.half[0]);
        let y = dot(from_eye, self.up) / (deep * self.half[1]);
        let (middle, size) = (self.canvas.center(), self.canvas.size());
        Some(pos2(middle.x + 0.5 * size.x * x as f32, middle.y - 0.5 * size.y * y as f32))
    }

    /// Direction from the eye through a place on the canvas, of length 1.
    pub fn ray(&self, at: Pos2) -> Vector {
        let (middle, size) = (self.canvas.center(), self.canvas.size());
        let x = f64::from(2.0 * (at.x - middle.x) / size.x.max(1.0)) * self.half[0];
        let y = f64::from(2.0 * (middle.y - at.y) / size.y.max(1.0)) * self.half[1];
        unit(add(self.forward, add(scale(self.right, x), scale(self.up, y))))
    }

    /// The matrix from nm, heights as they are, to the device's clip space, by columns.
    pub fn clip_from_nm(&self, vertical: f64) -> [[f32; 4]; 4] {
        let [near, far] = self.depth;
        let row = |axis: Vector, by: f64| {
            let [x, y, z] = scale(axis, by);
            [x, y, z * vertical, -dot(scale(axis, by), self.eye)]
        };
        let across = row(self.right, 1.0 / self.half[0]);
        let up = row(self.up, 1.0 / self.half[1]);
        let mut deep = row(self.forward, far / (far - near));
        deep[3] -= far * near / (far - near);
        let rows = [across, up, deep, row(self.forward, 1.0)];
        [0, 1, 2, 3].map(|column| rows.map(|r| r[column] as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    const CANVAS: Rect = Rect { min: pos2(10.0, 20.0), max: pos2(910.0, 620.0) };

    fn block() -> Block {
        Block::new([1000.0, 600.0, 100.0], [0.0; 3], [1000.0, 600.0, 100.0])
    }

    fn fitted(yaw_deg: f64, pitch_deg: f64) -> OrbitCamera {
        let mut camera = OrbitCamera { yaw_deg, pitch_deg, ..OrbitCamera::default() };
        camera.fit(CANVAS, &block(), 1.0);
        camera
    }

    #[test]
    fn the_views_of_cad_look_along_their_axes() {
        for (yaw, pitch, forward, right, up) in [
            (0.0, 0.0, [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
            (90.0, 0.0, [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
            (0.0, 90.0, [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
        ] {
            let aim = fitted(yaw, pitch).aim(CANVAS, 1000.0);
            for (got, wanted) in [(aim.forward, forward), (aim.right, right), (aim.up, up)] {
                assert!((0..3).all(|k| (got[k] - wanted[k]).abs() < 1e-12), "{got:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn a_fitted_block_touches_the_room_left_for_it_from_every_side() {
        for (yaw, pitch) in [(0.0, 0.0), (32.0, 30.0), (200.0, 90.0), (300.0, 5.0)] {
            let camera = fitted(yaw, pitch);
            let aim = camera.aim(CANVAS, block().size_nm(1.0));
            let area = block().slab_corners(1.0).iter().fold(Rect::NOTHING, |mut area, p| {
                area.extend_with(aim.project(*p).unwrap());
                area
            });
            let inner = inner(CANVAS);
            assert!(inner.expand(1.0).contains_rect(area), "{area:?} {inner:?}");
            let full = (area.width() / inner.width()).max(area.height() / inner.height());
            assert!(full > 0.98, "{full} at {yaw} {pitch}");
        }
    }

    #[test]
    fn the_matrix_puts_places_where_project_says() {
        let (camera, vertical) = (fitted(77.0, 21.0), 2.0);
        let aim = camera.aim(CANVAS, block().size_nm(vertical));
        let columns = aim.clip_from_nm(vertical);
        for nm in [[0.0, 0.0, 0.0], [1000.0, 30.0, 100.0], [400.0, 600.0, 55.0]] {
            let clip: Vec<f64> = (0..4)
                .map(|row| {
                    (0..3).map(|c| f64::from(columns[c][row]) * nm[c]).sum::<f64>()
                        + f64::from(columns[3][row])
                })
                .collect();
            let at = aim.project([nm[0], nm[1], nm[2] * vertical]).unwrap();
            let x = CANVAS.center().x + 450.0 * (clip[0] / clip[3]) as f32;
            let y = CANVAS.center().y - 300.0 * (clip[1] / clip[3]) as f32;
            assert!((at - pos2(x, y)).length() < 0.01, "{at} {x} {y}");
            assert!((0.0..=1.0).contains(&(clip[2] / clip[3])));
        }
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer_and_ends_somewhere() {
        let mut camera = fitted(32.0, 30.0);
        let size = block().size_nm(1.0);
        let p = [700.0, 200.0, block().middle(1.0)[2]];
        let at = camera.aim(CANVAS, size).project(p).unwrap();
        for factor in [1.5, 1.2, 0.4] {
            camera.zoom(factor, at, CANVAS, &block(), 1.0);
            let now = camera.aim(CANVAS, size).project(p).unwrap();
            assert!((now - at).length() < 0.01, "{now} {at}");
        }
        let beside = camera.aim(CANVAS, size).project([650.0, 200.0, 0.0]).unwrap();
        assert!((beside - at).length() > 10.0, "another place must be elsewhere");
        for factor in [1e9, 1e-9] {
            camera.zoom(factor, at, CANVAS, &block(), 1.0);
            assert!((0.02..31.0).contains(&(camera.distance_nm / size)));
        }
    }

    #[test]
    fn panning_moves_the_target_with_the_pointer() {
        let mut camera = fitted(32.0, 30.0);
        let (size, target) = (block().size_nm(1.0), camera.target_nm);
        let before = camera.aim(CANVAS, size).project(target).unwrap();
        camera.pan(vec2(40.0, -25.0), CANVAS, &block(), 1.0);
        let after = camera.aim(CANVAS, size).project(target).unwrap();
        // The target stays in its plane across the line of sight, where the scale is the same.
        assert!((after - before - vec2(40.0, -25.0)).length() < 0.01);
    }

    #[test]
    fn the_eye_stays_above_the_substrate_unless_it_is_let_below() {
        let mut camera = fitted(10.0, 30.0);
        camera.turn(vec2(0.0, -1000.0), false);
        assert_eq!(camera.pitch_deg, 0.0);
        camera.turn(vec2(0.0, -50.0), true);
        assert_eq!(camera.pitch_deg, -20.0);
        camera.turn(vec2(5.0, -50.0), false);
        assert_eq!(camera.pitch_deg, -20.0, "no jump when the key is let go");
        camera.turn(vec2(0.0, 1000.0), false);
        assert_eq!(camera.pitch_deg, 90.0);
    }
}
