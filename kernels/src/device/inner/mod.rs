//! The inner loops of devices. Each stands in files of one name: `name.wgsl`, `name.cu`, and its
//! twin, the same in `f64` on the processor as directly as it can be said. The costs stated are bytes that
//! must move and operations that must be done, for one clip or volume.

#![expect(clippy::needless_range_loop, reason = "twins index several arrays by one place")]

mod coverage;
mod front;
mod judge;
mod loss;
mod resist;
mod shades;
mod spectrum;
mod transform;

pub(super) use coverage::{
    CLEAR_WORDS, COLUMN_BITS, COPY_WORDS, COUNT_SEGMENTS, LIST_SEGMENTS, ONE, PLACE_TILES, SIDE,
    SIGN, SUM_BEHIND, Segment, TILE_COVERAGE,
};
pub(super) use front::{ADVANCE_FRONT, BLOCK, FRONT_PLAN, START_KNOWN, START_TOP, STEEPEST, STILL};
pub(super) use judge::{COUNT_EPE, COUNT_METRICS, PRINT_BITS, PRODUCT, TILE};
pub(super) use loss::{PIXEL_LOSS, PROBE_ADJOINT, PROBE_TERMS};
pub use resist::Layer;
pub(super) use resist::{DEPROTECT, DIFFUSE, EXPOSE, LINEAR_TABLE, RELEASE_ACID};
pub(super) use shades::{BAND_MAP, COLOUR_MAP};
pub(super) use spectrum::{
    EDGE_GRADIENTS, EDGE_TABLES, EdgeWords, MASK_SPECTRUM, MOVE_EDGES, MovingWords,
};
pub(super) use transform::{
    ADJOINT_COLUMNS, ADJOINT_ROWS, ADJOINT_SUM, FIELD_COLUMNS, FIELD_ROWS, INTENSITY,
};

use num_complex::Complex64;

/// A word as a number.
fn real(word: u32) -> f64 {
    f64::from(f32::from_bits(word))
}

/// A number as a word.
fn word(value: f64) -> u32 {
    (value as f32).to_bits()
}

/// The i-th pair of words as a complex number.
fn complex(words: &[u32], i: usize) -> Complex64 {
    Complex64::new(real(words[2 * i]), real(words[2 * i + 1]))
}

/// Sets the i-th pair of words to a complex number.
fn set_complex(words: &mut [u32], i: usize, value: Complex64) {
    (words[2 * i], words[2 * i + 1]) = (word(value.re), word(value.im));
}
