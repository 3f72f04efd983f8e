//! Images made colours for a screen.

use super::super::kernel::{Constants, Kernel};
use super::real;

/// The first image through a map of 256 colours, rows from the top, `ROW` words apart. Settings:
/// colours a unit of the image, then the two levels of [`BAND_MAP`]. Bindings: images
/// `[image, NY, NX]`, colours, settings, shades.
///
/// Cost: 8 bytes a pixel, and one read of a table of 1 KiB.
pub static COLOUR_MAP: Kernel = Kernel {
    name: "colour_map",
    wgsl: &[include_str!("colour_map.wgsl")],
    cuda: &[include_str!("colour_map.cu")],
    threads: 256,
    writes: &[false, false, false, true],
    twin: colour_map,
};

fn colour_map(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [images, colours, settings, shades] = buffers else { return };
    let [nx, ny, row] = ["NX", "NY", "ROW"].map(|name| values.get(name));
    for y in 0..ny {
        for x in 0..nx {
            // In single precision as on devices: one colour lies beside the next.
            let place = f32::from_bits(images[y * nx + x]) * f32::from_bits(settings[0]);
            let colour = if place > 0.0 { place.min(255.0) as usize } else { 0 };
            shades[(ny - 1 - y) * row + x] = colours[colour];
        }
    }
}

/// Share of each pixel that prints at the outer level in the first image but not at the inner one
/// in image `INNER`, or the reverse, as white of that alpha; laid out as by [`COLOUR_MAP`].
/// Bindings: images, settings, shades.
///
/// Cost: 12 bytes a pixel; neighbours come from the cache.
pub static BAND_MAP: Kernel = Kernel {
    name: "band_map",
    wgsl: &[include_str!("band_map.wgsl")],
    cuda: &[include_str!("band_map.cu")],
    threads: 256,
    writes: &[false, false, true],
    twin: band_map,
};

fn band_map(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [images, settings, shades] = buffers else { return };
    let [nx, ny, row] = ["NX", "NY", "ROW"].map(|name| values.get(name));
    let inner = values.get("INNER") * nx * ny;
    let printed = |first: usize, y: usize, x: usize, level: f64| {
        let at = |y: usize, x: usize| real(images[first + y * nx + x]);
        let along_x = at(y, (x + 1).min(nx - 1)) - at(y, x.saturating_sub(1));
        let along_y = at((y + 1).min(ny - 1), x) - at(y.saturating_sub(1), x);
        let slope = (along_x.hypot(along_y) / 2.0).max(1e-6);
        (0.5 + (at(y, x) - level) / slope).clamp(0.0, 1.0)
    };
    for y in 0..ny {
        for x in 0..nx {
            let outer = printed(0, y, x, real(settings[1]));
            let alpha = (outer - printed(inner, y, x, real(settings[2]))).abs() * 255.0;
            shades[(ny - 1 - y) * row + x] = alpha as u32 * 0x0101_0101;
        }
    }
}
