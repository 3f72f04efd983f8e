// A developed film on its substrate. Places are nm, heights over the substrate as they are: only
// `clip_from_nm` and the normals know of the vertical scale. Colours are linear until they are
// written.

struct View {
    clip_from_nm: mat4x4<f32>,
    // From the eye, heights drawn out.
    eye: vec3<f32>,
    vertical: f32,
    // To the light.
    light: vec3<f32>,
    thickness: f32,
    // Kept is where dot(xy, place) <= z; all zero without a cut.
    cut: vec4<f32>,
    // Left, near, right, far.
    slab: vec4<f32>,
    size: vec2<f32>,
    slab_depth: f32,
    grid_step: f32,
    substrate: vec4<f32>,
    grid: vec4<f32>,
    inside: vec4<f32>,
    outline: vec4<f32>,
    resist: vec4<f32>,
    by_height: u32,
    line_width: f32,
    // How much of the light walls take from what is beside them.
    shade: f32,
    // Distance over which what is cut away ceases to shade.
    reach: f32,
    ramp: array<vec4<f32>, 16>,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var relief: texture_2d<f32>;
@group(0) @binding(2) var relief_sampler: sampler;

struct Seen {
    @builtin(position) at: vec4<f32>,
    @location(0) nm: vec3<f32>,
    @location(1) normal: vec3<f32>,
}

fn seen(nm: vec3<f32>, normal: vec3<f32>) -> Seen {
    return Seen(view.clip_from_nm * vec4(nm, 1.0), nm, vec3(normal.xy, normal.z / view.vertical));
}

fn encoded(colour: vec3<f32>) -> vec4<f32> {
    let c = clamp(colour, vec3(0.0), vec3(1.0));
    let curved = 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055;
    return vec4(select(curved, 12.92 * c, c <= vec3(0.0031308)), 1.0);
}

// How much of the sky the film around hides: none at its top.
fn hidden(nm: vec3<f32>) -> f32 {
    let uv = (nm.xy - view.slab.xy) / (view.slab.zw - view.slab.xy);
    let around = textureSampleLevel(relief, relief_sampler, uv, 0.0).r;
    let away = dot(view.cut.xy, nm.xy) - view.cut.z;
    let there = 1.0 - smoothstep(-0.5 * view.reach, view.reach, away) * view.cut.w;
    return clamp(around - nm.z / view.thickness, 0.0, 1.0) * there * view.shade;
}

// Sky above, a little light from below, and one lamp by the eye.
fn lit(colour: vec3<f32>, nm: vec3<f32>, slope: vec3<f32>, gloss: f32) -> vec3<f32> {
    let normal = normalize(slope);
    let shadow = hidden(nm);
    let sky = mix(vec3(0.26, 0.255, 0.25), vec3(0.52, 0.53, 0.55), 0.5 + 0.5 * normal.z);
    let lamp = max(dot(normal, view.light), 0.0);
    let place = vec3(nm.xy, nm.z * view.vertical);
    let half_way = normalize(view.light + normalize(view.eye - place));
    let glint = gloss * pow(max(dot(normal, half_way), 0.0), 40.0);
    let light = sky * (1.0 - 0.7 * shadow) + 0.55 * lamp * (1.0 - 0.4 * shadow);
    return colour * light + glint * (1.0 - shadow);
}

fn film_colour(nm: vec3<f32>) -> vec3<f32> {
    if view.by_height == 0u {
        return view.resist.rgb;
    }
    let step = clamp(nm.z / view.thickness, 0.0, 1.0) * 15.0;
    let below = min(u32(step), 14u);
    return mix(view.ramp[below].rgb, view.ramp[below + 1u].rgb, step - f32(below));
}

@vertex
fn film_vertex(@location(0) nm: vec3<f32>, @location(1) normal: vec3<f32>) -> Seen {
    return seen(nm, normal);
}

// The inside of a film that is cut is flat; a whole one shows it only where it is open.
fn film_look(in: Seen, outside: bool) -> vec4<f32> {
    if !outside && view.cut.w > 0.0 {
        return encoded(view.inside.rgb);
    }
    let slope = select(-in.normal, in.normal, outside);
    return encoded(lit(film_colour(in.nm), in.nm, slope, 0.10));
}

@fragment
fn film_fragment(in: Seen, @builtin(front_facing) outside: bool) -> @location(0) vec4<f32> {
    return film_look(in, outside);
}

@fragment
fn cut_film_fragment(in: Seen, @builtin(front_facing) outside: bool) -> @location(0) vec4<f32> {
    if dot(view.cut.xy, in.nm.xy) > view.cut.z {
        discard;
    }
    return film_look(in, outside);
}

// The face of the cut, flat: it is not a surface of the film.
@fragment
fn face_fragment(in: Seen) -> @location(0) vec4<f32> {
    return encoded(view.inside.rgb);
}

// The substrate: six faces, six corners each.
@vertex
fn slab_vertex(@builtin(vertex_index) index: u32) -> Seen {
    let face = index / 6u;
    let axis = face / 2u;
    let high = f32(face % 2u);
    var corners = array<vec2<f32>, 6>(
        vec2(0.0, 0.0), vec2(1.0, 0.0), vec2(1.0, 1.0),
        vec2(0.0, 0.0), vec2(1.0, 1.0), vec2(0.0, 1.0),
    );
    let corner = corners[index % 6u];
    var share = vec3(high, corner);
    if axis == 1u {
        share = vec3(corner.y, high, corner.x);
    } else if axis == 2u {
        share = vec3(corner, high);
    }
    var normal = vec3(0.0);
    normal[axis] = 2.0 * high - 1.0;
    let low = vec3(view.slab.xy, -view.slab_depth / view.vertical);
    return seen(mix(low, vec3(view.slab.zw, 0.0), share), normal);
}

// How much of a pixel lines cover that lie at whole numbers, `width` pixels wide.
fn lines(at: vec2<f32>, width: f32) -> f32 {
    let pixel = max(fwidth(at), vec2(1e-6));
    let away = abs(fract(at - 0.5) - 0.5) / pixel;
    // Lines that crowd together fade instead of flickering.
    let fade = clamp(0.4 / pixel - 0.6, vec2(0.0), vec2(1.0));
    let cover = clamp(0.5 * width + 0.5 - away, vec2(0.0), vec2(1.0)) * fade;
    return max(cover.x, cover.y);
}

@fragment
fn slab_fragment(in: Seen) -> @location(0) vec4<f32> {
    let line = lines(in.nm.xy / view.grid_step, 0.7 * view.line_width);
    var colour = view.substrate.rgb;
    if in.normal.z > 0.0 {
        colour = mix(colour, view.grid.rgb, line);
    }
    return encoded(lit(colour, in.nm, in.normal, 0.0));
}

// A piece of the outline of the cut, as wide on the screen as it should be.
@vertex
fn outline_vertex(
    @builtin(vertex_index) index: u32,
    @location(0) begin: vec3<f32>,
    @location(1) end: vec3<f32>,
) -> @builtin(position) vec4<f32> {
    let a = view.clip_from_nm * vec4(begin, 1.0);
    let b = view.clip_from_nm * vec4(end, 1.0);
    if min(a.w, b.w) <= 0.0 || min(a.z, b.z) < 0.0 {
        return vec4(0.0, 0.0, -1.0, 1.0);
    }
    let run = (b.xy / b.w - a.xy / a.w) * view.size;
    let along = run / max(length(run), 1e-6);
    let across = vec2(-along.y, along.x);
    let far_end = index == 1u || index == 2u || index == 4u;
    let side = select(-1.0, 1.0, index == 2u || index == 4u || index == 5u);
    var at = select(a, b, far_end);
    // Ends reach half the width further, so that corners close.
    let more = across * side + along * select(-1.0, 1.0, far_end);
    at.x += more.x * view.line_width / view.size.x * at.w;
    at.y += more.y * view.line_width / view.size.y * at.w;
    // In front of the face it bounds.
    at.z -= 4e-5 * at.w;
    return at;
}

@fragment
fn outline_fragment() -> @location(0) vec4<f32> {
    return encoded(view.outline.rgb);
}
