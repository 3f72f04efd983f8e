//! Bit patterns of stipples and line styles.
//!
//! The built-in ones are our own drawings for the names under which KLayout lists them: the same
//! number gives the same kind of pattern, not the same pixels.

use super::{CustomPattern, View};

/// Pixels along each side of a stipple.
const SIDE: u32 = 32;

/// A line style: a row of pixels that repeats along the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineStyle {
    /// The pixels; bit 0 is the first.
    pub bits: u32,
    /// How many of them repeat, 1…32.
    pub period: u32,
}

impl View {
    /// The stipple of a name, `I0`… built in or `C0`… custom: 32 × 32 pixels, row 0 at the bottom,
    /// bit 0 of a row at the left. Smaller patterns are repeated up to that size, larger ones are
    /// cut. An empty or unknown name gives the solid one.
    pub fn stipple(&self, name: &str) -> [u32; 32] {
        match custom(&self.stipples, name) {
            Some(pattern) => tiled(pattern),
            None => built_in(index(name, 'I').unwrap_or(0)),
        }
    }

    /// The line style of a name, `I0`… built in or `C0`… custom. An empty or unknown name gives the
    /// solid one.
    pub fn line_style(&self, name: &str) -> LineStyle {
        match custom(&self.line_styles, name) {
            Some(pattern) => custom_line(pattern),
            None => built_in_line(index(name, 'I').unwrap_or(0)),
        }
    }
}

fn index(name: &str, kind: char) -> Option<usize> {
    name.strip_prefix(kind)?.parse().ok()
}

fn custom<'a>(patterns: &'a [CustomPattern], name: &str) -> Option<&'a CustomPattern> {
    patterns.get(index(name, 'C')?)
}

/// The first pixels of a row as bits, and how many there are.
fn bits(line: &str) -> (u32, u32) {
    let pixels = line.chars().take(SIDE as usize);
    pixels.enumerate().fold((0, 0), |(bits, n), (x, c)| (bits | u32::from(c == '*') << x, n + 1))
}

fn tiled(pattern: &CustomPattern) -> [u32; 32] {
    let rows: Vec<_> = pattern.lines.iter().take(SIDE as usize).map(|line| bits(line)).collect();
    let width = rows.iter().map(|row| row.1).max().unwrap_or(0);
    if width == 0 {
        return [0; 32];
    }
    // Rows come from the top.
    let row = |y: u32| rows[rows.len() - 1 - y as usize % rows.len()].0;
    drawn(|x, y| row(y) >> (x % width) & 1 == 1)
}

fn custom_line(pattern: &CustomPattern) -> LineStyle {
    match pattern.lines.first().map(|line| bits(line)) {
        Some((bits, period)) if period > 0 => LineStyle { bits, period },
        _ => built_in_line(0),
    }
}

fn drawn(set: impl Fn(u32, u32) -> bool) -> [u32; 32] {
    std::array::from_fn(|y| (0..SIDE).fold(0, |row, x| row | u32::from(set(x, y as u32)) << x))
}

/// Lines rising to the right: one step up for every step right. Periods divide 32.
fn rising(period: u32, thick: u32) -> [u32; 32] {
    drawn(|x, y| (x + SIDE - y) % period < thick)
}

fn falling(period: u32, thick: u32) -> [u32; 32] {
    drawn(|x, y| (x + y) % period < thick)
}

fn upright(period: u32, thick: u32) -> [u32; 32] {
    drawn(|x, _| x % period < thick)
}

fn level(period: u32, thick: u32) -> [u32; 32] {
    drawn(|_, y| y % period < thick)
}

/// Lines at a slope of 1 : 2, the nearest a pixel grid has to 22.5°.
fn gently_falling(period: u32) -> [u32; 32] {
    drawn(|x, y| (x + 2 * y) % period < 2)
}

fn squares(side: u32) -> [u32; 32] {
    drawn(|x, y| (x / side + y / side).is_multiple_of(2))
}

/// A figure in every 8 × 8 cell, every other row of cells moved by half a cell. The figure gets
/// twice the distance from the centre of its cell: odd numbers from −7 to 7.
fn staggered(set: impl Fn(i32, i32) -> bool) -> [u32; 32] {
    let from_centre = |v: u32| 2 * (v % 8) as i32 - 7;
    drawn(|x, y| set(from_centre(x + 4 * (y / 8)), from_centre(y)))
}

