// What all shaders of the scene share: the view, and how layers look.

// All pixels are physical ones, from the top left of the canvas, y down, unless it says otherwise.
struct View {
    // Where the origin of the sheet is, pixels.
    origin: vec2f,
    // Size of the canvas, pixels.
    size: vec2f,
    // Where the top left of the canvas is in the window, pixels.
    corner: vec2f,
    // Pixels a database unit.
    scale: f32,
    // Pixels a point, rounded: the size of a stipple's dot.
    dot: u32,
    // Where shapes are drawn, so that density is not: left, top, right, bottom.
    shapes: vec4f,
    // 1 where the target takes linear colours.
    linear: u32,
}

struct Style {
    // Premultiplied, as egui has its colours.
    fill: vec4f,
    frame: vec4f,
    // Pixels.
    line_width: f32,
    // 32 rows of 32 pixels, the lowest row first, the lowest bit left.
    stipple: array<u32, 32>,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> styles: array<Style>;

// From pixels to where the device wants them.
fn placed(at: vec2f) -> vec4f {
    return vec4f(2.0 * at.x / view.size.x - 1.0, 1.0 - 2.0 * at.y / view.size.y, 0.0, 1.0);
}

// Whether the stipple of a style has its dot at this place of the window.
fn dotted(style: u32, at: vec2f) -> bool {
    let from_corner = vec2u(at - view.corner) / view.dot;
    let rows = u32(view.size.y) / view.dot;
    let row = (rows + 31u - from_corner.y % 32u) % 32u;
    return ((styles[style].stipple[row] >> (from_corner.x % 32u)) & 1u) == 1u;
}

fn linear_part(c: f32) -> f32 {
    return select(pow((c + 0.055) / 1.055, 2.4), c / 12.92, c <= 0.04045);
}

// A premultiplied colour as the target takes it.
fn shown(colour: vec4f) -> vec4f {
    if view.linear == 0u || colour.a <= 0.0 {
        return colour;
    }
    let c = colour.rgb / colour.a;
    return vec4f(linear_part(c.r), linear_part(c.g), linear_part(c.b), 1.0) * colour.a;
}
