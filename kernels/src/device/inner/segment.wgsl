// A piece of an outline, from its lower end up. Heights within a pixel are whole 2^-24 parts, so
// that what pieces cover cancels exactly; sums wrap, and wrapped sums of small results are right.
struct Segment {
    x: i32,
    // Columns of tiles it touches, first and last, 15 bits each; bit 30: covers what is right of
    // it, else uncovers.
    columns: u32,
    // First and last row it touches.
    y0: i32,
    y1: i32,
    // Where it starts in column x, and how far it goes right.
    fx: f32,
    dx: f32,
    // Where it starts in row y0, and ends in row y1.
    bottom: i32,
    top: i32,
}

const ONE: i32 = 16777216;
const TILE: i32 = 64;

fn first_column(s: Segment) -> u32 {
    return s.columns & 0x7fffu;
}

fn last_column(s: Segment) -> u32 {
    return (s.columns >> 15u) & 0x7fffu;
}

// Height covered in a row, with its sign.
fn cover(s: Segment, row: i32) -> i32 {
    let low = select(0, s.bottom, row == s.y0);
    let high = select(ONE, s.top, row == s.y1);
    return select(low - high, high - low, (s.columns >> 30u) == 1u);
}
