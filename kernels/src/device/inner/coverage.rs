//! Exact area coverage of polygons, tile by tile.

use bytemuck::{Pod, Zeroable};

use super::super::kernel::{Constants, Kernel};
use super::word;

/// Side of a tile, pixels.
pub const SIDE: usize = 64;
/// A whole pixel, or a whole pixel's height.
pub const ONE: i32 = 1 << 24;
/// Which bit of [`Segment::columns`] tells the sign.
pub const SIGN: u32 = 30;
/// How many bits a column of tiles has in [`Segment::columns`].
pub const COLUMN_BITS: u32 = 15;

/// A piece of an outline from its lower end up, in pixels. Laid out as in `segment.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct Segment {
    /// Column it starts in.
    pub x: i32,
    /// First and last column of tiles it touches, and whether it covers (1) or uncovers (0) what
    /// lies right of it.
    pub columns: u32,
    /// First row it touches.
    pub y0: i32,
    /// Last row it touches.
    pub y1: i32,
    /// Where it starts within its column.
    pub fx: f32,
    /// How far right it goes; 0 for upright segments.
    pub dx: f32,
    /// Where it starts within its first row, 2⁻²⁴.
    pub bottom: i32,
    /// Where it ends within its last row, 2⁻²⁴, 1 to 2²⁴.
    pub top: i32,
}

impl Segment {
    /// First and last column of tiles.
    pub fn tiles(&self) -> [usize; 2] {
        let mask = (1 << COLUMN_BITS) - 1;
        [(self.columns & mask) as usize, (self.columns >> COLUMN_BITS & mask) as usize]
    }

    /// Height covered in a row, 2⁻²⁴, with its sign.
    fn cover(&self, row: i32) -> i32 {
        let low = if row == self.y0 { self.bottom } else { 0 };
        let high = if row == self.y1 { self.top } else { ONE };
        if self.columns >> SIGN & 1 == 1 { high - low } else { low - high }
    }
}

/// Sets words to 0. Bindings: words.
pub static CLEAR_WORDS: Kernel = Kernel {
    name: "clear_words",
    wgsl: &[include_str!("clear_words.wgsl")],
    cuda: &[include_str!("clear_words.cu")],
    threads: 256,
    writes: &[true],
    twin: |values, buffers| {
        if let [words] = buffers {
            words.iter_mut().take(values.get("WORDS")).for_each(|word| *word = 0);
        }
    },
};

/// Copies words: what memory moves at its best. Bindings: from, to.
///
/// Cost: 8 bytes a word.
pub static COPY_WORDS: Kernel = Kernel {
    name: "copy_words",
    wgsl: &[include_str!("copy_words.wgsl")],
    cuda: &[include_str!("copy_words.cu")],
    threads: 256,
    writes: &[false, true],
    twin: |values, buffers| {
        if let [from, to] = buffers {
            let words = values.get("WORDS");
            to[..words].copy_from_slice(&from[..words]);
        }
    },
};

/// Counts the segments that touch each tile, and adds up how much they cover behind the tiles right
/// of them (`[tile row, tile column, row]`, as differences along y). Bindings: segments, frame
/// (first row of tiles, rows of pixels), counts, behind.
///
/// Cost a segment: 32 bytes read, an atomic for each tile it touches and 4 for each row of tiles.
pub static COUNT_SEGMENTS: Kernel = Kernel {
    name: "count_segments",
    wgsl: &[include_str!("segment.wgsl"), include_str!("count_segments.wgsl")],
    cuda: &[include_str!("segment.cu"), include_str!("count_segments.cu")],
    threads: 256,
    writes: &[false, false, true, true],
    twin: count_segments,
};

/// The whole segments in a buffer.
fn held(words: &[u32]) -> &[Segment] {
    let words_each = size_of::<Segment>() / 4;
    bytemuck::cast_slice(&words[..words.len() / words_each * words_each])
}

