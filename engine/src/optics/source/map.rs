//! Sources given as a brightness map.
//!
//! Cell (row r, column c) of an N × N map is the square of side 2/N about
//! σ = ((2c + 1 − N)/N, (N − 1 − 2r)/N).

use std::collections::BTreeMap;

use ndarray::Array2;

use super::points::{SourcePoint, sampled};
use super::{ON_EDGE, Source};
use crate::optics::OpticsError;
use crate::optics::symmetry::Symmetry;

/// Most rows of a map.
const MAX_SIDE: usize = 1025;

/// Largest brightness.
const MAX_BRIGHTNESS: f64 = 1e6;

/// A cell is cut into this many points a side at most.
const MAX_CUTS: usize = 64;

impl Source {
    /// A source from a brightness map `[y, x]`, y up, over −1 ≤ σ ≤ 1 both ways.
    ///
    /// # Errors
    /// A map that is not square, larger than 1025 × 1025, without light, with light outside the
    /// unit disc, or with a brightness that is negative, not finite or above a million.
    pub fn from_map(map: &Array2<f32>) -> Result<Self, OpticsError> {
        let (height, width) = map.dim();
        if height > MAX_SIDE || width > MAX_SIDE {
            return Err(refuse(1, format!("the map is {width} × {height}; at most 1025 fit")));
        }
        let rows: Vec<Vec<f64>> =
            map.outer_iter().rev().map(|row| row.iter().map(|&v| f64::from(v)).collect()).collect();
        validate(&rows)?;
        Ok(Self::Map { rows })
    }

    /// A source from a text map: as many lines as cells in a line, the top line at +y.
    ///
    /// Either numbers parted by blanks or commas, or one character a cell: `.` dark, `0` to `9`
    /// in ninths, `#` bright. Empty lines and lines that begin with `//` are passed over.
    ///
    /// # Errors
    /// The first line that cannot be read or is too long or short, and what
    /// [`Source::from_map`] refuses.
    pub fn parse_map(text: &str) -> Result<Self, OpticsError> {
        let lines: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
            .take(MAX_SIDE + 1)
            .collect();
        let parted = |c: char| c.is_whitespace() || c == ',' || c == ';';
        let numbers = lines.iter().any(|(_, line)| line.contains(parted));
        let mut rows = Vec::with_capacity(lines.len());
        for &(line, content) in &lines {
            let row = if numbers {
                content.split(parted).filter(|word| !word.is_empty()).map(number).collect()
            } else {
                content.chars().map(cell).collect::<Result<Vec<f64>, String>>()
            };
            let row = row.map_err(|reason| refuse(line, reason))?;
            if row.len() != lines.len() {
                let reason =
                    format!("holds {} cells, but there are {} lines", row.len(), lines.len());
                return Err(refuse(line, reason));
            }
            rows.push(row);
        }
        validate(&rows)?;
        Ok(Self::Map { rows })
    }
}

/// A brightness written as a number.
fn number(word: &str) -> Result<f64, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

/// A brightness written as a character.
fn cell(character: char) -> Result<f64, String> {
    match character {
        '.' => Ok(0.0),
        '#' => Ok(1.0),
        _ => character
            .to_digit(10)
            .map(|digit| f64::from(digit) / 9.0)
            .ok_or_else(|| format!("`{character}` is none of . # 0 to 9")),
    }
}

fn refuse(row: usize, reason: String) -> OpticsError {
    OpticsError::SourceMap { row, reason }
}

/// Checks a map's shape and every cell.
pub(super) fn validate(rows: &[Vec<f64>]) -> Result<(), OpticsError> {
    let side = rows.len();
    if !(1..=MAX_SIDE).contains(&side) {
        return Err(refuse(1, format!("the map has {side} rows; expected 1 to {MAX_SIDE}")));
    }
    let mut lit = false;
    for (r, row) in rows.iter().enumerate() {
        if row.len() != side {
            let reason = format!("holds {} cells; expected {side}, as there are rows", row.len());
            return Err(refuse(r + 1, reason));
        }
        for (c, &value) in row.iter().enumerate() {
            if !(0.0..=MAX_BRIGHTNESS).contains(&value) {
                let reason = format!("holds the brightness {value}; expected 0 to 1000000");
                return Err(refuse(r + 1, reason));
            }
            if value > 0.0 {
                lit = true;
                if nearest(centre(side, r, c), side) >= 1.0 {
                    let reason = format!("cell {} shines outside the unit disc of σ", c + 1);
                    return Err(refuse(r + 1, reason));
                }
            }
        }
    }
    if lit { Ok(()) } else { Err(refuse(1, "the map is dark; expected light somewhere".into())) }
}

/// Twice a cell's centre in half cells, from the middle of the map, y up.
fn place(side: usize, row: usize, column: usize) -> [i32; 2] {
    let side = side as i32;
    [2 * column as i32 + 1 - side, side - 1 - 2 * row as i32]
}

/// A cell's centre, σ.
fn centre(side: usize, row: usize, column: usize) -> [f64; 2] {
    place(side, row, column).map(|at| f64::from(at) / side as f64)
}

/// Distance of a cell's nearest point from the axis, σ.
fn nearest(centre: [f64; 2], side: usize) -> f64 {
    let [x, y] = centre.map(|at| (at.abs() - 1.0 / side as f64).max(0.0));
    x.hypot(y)
}

