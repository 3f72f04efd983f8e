// Settings: 0 order in acid, 1 share of the acid that is kept, 2 strength.
@group(0) @binding(0) var<storage, read> settings: array<f32>;
@group(0) @binding(1) var<storage, read_write> acid: array<f32>;
@group(0) @binding(2) var<storage, read_write> inhibitor: array<f32>;

@compute @workgroup_size(THREADS)
fn deprotect(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= WORDS {
        return;
    }
    let h = acid[i];
    var power = h;
    if settings[0] != 1.0 && h > 0.0 {
        power = pow(h, settings[0]);
    }
    inhibitor[i] *= exp(-settings[2] * power);
    acid[i] = h * settings[1];
}