/// Segments, the rows of tiles each touches in the frame, and the first row of the frame.
fn touched<'a>(
    values: &Constants<'_>,
    segments: &'a [u32],
    frame: &[u32],
) -> impl Iterator<Item = (usize, &'a Segment, i32)> + use<'a> {
    let segments = held(segments);
    let (start, rows) = (frame[0] as i32, values.get("TILES_Y") as i32);
    let side = SIDE as i32;
    segments.iter().take(values.get("SEGMENTS")).enumerate().flat_map(move |(i, s)| {
        let rows = (s.y0 / side).max(start)..=(s.y1 / side).min(start + rows - 1);
        rows.map(move |row| (i, s, row - start))
    })
}

fn count_segments(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [segments, frame, counts, behind] = buffers else { return };
    let columns = values.get("TILES_X");
    let side = SIDE as i32;
    for (_, s, row) in touched(values, segments, frame) {
        let [first, last] = s.tiles();
        for column in first..=last {
            counts[row as usize * columns + column] += 1;
        }
        if last + 1 >= columns {
            continue;
        }
        let own = &mut behind[(row as usize * columns + last + 1) * SIDE..][..SIDE];
        let top = (row + frame[0] as i32) * side;
        let mut before = 0;
        for y in 0..side {
            let inside = (s.y0..=s.y1).contains(&(top + y));
            let now = if inside { s.cover(top + y) } else { 0 };
            own[y as usize] = own[y as usize].wrapping_add_signed(now - before);
            before = now;
        }
    }
}

/// Where each tile's list starts, by running sums; leaves the counts 0. Bindings: counts, starts.
///
/// Cost: 12 bytes a tile, by one group.
pub static PLACE_TILES: Kernel = Kernel {
    name: "place_tiles",
    wgsl: &[include_str!("place_tiles.wgsl")],
    cuda: &[include_str!("place_tiles.cu")],
    threads: 256,
    writes: &[true, true],
    twin: |values, buffers| {
        let [counts, starts] = buffers else { return };
        let tiles = values.get("TILES_X") * values.get("TILES_Y");
        let mut at = 0;
        for (count, start) in counts.iter_mut().zip(starts.iter_mut()).take(tiles) {
            *start = at;
            at += std::mem::take(count);
        }
        starts[tiles] = at;
    },
};

/// Writes the lists of segments that touch each tile, in any order. Bindings: segments, frame,
/// starts, counts, lists.
///
/// Cost a segment: 32 bytes read, 4 written and an atomic for each tile it touches.
pub static LIST_SEGMENTS: Kernel = Kernel {
    name: "list_segments",
    wgsl: &[include_str!("segment.wgsl"), include_str!("list_segments.wgsl")],
    cuda: &[include_str!("segment.cu"), include_str!("list_segments.cu")],
    threads: 256,
    writes: &[false, false, false, true, true],
    twin: |values, buffers| {
        let [segments, frame, starts, counts, lists] = buffers else { return };
        for (i, s, row) in touched(values, segments, frame) {
            for column in s.tiles()[0]..=s.tiles()[1] {
                let tile = row as usize * values.get("TILES_X") + column;
                lists[(starts[tile] + counts[tile]) as usize] = i as u32;
                counts[tile] += 1;
            }
        }
    },
};

/// Running sums along x of what is covered behind tiles. Bindings: behind.
///
/// Cost: 8 bytes a row of a tile.
pub static SUM_BEHIND: Kernel = Kernel {
    name: "sum_behind",
    wgsl: &[include_str!("sum_behind.wgsl")],
    cuda: &[include_str!("sum_behind.cu")],
    threads: SIDE as u32,
    writes: &[true],
    twin: |values, buffers| {
        let [behind] = buffers else { return };
        for row in behind.chunks_exact_mut(SIDE * values.get("TILES_X")) {
            for at in SIDE..row.len() {
                row[at] = row[at].wrapping_add(row[at - SIDE]);
            }
        }
    },
};

/// Covered share of each pixel `[rows, NX]`, f32: each tile adds up its segments in shared memory as
/// changes along x and y, whole 2⁻²⁴ parts, and takes running sums. Bindings: segments, frame,
/// starts, lists, behind, pixels.
///
/// Cost: 4 bytes written a pixel and 4 sums in shared memory; 36 bytes read a listed segment, and
/// up to 8 atomics in shared memory (upright) or 4 a row and column it crosses (slanted).
pub static TILE_COVERAGE: Kernel = Kernel {
    name: "tile_coverage",
    wgsl: &[include_str!("segment.wgsl"), include_str!("tile_coverage.wgsl")],
    cuda: &[include_str!("segment.cu"), include_str!("tile_coverage.cu")],
    threads: SIDE as u32,
    writes: &[false, false, false, false, false, true],
    twin: tile_coverage,
};

fn tile_coverage(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [segments, frame, starts, lists, behind, pixels] = buffers else { return };
    let segments = held(segments);
    let (columns, nx, rows) = (values.get("TILES_X"), values.get("NX"), frame[1] as usize);
    for tile in 0..columns * values.get("TILES_Y") {
        let (tile_y, tile_x) = (tile / columns, tile % columns);
        let mut behind_row = 0_i32;
        for y in tile_y * SIDE..((tile_y + 1) * SIDE).min(rows) {
            behind_row = behind_row.wrapping_add_unsigned(behind[tile * SIDE + y % SIDE]);
            let row = y as i32 + frame[0] as i32 * SIDE as i32;
            for x in tile_x * SIDE..((tile_x + 1) * SIDE).min(nx) {
                let own = &lists[starts[tile] as usize..starts[tile + 1] as usize];
                let area: f64 = own.iter().map(|i| right(&segments[*i as usize], row, x)).sum();
                pixels[y * nx + x] = word((f64::from(behind_row) + area) / f64::from(ONE));
            }
        }
    }
}

/// Area of pixel (row, x) that lies right of a segment, 2⁻²⁴, with its sign.
fn right(s: &Segment, row: i32, x: usize) -> f64 {
    if !(s.y0..=s.y1).contains(&row) {
        return 0.0;
    }
    let height = |y: i32, within: i32| f64::from(y) + f64::from(within) / f64::from(ONE);
    let (start, end) = (height(s.y0, s.bottom), height(s.y1, s.top));
    let at =
        |y: f64| f64::from(s.x) + f64::from(s.fx) + f64::from(s.dx) * (y - start) / (end - start);
    let (a, b) = (at(start.max(f64::from(row))), at(end.min(f64::from(row + 1))));
    let (low, high) = (a.min(b), a.max(b));
    // The mean over the piece of how much of the pixel lies right of it.
    let right_of = |u: f64| match u - low {
        u if u <= 0.0 => 0.0,
        u if u < high - low => u * u / (2.0 * (high - low)),
        u => u - 0.5 * (high - low),
    };
    let share = right_of(x as f64 + 1.0) - right_of(x as f64);
    f64::from(s.cover(row)) * share.clamp(0.0, 1.0)
}
