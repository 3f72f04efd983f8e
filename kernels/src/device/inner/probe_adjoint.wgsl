@group(0) @binding(0) var<storage, read> slopes: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read> ranges: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read> settings: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;

@compute @workgroup_size(THREADS)
fn probe_adjoint(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= N * N {
        return;
    }
    let y = id.x / N;
    let x = id.x % N;
    let range = ranges[id.y];
    var sum = 0.0;
    for (var p = range.x; p < range.x + range.y; p += 1u) {
        sum += slopes[p] * rows[p * N + y] * columns[p * N + x];
    }
    gradients[id.y * N * N + id.x] += settings[7] * sum;
}
