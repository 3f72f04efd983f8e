@group(0) @binding(0) var<storage, read> fields: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> sets: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> images: array<f32>;

@compute @workgroup_size(THREADS)
fn intensity(@builtin(global_invocation_id) id: vec3<u32>) {
    let pixels = N * N;
    if id.x >= pixels {
        return;
    }
    let own = sets[id.y];
    var sum = 0.0;
    for (var k = own.x; k < own.x + own.y; k += 1u) {
        let e = fields[(id.z * KERNELS + k) * pixels + id.x];
        sum += weights[k] * dot(e, e);
    }
    images[(id.z * SETS + id.y) * pixels + id.x] = sum;
}
