//! The layers that tell why: seed map, difference, gradients, broken rules.

use egui::{Color32, Pos2, Stroke, TextureOptions, Vec2, vec2};

use super::super::view::CanvasLayer;
use super::layers::{Cache, Scene, Texture, corners, ends};
use super::mesh::{Memo, Pen};
use crate::worker::Picture;

/// Length of the strongest gradient's arrow, points.
const LONGEST: f32 = 44.0;
/// Arrows shorter than this are not drawn, points.
const SHORTEST: f32 = 1.5;

/// The seed map, by cells.
pub fn paint_seeds(scene: &Scene<'_>, texture: &mut Texture) {
    let Some(opacity) = scene.view.look(CanvasLayer::Seeds) else { return };
    let Some((maps, seeds)) = scene.maps.and_then(|m| Some((m, m.seeds.as_ref()?))) else { return };
    // The map follows its picture, so that one serial tells both apart.
    let serial = scene.serial.wrapping_mul(1 << 20) + maps.iteration as u64;
    texture.update(scene, "seed map", serial, &seeds.image, TextureOptions::NEAREST);
    texture.paint(scene, &seeds.grid, Color32::from_white_alpha((opacity * 255.0) as u8));
}

/// What only one of two masks has and prints.
pub fn paint_difference(scene: &Scene<'_>, cache: &mut Cache) {
    let Some(opacity) = scene.view.look(CanvasLayer::Difference) else { return };
    let Some((serial, difference)) = scene.difference else { return };
    if let Some(printed) = &difference.printed {
        let options = TextureOptions::LINEAR;
        cache.printed.update(scene, "printed difference", serial, &printed.image, options);
        let tint = Color32::from_white_alpha((opacity * 255.0) as u8);
        cache.printed.paint(scene, &printed.grid, tint);
    }
    let sides = [
        (&mut cache.only_a, &difference.only_a, scene.palette.less),
        (&mut cache.only_b, &difference.only_b, scene.palette.more),
    ];
    for (memo, rects, colour) in sides {
        let key = scene.key(serial, colour.gamma_multiply(0.6 * opacity));
        memo.paint(scene.painter, key, |pen| rects.iter().for_each(|r| pen.fill(&corners(*r))));
    }
}

/// An arrow at every fragment, the way that lowers the loss.
pub fn paint_gradient(scene: &Scene<'_>, picture: &Picture, memo: &mut Memo) {
    let Some(opacity) = scene.view.look(CanvasLayer::Gradient) else { return };
    let Some(gradients) = scene.maps.and_then(|m| m.gradients.as_ref()) else { return };
    let term = scene.view.gradient;
    let strongest = gradients.iter().map(|g| term.of(g).abs()).fold(0.0, f64::max);
    if strongest <= 0.0 {
        return;
    }
    let tint = Color32::from_white_alpha((opacity * 255.0) as u8);
    let source = scene.serial.wrapping_mul(8) + term as u64;
    memo.paint(scene.painter, scene.key(source, tint), |pen| {
        let fragments = picture.fragments.iter().zip(&picture.offsets);
        for ((fragment, offset), gradient) in fragments.zip(gradients) {
            // The loss falls against its gradient; outward is positive.
            let pull = -(term.of(gradient) / strongest) as f32 * LONGEST;
            if pull.abs() < SHORTEST {
                continue;
            }
            let [a, b] = ends(fragment, *offset);
            let foot = pen.at([f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]);
            let outward = normal(a, b, fragment.outward as f32);
            let hue = if pull > 0.0 { scene.palette.more } else { scene.palette.less };
            arrow(pen, foot, outward * pull, hue.gamma_multiply(opacity));
        }
    });
}

/// Unit vector on the screen along a fragment's outward normal.
fn normal(a: [f64; 2], b: [f64; 2], outward: f32) -> Vec2 {
    // On the screen y points down.
    if a[0] == b[0] { vec2(outward, 0.0) } else { vec2(0.0, -outward) }
}

fn arrow(pen: &mut Pen, foot: Pos2, along: Vec2, colour: Color32) {
    let (tip, length) = (foot + along, along.length());
    let stroke = Stroke::new(2.0, colour);
    pen.segment([foot, tip], stroke);
    let head = along / length * length.min(5.0);
    let side = vec2(-head.y, head.x) * 0.7;
    for side in [side, -side] {
        pen.segment([tip, tip - head + side], stroke);
    }
}

/// The edges that are too near each other, in a ring.
pub fn paint_rules(scene: &Scene<'_>, picture: &Picture) {
    let Some(colour) = scene.colour(CanvasLayer::Rules, scene.palette.rule) else { return };
    let seen = scene.painter.clip_rect().expand(20.0);
    for marker in &picture.broken {
        let at = scene.at(marker.at);
        if !seen.contains(at) {
            continue;
        }
        for edge in &marker.edges {
            scene.painter.line_segment(edge.map(|p| scene.at(p)), Stroke::new(2.5, colour));
        }
        scene.painter.circle_stroke(at, 11.0, Stroke::new(2.0, colour));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outward_is_right_and_up_for_positive_signs() {
        assert_eq!(normal([5.0, 0.0], [5.0, 9.0], 1.0), vec2(1.0, 0.0));
        assert_eq!(normal([0.0, 5.0], [9.0, 5.0], 1.0), vec2(0.0, -1.0));
        assert_eq!(normal([0.0, 5.0], [9.0, 5.0], -1.0), vec2(0.0, 1.0));
    }
}
