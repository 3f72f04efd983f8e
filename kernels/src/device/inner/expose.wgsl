// Settings: 0 bleachable absorption, 1 other absorption, each by length, 2 height of a layer.
@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> layers: array<Layer>;
@group(0) @binding(2) var<storage, read> settings: array<f32>;
@group(0) @binding(3) var<storage, read_write> left: array<f32>;

// Absorption where an exposure has bleached it.
fn fall(u: f32) -> f32 {
    var bleached = 1.0 - u * (0.5 - u / 6.0);
    if u >= 0.02 {
        bleached = (1.0 - exp(-u)) / u;
    }
    return settings[0] * bleached + settings[1];
}

@compute @workgroup_size(THREADS)
fn expose(@builtin(global_invocation_id) id: vec3<u32>) {
    let pixel = id.x + id.y * ROW;
    if pixel >= PIXELS {
        return;
    }
    let dz = settings[2];
    var through = 0.0;
    var before = 0.0;
    for (var k = 0u; k < LAYERS; k += 1u) {
        let layer = layers[k];
        let upper = images[layer.upper * PIXELS + pixel];
        let lower = images[layer.lower * PIXELS + pixel];
        let full = layer.dose * max(upper + layer.share * (lower - upper), 0.0);
        var u = 0.0;
        if settings[0] == 0.0 {
            u = full * exp(-settings[1] * ((f32(k) + 0.5) * dz));
        } else {
            var step = dz;
            if k == 0u {
                // The surface: exposed as the first layer is, but for what that absorbs.
                step = 0.5 * dz;
                before = fall(full);
            }
            let ahead = fall(full * exp(through - step * before));
            through -= 0.5 * step * (before + ahead);
            u = full * exp(through);
            before = fall(u);
        }
        left[k * PIXELS + pixel] = exp(-u);
    }
}
