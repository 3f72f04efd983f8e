@group(0) @binding(0) var<storage, read> parts: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> tone: array<f32>;
@group(0) @binding(2) var<storage, read_write> adjoint: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn adjoint_sum(@builtin(global_invocation_id) id: vec3<u32>) {
    let width = 2u * HALF + 1u;
    let bins = width * width;
    if id.x >= bins {
        return;
    }
    let m = id.x / width;
    let n = id.x % width;
    var sum = vec2<f32>(0.0, 0.0);
    for (var k = 0u; k < KERNELS; k += 1u) {
        sum += parts[(id.y * KERNELS + k) * bins + id.x];
    }
    // The mask moves with the features by the difference of amplitudes.
    let change = vec2<f32>(tone[0], tone[1]);
    let moved = vec2<f32>(sum.x * change.x - sum.y * change.y, sum.x * change.y + sum.y * change.x);
    adjoint[id.y * bins + n * width + m] = moved;
}