/// Pixels scattered without order, so many in 256.
fn scattered(share: u32) -> [u32; 32] {
    drawn(|x, y| {
        let mixed = (x * SIDE + y + 1).wrapping_mul(0x9e37_79b1);
        (mixed ^ mixed >> 15).wrapping_mul(0x85eb_ca6b) >> 24 < share
    })
}

fn pyramid(x: i32, y: i32) -> bool {
    (-3..=1).contains(&y) && x.abs() <= 2 - y
}

fn sine(x: u32) -> u32 {
    (2.0 + 2.0 * (f64::from(x) * std::f64::consts::TAU / 16.0).sin()).round() as u32
}

fn both(a: [u32; 32], b: [u32; 32]) -> [u32; 32] {
    std::array::from_fn(|y| a[y] | b[y])
}

fn mirrored(a: [u32; 32]) -> [u32; 32] {
    a.map(u32::reverse_bits)
}

/// Rows and columns swapped.
fn turned(a: [u32; 32]) -> [u32; 32] {
    drawn(|x, y| a[x as usize] >> y & 1 == 1)
}

fn built_in(index: usize) -> [u32; 32] {
    match index {
        1 => [0; 32],
        2 => squares(1),
        3 => drawn(|x, y| y % 2 == 0 && (x + y) % 4 == 0),
        4 => falling(4, 1),
        5 => falling(8, 1),
        6 => falling(4, 2),
        7 => falling(8, 2),
        8 => rising(4, 1),
        9 => rising(8, 1),
        10 => rising(4, 2),
        11 => rising(8, 2),
        12 => both(falling(4, 1), rising(4, 1)),
        13 => both(falling(8, 1), rising(8, 1)),
        14 => squares(2),
        15 => both(falling(8, 2), rising(8, 2)),
        16 => squares(4),
        17 => staggered(|x, y| (18..=34).contains(&(x * x + y * y))),
        18 => staggered(|x, y| x * x + y * y <= 34),
        19 => staggered(pyramid),
        20 => staggered(|x, y| pyramid(x, -y)),
        21 => staggered(|x, y| x.abs().max(y.abs()) < 6 && (x == 1 || y == 1)),
        22 => staggered(|x, y| x.abs() < 6 && y == 1),
        23 => gently_falling(8),
        24 => mirrored(gently_falling(8)),
        25 => turned(gently_falling(8)),
        26 => mirrored(turned(gently_falling(8))),
        27 => both(gently_falling(16), mirrored(gently_falling(16))),
        28 => drawn(|x, y| (y + (x % 8).abs_diff(4)) % 8 == 0),
        29 => drawn(|x, y| (y + sine(x)).is_multiple_of(8)),
        30 => scattered(128),
        31 => scattered(32),
        32 => upright(2, 1),
        33 => upright(4, 1),
        34 => upright(4, 2),
        35 => upright(8, 1),
        36 => upright(8, 2),
        37 => level(2, 1),
        38 => level(4, 1),
        39 => level(4, 2),
        40 => level(8, 1),
        41 => level(8, 2),
        42 => both(upright(2, 1), level(2, 1)),
        43 => both(upright(4, 1), level(4, 1)),
        44 => both(upright(4, 2), level(4, 2)),
        45 => both(upright(8, 1), level(8, 1)),
        46 => both(upright(8, 2), level(8, 2)),
        _ => [u32::MAX; 32],
    }
}