/// Distance of a cell's farthest point from the axis, σ.
fn farthest(centre: [f64; 2], half_cell: f64) -> f64 {
    (centre[0].abs() + half_cell).hypot(centre[1].abs() + half_cell)
}

/// The lit cells as (row, column, brightness).
fn lit(rows: &[Vec<f64>]) -> impl Iterator<Item = (usize, usize, f64)> {
    rows.iter().enumerate().flat_map(|(r, row)| {
        row.iter().enumerate().filter(|(_, v)| **v > 0.0).map(move |(c, &v)| (r, c, v))
    })
}

/// Outer radius of the light, σ.
pub(super) fn reach(rows: &[Vec<f64>]) -> f64 {
    let side = rows.len();
    let half_cell = 1.0 / side as f64;
    lit(rows).map(|(r, c, _)| farthest(centre(side, r, c), half_cell)).fold(0.0, f64::max).min(1.0)
}

/// Whether the map is its own mirror image.
pub(super) fn is_same_under(rows: &[Vec<f64>], [sx, sy]: [i32; 2]) -> bool {
    let last = rows.len().saturating_sub(1);
    rows.iter().enumerate().all(|(r, row)| {
        let image = &rows[if sy < 0 { last - r } else { r }];
        if sx < 0 { row.iter().eq(image.iter().rev()) } else { row == image }
    })
}

/// Brightness at a place, the brightest cell having 1.
pub(super) fn brightness(rows: &[Vec<f64>], [x, y]: [f64; 2]) -> f64 {
    let side = rows.len();
    let largest = rows.iter().flatten().copied().fold(0.0, f64::max);
    let index = |at: f64| (0.5 * (at + 1.0) * side as f64).floor();
    let (column, row) = (index(x), side as f64 - 1.0 - index(y));
    let within = |at: f64| (0.0..side as f64).contains(&at);
    if x.hypot(y) > ON_EDGE || !within(column) || !within(row) || largest <= 0.0 {
        return 0.0;
    }
    rows[row as usize].get(column as usize).map_or(0.0, |value| value / largest)
}

/// The map as about `wanted` points, one of each set of mirror images: large cells are cut into
/// parts, small ones gathered into blocks at the centroid of their light.
pub(super) fn points(rows: &[Vec<f64>], symmetry: Symmetry, wanted: usize) -> Vec<SourcePoint> {
    let side = rows.len();
    let cells: Vec<(usize, usize, f64)> =
        lit(rows).filter(|&(r, c, _)| symmetry.is_first(place(side, r, c))).collect();
    // A cell on a mirror has fewer images than one beside it.
    let images = |r: usize, c: usize| {
        let [x, y] = place(side, r, c);
        let mut seen: Vec<[i32; 2]> =
            symmetry.elements.iter().map(|[sx, sy]| [sx * x, sy * y]).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len() as f64
    };
    let cuts = (wanted / cells.len().max(1)).isqrt().clamp(1, MAX_CUTS);
    let parts = cells.iter().flat_map(|&(r, c, value)| {
        let weight = value * images(r, c);
        parts(centre(side, r, c), 2.0 / side as f64, cuts)
            .map(move |part| SourcePoint { weight: part.weight * weight, ..part })
    });
    let parts: Vec<SourcePoint> = parts.collect();
    let mut size = 2.0 / side as f64;
    let mut gathered = parts.clone();
    while gathered.len() > 2 * wanted.max(1) {
        size *= 1.25;
        gathered = gather(&parts, size);
    }
    gathered
}

/// A cell cut into `cuts` × `cuts` parts, each at the centroid of what is inside the unit disc.
fn parts(centre: [f64; 2], side: f64, cuts: usize) -> impl Iterator<Item = SourcePoint> {
    let step = side / cuts as f64;
    let offset = move |index: usize| (index as f64 + 0.5) * step - 0.5 * side;
    (0..cuts * cuts).filter_map(move |index| {
        let at = [centre[0] + offset(index % cuts), centre[1] + offset(index / cuts)];
        if farthest(at, 0.5 * step) <= 1.0 {
            return Some(SourcePoint { sigma: at, weight: step * step });
        }
        let inside = |[x, y]: [f64; 2]| f64::from(u8::from(x.hypot(y) <= 1.0));
        let cut = sampled(at, step, inside)?;
        Some(SourcePoint { weight: cut.weight * step * step / FULL, ..cut })
    })
}

/// Light that [`sampled`] counts in a cell wholly inside.
const FULL: f64 = 256.0;

/// Points of one block of `size` σ become one, at their centroid.
fn gather(points: &[SourcePoint], size: f64) -> Vec<SourcePoint> {
    let mut blocks: BTreeMap<[i64; 2], SourcePoint> = BTreeMap::new();
    for &SourcePoint { sigma: [x, y], weight } in points {
        let key = [(y / size).floor() as i64, (x / size).floor() as i64];
        let sum = blocks.entry(key).or_insert(SourcePoint { sigma: [0.0, 0.0], weight: 0.0 });
        sum.sigma = [sum.sigma[0] + weight * x, sum.sigma[1] + weight * y];
        sum.weight += weight;
    }
    let centred = |SourcePoint { sigma, weight }| SourcePoint {
        sigma: sigma.map(|at: f64| at / weight),
        weight,
    };
    blocks.into_values().map(centred).collect()
}
