@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read_write> shades: array<u32>;

// Share of a pixel above a level, from the value and slope at its centre.
fn printed(first: u32, y: u32, x: u32, level: f32) -> f32 {
    let row = first + y * NX;
    let along_x = images[row + min(x + 1u, NX - 1u)] - images[row + max(x, 1u) - 1u];
    let along_y = images[first + min(y + 1u, NY - 1u) * NX + x]
        - images[first + (max(y, 1u) - 1u) * NX + x];
    let slope = max(0.5 * sqrt(along_x * along_x + along_y * along_y), 1e-6);
    return clamp(0.5 + (images[row + x] - level) / slope, 0.0, 1.0);
}

@compute @workgroup_size(THREADS)
fn band_map(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= NX * NY {
        return;
    }
    let y = id.x / NX;
    let x = id.x % NX;
    let outer = printed(0u, y, x, settings[1]);
    let inner = printed(INNER * NX * NY, y, x, settings[2]);
    let alpha = u32(abs(outer - inner) * 255.0);
    // White of that alpha, premultiplied.
    shades[(NY - 1u - y) * ROW + x] = alpha * 0x01010101u;
}