fn built_in_line(index: usize) -> LineStyle {
    // Lengths of what is drawn and left out in turn: dotted, dashed, dash-dotted, short dashed,
    // short dash-dotted, long dashed, dash-double-dotted.
    let runs: &[u32] = match index {
        1 => &[1, 2],
        2 => &[5, 3],
        3 => &[7, 2, 1, 2],
        4 => &[3, 2],
        5 => &[4, 1, 1, 1],
        6 => &[10, 4],
        7 => &[7, 2, 1, 2, 1, 2],
        _ => &[1],
    };
    let mut style = LineStyle { bits: 0, period: 0 };
    for (i, &run) in runs.iter().enumerate() {
        let pixels = if i % 2 == 0 { (1 << run) - 1 } else { 0 };
        style.bits |= pixels << style.period;
        style.period += run;
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn density(stipple: [u32; 32]) -> f64 {
        f64::from(stipple.iter().map(|row| row.count_ones()).sum::<u32>()) / 1024.0
    }

    fn stipples(lines: &[&[&str]]) -> View {
        let pattern = |lines: &&[&str]| CustomPattern {
            lines: lines.iter().map(|&l| l.to_owned()).collect(),
            ..CustomPattern::default()
        };
        let patterns: Vec<_> = lines.iter().map(pattern).collect();
        View { stipples: patterns.clone(), line_styles: patterns, ..View::default() }
    }

    #[test]
    fn built_in_stipples_all_differ_and_only_two_are_uniform() {
        let all: Vec<_> = (0..47).map(built_in).collect();
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b), "I{i} repeats another");
            let uniform = [0.0, 1.0].contains(&density(*a));
            assert_eq!(uniform, i < 2, "I{i}");
        }
        assert_eq!((density(all[0]), density(all[1])), (1.0, 0.0));
    }

    #[test]
    fn light_stipples_cover_less_than_heavy_ones() {
        for (light, heavy) in [(3, 2), (5, 4), (4, 6), (5, 7), (9, 8), (13, 12), (13, 15), (17, 18)]
        {
            assert!(density(built_in(light)) < density(built_in(heavy)), "I{light} I{heavy}");
        }
        assert!((0.4..0.6).contains(&density(built_in(30))));
        assert!((0.08..0.17).contains(&density(built_in(31))));
    }

    #[test]
    fn hatches_run_the_way_their_names_say_without_a_seam() {
        let shifted = |a: [u32; 32], right: bool| -> [u32; 32] {
            let turn = |r: u32| if right { r.rotate_left(1) } else { r.rotate_right(1) };
            std::array::from_fn(|y| turn(a[(y + 31) % 32]))
        };
        // One row up, a rising line is one pixel further right and a falling one further left.
        for rising in 8..=11 {
            assert_eq!(built_in(rising), shifted(built_in(rising), true), "I{rising}");
            assert_eq!(built_in(rising - 4), shifted(built_in(rising - 4), false));
        }
    }

    #[test]
    fn custom_stipples_repeat_from_the_bottom_left() {
        let view = stipples(&[&["**..", "...*"], &["*.", ".x", "*"]]);
        let stipple = view.stipple("C0");
        assert_eq!((stipple[0], stipple[1]), (0x8888_8888, 0x3333_3333));
        assert_eq!((stipple[30], stipple[31]), (0x8888_8888, 0x3333_3333));
        let odd = view.stipple("C1");
        assert_eq!(odd[..4], [0x5555_5555, 0, 0x5555_5555, 0x5555_5555]);
    }

    #[test]
    fn odd_patterns_and_names_draw_something_harmless() {
        let wide = "*".repeat(100);
        let tall = vec!["*."; 100];
        let view = stipples(&[&[&wide], &tall, &[], &[""]]);
        assert_eq!(view.stipple("C0"), [u32::MAX; 32]);
        assert_eq!(view.stipple("C1"), [0x5555_5555; 32]);
        assert_eq!((view.stipple("C2"), view.stipple("C3")), ([0; 32], [0; 32]));
        for name in ["", "I", "I99", "C9", "solid", "I-1", "Ié", "I99999999999999999999"] {
            assert_eq!(view.stipple(name), [u32::MAX; 32], "{name}");
            assert_eq!(view.line_style(name), LineStyle { bits: 1, period: 1 }, "{name}");
        }
        assert_eq!(view.line_style("C0"), LineStyle { bits: u32::MAX, period: 32 });
        assert_eq!(view.line_style("C3"), LineStyle { bits: 1, period: 1 });
    }

    #[test]
    fn line_styles_start_with_a_dash() {
        let view = stipples(&[&["**.*"]]);
        assert_eq!(view.line_style("I4"), LineStyle { bits: 0b111, period: 5 });
        assert_eq!(view.line_style("I3"), LineStyle { bits: 0b10_0111_1111, period: 12 });
        assert_eq!(view.line_style("C0"), LineStyle { bits: 0b1011, period: 4 });
    }
}
