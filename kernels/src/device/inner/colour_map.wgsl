@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> colours: array<u32>;
@group(0) @binding(2) var<storage, read> settings: array<f32>;
@group(0) @binding(3) var<storage, read_write> shades: array<u32>;

@compute @workgroup_size(THREADS)
fn colour_map(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= NX * NY {
        return;
    }
    let y = id.x / NX;
    let x = id.x % NX;
    let place = images[id.x] * settings[0];
    // What is no number is dark.
    var colour = 0u;
    if place > 0.0 {
        colour = u32(min(place, 255.0));
    }
    // Screens count rows from the top.
    shades[(NY - 1u - y) * ROW + x] = colours[colour];
}
