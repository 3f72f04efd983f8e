// The finished picture onto the window, pixel by pixel.

@group(0) @binding(0) var picture: texture_2d<f32>;

struct Corner {
    @builtin(position) at: vec4<f32>,
    @location(0) share: vec2<f32>,
}

// One triangle that covers everything.
@vertex
fn copy_vertex(@builtin(vertex_index) index: u32) -> Corner {
    let share = vec2(f32(index % 2u) * 2.0, f32(index / 2u) * 2.0);
    return Corner(vec4(2.0 * share.x - 1.0, 1.0 - 2.0 * share.y, 0.0, 1.0), share);
}

fn pixel(share: vec2<f32>) -> vec4<f32> {
    let size = vec2<i32>(textureDimensions(picture));
    return textureLoad(picture, clamp(vec2<i32>(share * vec2<f32>(size)), vec2(0), size - 1), 0);
}

@fragment
fn copy_fragment(in: Corner) -> @location(0) vec4<f32> {
    return pixel(in.share);
}

// For windows whose colours are linear.
@fragment
fn copy_linear_fragment(in: Corner) -> @location(0) vec4<f32> {
    let c = pixel(in.share).rgb;
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3(2.4));
    return vec4(select(high, low, c <= vec3(0.04045)), 1.0);
}
