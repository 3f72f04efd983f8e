// Shapes: each is one instance of 28 bytes; 6 vertices to fill it, 24 to frame it.

struct Piece {
    // Places in the sheet, database units, y up. A triangle has three corners, a rectangle its lower
    // left and upper right, an edge two ends with the inside on its left.
    @location(0) a: vec2f,
    @location(1) b: vec2f,
    @location(2) c: vec2f,
    // What it is (see below) in the two highest bits, then the index of its style.
    @location(3) what: u32,
}

const TRIANGLE: u32 = 0u;
const RECTANGLE: u32 = 1u;
const EDGE: u32 = 2u;

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) style: u32,
    // How much of its pixel a shape smaller than one covers.
    @location(1) @interpolate(flat) strength: f32,
}

// Where a place in the sheet is on the canvas.
fn pixel(at: vec2f) -> vec2f {
    return view.origin + vec2f(at.x, -at.y) * view.scale;
}

// A rectangle on whole pixels: at least one wide and high.
struct Box {
    low: vec2f,
    high: vec2f,
    strength: f32,
}

// Two sides of a box on whole pixels, and how much of its one pixel a thinner one covers.
// A side without any length stays a full line.
fn snapped(low: f32, high: f32) -> vec3f {
    let length = high - low;
    if length < 1.0 {
        let first = floor(0.5 * (low + high));
        return vec3f(first, first + 1.0, select(length, 1.0, length <= 0.0));
    }
    return vec3f(floor(low + 0.5), floor(high + 0.5), 1.0);
}

fn box_of(piece: Piece) -> Box {
    // Whole numbers stay exact where it is not far outside, and there nothing depends on them.
    let p = clamp(pixel(piece.a), vec2f(-30000.0), vec2f(30000.0));
    let q = clamp(pixel(piece.b), vec2f(-30000.0), vec2f(30000.0));
    let x = snapped(p.x, q.x);
    let y = snapped(q.y, p.y);
    return Box(vec2f(x.x, y.x), vec2f(x.y, y.y), x.z * y.z);
}

// Corner `vertex` of 6 of the two triangles that make up a box.
fn corner_of(low: vec2f, high: vec2f, vertex: u32) -> vec2f {
    let right = vertex == 1u || vertex == 2u || vertex == 4u;
    let lower = vertex == 2u || vertex == 4u || vertex == 5u;
    return vec2f(select(low.x, high.x, right), select(low.y, high.y, lower));
}

fn style_of(piece: Piece) -> u32 {
    return piece.what & 0x3fffffffu;
}

@vertex
fn fill_vertex(piece: Piece, @builtin(vertex_index) vertex: u32) -> Corner {
    var at = pixel(piece.a);
    var strength = 1.0;
    if piece.what >> 30u == RECTANGLE {
        let b = box_of(piece);
        strength = b.strength;
        let least = min(b.high.x - b.low.x, b.high.y - b.low.y);
        // The frame covers small ones altogether.
        if least > 2.0 * styles[style_of(piece)].line_width {
            at = corner_of(b.low, b.high, vertex);
        }
    } else if vertex == 1u {
        at = pixel(piece.b);
    } else if vertex == 2u {
        at = pixel(piece.c);
    }
    return Corner(placed(at), style_of(piece), strength);
}

@fragment
fn fill_fragment(in: Corner) -> @location(0) vec4f {
    if !dotted(in.style, in.position.xy) {
        discard;
    }
    return shown(styles[in.style].fill * in.strength);
}

// Corner `vertex` of the band inside a box: four boxes, the upper and lower over the whole width.
fn band_corner(b: Box, width: f32, vertex: u32) -> vec2f {
    let side = vertex / 6u;
    let inner_low = b.low + width;
    let inner_high = b.high - width;
    if any(inner_high <= inner_low) {
        return select(b.low, corner_of(b.low, b.high, vertex), side == 0u);
    }
    switch side {
        case 0u: { return corner_of(b.low, vec2f(b.high.x, inner_low.y), vertex); }
        case 1u: { return corner_of(vec2f(b.low.x, inner_high.y), b.high, vertex - 6u); }
        case 2u: { return corner_of(vec2f(b.low.x, inner_low.y), vec2f(inner_low.x, inner_high.y), vertex - 12u); }
        default: { return corner_of(vec2f(inner_high.x, inner_low.y), vec2f(b.high.x, inner_high.y), vertex - 18u); }
    }
}

// Corner `vertex` of a line on the inner side of an edge. Upright ones lie on whole pixels.
fn line_corner(piece: Piece, width: f32, vertex: u32) -> vec2f {
    var p = pixel(piece.a);
    var q = pixel(piece.b);
    if piece.a.x == piece.b.x || piece.a.y == piece.b.y {
        p = floor(p + 0.5);
        q = floor(q + 0.5);
    }
    if vertex >= 6u || all(p == q) {
        return p;
    }
    let along = normalize(q - p);
    // Left of the edge where y points up.
    let inwards = vec2f(along.y, -along.x) * width;
    let far = vertex == 1u || vertex == 2u || vertex == 4u;
    let inner = vertex == 2u || vertex == 4u || vertex == 5u;
    return select(p, q, far) + select(vec2f(0.0), inwards, inner);
}

@vertex
fn frame_vertex(piece: Piece, @builtin(vertex_index) vertex: u32) -> Corner {
    let style = style_of(piece);
    let width = styles[style].line_width;
    if piece.what >> 30u == EDGE {
        return Corner(placed(line_corner(piece, width, vertex)), style, 1.0);
    }
    let b = box_of(piece);
    return Corner(placed(band_corner(b, width, vertex)), style, b.strength);
}

@fragment
fn frame_fragment(in: Corner) -> @location(0) vec4f {
    return shown(styles[in.style].frame * in.strength);
}
