// Settings: 0 quencher.
@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read_write> acid: array<f32>;
@group(0) @binding(3) var<storage, read_write> inhibitor: array<f32>;

@compute @workgroup_size(THREADS)
fn release_acid(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i < WORDS {
        acid[i] = max(1.0 - left[i] - settings[0], 0.0);
        inhibitor[i] = 1.0;
    }
}
