//! The window's icon, drawn rather than stored.

use egui::IconData;

/// Side of the icon, pixels.
const SIDE: usize = 64;

/// A corrected corner: a target, its mask with serifs, and what prints.
pub fn icon() -> IconData {
    let mut rgba = Vec::with_capacity(SIDE * SIDE * 4);
    for y in 0..SIDE {
        for x in 0..SIDE {
            rgba.extend(pixel(x as i32, y as i32));
        }
    }
    IconData { rgba, width: SIDE as u32, height: SIDE as u32 }
}

fn pixel(x: i32, y: i32) -> [u8; 4] {
    let inside = |x0: i32, y0: i32, x1: i32, y1: i32| x >= x0 && x < x1 && y >= y0 && y < y1;
    let distance = f64::from((x - 32).pow(2) + (y - 32).pow(2)).sqrt();
    let serif = [(12, 12), (40, 12), (12, 40), (40, 40)]
        .iter()
        .any(|(sx, sy)| inside(*sx, *sy, sx + 12, sy + 12));
    if (distance - 21.0).abs() < 2.0 {
        [0xff, 0x95, 0x2b, 0xff]
    } else if serif || inside(18, 18, 46, 46) {
        [0x2d, 0xd4, 0xbf, 0xff]
    } else if inside(2, 2, 62, 62) {
        [0x11, 0x14, 0x18, 0xff]
    } else {
        [0, 0, 0, 0]
    }
}
