// Settings: 0 to 2 one over the squared spacing of z, y, x, 3 change that counts as none and 4
// steepest step, both by slowness, 5 height of a layer.
@group(0) @binding(0) var<storage, read> settings: array<f32>;
@group(0) @binding(1) var<storage, read_write> slow: array<f32>;
@group(0) @binding(2) var<storage, read_write> times: array<f32>;

@compute @workgroup_size(THREADS)
fn start_top(@builtin(global_invocation_id) id: vec3<u32>) {
    let pixel = id.x + id.y * ROW;
    if pixel >= PIXELS {
        return;
    }
    var front = 0.0;
    var step = 0.5 * settings[5];
    for (var k = 0u; k < NZ; k += 1u) {
        let own = 1.0 / bounded(slow[k * PIXELS + pixel]);
        front += step * own;
        times[k * PIXELS + pixel] = front;
        slow[k * PIXELS + pixel] = own;
        step = settings[5];
    }
}
