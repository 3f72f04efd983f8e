// Density: one quad for each layer of each tile, lowest layer first. A pixel costs one texture read
// and one blend a layer; looks are read once a corner, not once a pixel.

struct Tile {
    // Left, top, right, bottom, pixels.
    @location(0) area: vec4f,
    // Texel of the lower left corner of the part that is shown, and of the whole it is part of.
    @location(1) part_whole: vec4f,
    // Texels along the part.
    @location(2) span: f32,
    @location(3) page_style: vec2u,
}

// Texels along a page and a tile.
const PAGE: f32 = 2048.0;
const TILE: f32 = 256.0;

@group(1) @binding(0) var pages: texture_2d_array<f32>;
@group(1) @binding(1) var smooth_read: sampler;

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) texel: vec2f,
    @location(1) @interpolate(flat) whole: vec2f,
    @location(2) @interpolate(flat) page_style: vec2u,
    @location(3) @interpolate(flat) fill: vec4f,
    @location(4) @interpolate(flat) frame: vec4f,
}

@vertex
fn tile_vertex(tile: Tile, @builtin(vertex_index) vertex: u32) -> Corner {
    let right = vertex == 1u || vertex == 2u || vertex == 4u;
    let lower = vertex == 2u || vertex == 4u || vertex == 5u;
    let x = select(tile.area.x, tile.area.z, right);
    let y = select(tile.area.y, tile.area.w, lower);
    let at = vec2f(select(0.0, 1.0, right), select(1.0, 0.0, lower));
    let texel = tile.part_whole.xy + at * tile.span;
    let style = tile.page_style.y;
    let fill = styles[style].fill;
    // Without outlines the inside reaches to the border.
    let frame = select(fill, styles[style].frame, styles[style].line_width > 0.0);
    return Corner(placed(vec2f(x, y)), texel, tile.part_whole.zw, tile.page_style, fill, frame);
}

@fragment
fn tile_fragment(in: Corner) -> @location(0) vec4f {
    let pixel = in.position.xy - view.corner;
    let texel = clamp(in.texel, in.whole + 0.5, in.whole + TILE - 0.5);
    // How much of the pixel is inside of shapes, and how much at their borders.
    let cover = textureSampleLevel(pages, smooth_read, texel / PAGE, in.page_style.x, 0.0).rg;
    let under_shapes = all(pixel > view.shapes.xy) && all(pixel < view.shapes.zw);
    if under_shapes || cover.x + cover.y <= 0.0 {
        discard;
    }
    // The two shares of the pixel lie side by side.
    var colour = in.frame * cover.y;
    if cover.x > 0.0 && dotted(in.page_style.y, in.position.xy) {
        colour += in.fill * cover.x;
    }
    return shown(colour);
}
