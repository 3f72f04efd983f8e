@group(0) @binding(0) var<storage, read_write> slow: array<f32>;
@group(0) @binding(1) var<storage, read_write> times: array<f32>;

@compute @workgroup_size(THREADS)
fn start_known(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= WORDS {
        return;
    }
    // Times that are NaN are asked for.
    if (bitcast<u32>(times[i]) & 0x7fffffffu) > 0x7f800000u {
        times[i] = NEVER;
        slow[i] = 1.0 / bounded(slow[i]);
    } else {
        slow[i] = 0.0;
    }
}
