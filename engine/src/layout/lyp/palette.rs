//! Looks for layers that no file speaks of.

use super::{Look, Rgb};
use crate::layout::Layer;

/// Built-in stipples that stay apart from one another at a glance, light enough to see through.
const STIPPLES: [&str; 8] = ["I5", "I9", "I3", "I13", "I35", "I40", "I21", "I17"];

/// The automatic look of a layer: always the same for the same layer, and unlike that of its
/// neighbours in number and datatype. Colours are bright, for a dark background.
///
/// The hue advances by the golden ratio from number to number (any run of consecutive numbers
/// spreads evenly over the circle) and by √3 − 1 from datatype to datatype; lightness and stipple
/// cycle.
pub fn default_look(layer: Layer) -> Look {
    let (number, datatype) = (i64::from(layer.number), i64::from(layer.datatype));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let turn = number as f64 * golden + datatype as f64 * (3.0_f64.sqrt() - 1.0);
    let lightness = [0.78, 0.70, 0.86][((number + 2 * datatype) % 3) as usize];
    let color = oklch(lightness, 0.14, turn.fract());
    let stipple = STIPPLES[((number + 3 * datatype) % STIPPLES.len() as i64) as usize];
    Look {
        frame: color,
        fill: color,
        stipple: stipple.to_owned(),
        line_style: String::new(),
        width: 1,
        visible: true,
        transparent: false,
        marked: false,
        xfill: false,
        animation: 0,
    }
}

/// A colour of the Oklab space (B. Ottosson, "A perceptual color space for image processing",
/// 2020) in sRGB: lightness 0…1, chroma, hue in turns. Colours outside sRGB are clipped.
fn oklch(lightness: f64, chroma: f64, hue: f64) -> Rgb {
    let (sin, cos) = (hue * std::f64::consts::TAU).sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ];
    linear.map(|c| {
        let encoded = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: Rgb, b: Rgb) -> f64 {
        let square = |i: usize| (f64::from(a[i]) - f64::from(b[i])).powi(2);
        (square(0) + square(1) + square(2)).sqrt()
    }

    #[test]
    fn greys_and_primaries_come_out_as_oklab_defines_them() {
        assert_eq!(oklch(1.0, 0.0, 0.3), [255, 255, 255]);
        assert_eq!(oklch(0.0, 0.0, 0.0), [0, 0, 0]);
        // Oklab of sRGB red: L 0.62796, a 0.22486, b 0.12585.
        let (a, b) = (0.22486_f64, 0.12585_f64);
        let hue = b.atan2(a) / std::f64::consts::TAU;
        assert!(distance(oklch(0.62796, a.hypot(b), hue), [255, 0, 0]) < 2.0);
    }

    #[test]
    fn neighbouring_layers_differ_in_colour_and_stipple() {
        for number in 0..300 {
            for datatype in 0..50 {
                let here = default_look(Layer::new(number, datatype));
                for (n, d) in [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2)] {
                    let there = default_look(Layer::new(number + n, datatype + d));
                    let apart = distance(here.fill, there.fill);
                    assert!(apart > 40.0, "{number}/{datatype} +{n}/{d}: {apart}");
                    assert_ne!(here.stipple, there.stipple, "{number}/{datatype} +{n}/{d}");
                }
            }
        }
    }

    #[test]
    fn every_default_colour_is_bright_on_a_dark_background() {
        for number in 0..1000 {
            let [r, g, b] = default_look(Layer::new(number, number % 7)).fill.map(f64::from);
            assert!(0.2126 * r + 0.7152 * g + 0.0722 * b > 110.0, "{number}: {r} {g} {b}");
        }
    }
}
