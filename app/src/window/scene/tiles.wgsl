// Density: one quad a tile; each pixel goes through the tile's layers, lowest first, at one texture
// read a layer, and blends once.

struct Tile {
    // Left, top, right, bottom, pixels.
    @location(0) area: vec4f,
    // First of its entries and their number.
    @location(1) entries: vec2u,
}

// One layer of one tile.
struct Entry {
    // Texel of the lower left corner of the part that is shown, and of the whole it is part of.
    part: vec2f,
    whole: vec2f,
    // Texels along the part.
    span: f32,
    page: u32,
    style: u32,
}

// Texels along a page and a tile.
const PAGE: f32 = 2048.0;
const TILE: f32 = 256.0;

@group(1) @binding(0) var pages: texture_2d_array<f32>;
@group(1) @binding(1) var smooth_read: sampler;
@group(1) @binding(2) var<storage, read> entries: array<Entry>;

struct Corner {
    @builtin(position) position: vec4f,
    // From the lower left, 0 to 1.
    @location(0) at: vec2f,
    @location(1) @interpolate(flat) entries: vec2u,
}

@vertex
fn tile_vertex(tile: Tile, @builtin(vertex_index) vertex: u32) -> Corner {
    let right = vertex == 1u || vertex == 2u || vertex == 4u;
    let lower = vertex == 2u || vertex == 4u || vertex == 5u;
    let x = select(tile.area.x, tile.area.z, right);
    let y = select(tile.area.y, tile.area.w, lower);
    let at = vec2f(select(0.0, 1.0, right), select(1.0, 0.0, lower));
    return Corner(placed(vec2f(x, y)), at, tile.entries);
}

fn over(below: vec4f, above: vec4f) -> vec4f {
    return above + below * (1.0 - above.a);
}

@fragment
fn tile_fragment(in: Corner) -> @location(0) vec4f {
    let pixel = in.position.xy - view.corner;
    if all(pixel > view.shapes.xy) && all(pixel < view.shapes.zw) {
        discard;
    }
    var colour = vec4f(0.0);
    for (var i = in.entries.x; i < in.entries.x + in.entries.y; i++) {
        let entry = entries[i];
        let texel = clamp(entry.part + in.at * entry.span, entry.whole + 0.5, entry.whole + TILE - 0.5);
        // How much of the pixel is inside of shapes, and how much at their borders.
        var cover = textureSampleLevel(pages, smooth_read, texel / PAGE, entry.page, 0.0).rg;
        if cover.x + cover.y <= 0.0 {
            continue;
        }
        if styles[entry.style].line_width <= 0.0 {
            cover = vec2f(cover.x + cover.y, 0.0);
        }
        if cover.x > 0.0 && dotted(entry.style, in.position.xy) {
            colour = over(colour, styles[entry.style].fill * cover.x);
        }
        colour = over(colour, styles[entry.style].frame * cover.y);
    }
    return shown(colour);
}
