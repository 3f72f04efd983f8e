@group(0) @binding(0) var<storage, read> gradients: array<f32>;
@group(0) @binding(1) var<storage, read> fields: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> set_of: array<u32>;
@group(0) @binding(3) var<storage, read> roots: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> columns: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn adjoint_rows(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let lanes = THREADS / LINES;
    let own = local.x / lanes;
    let lane = local.x % lanes;
    let line = group.x * LINES + own;
    let inside = line < KERNELS * N;
    let k = min(line / N, KERNELS - 1u);
    let y = line % N;
    for (var x = lane; x < N; x += lanes) {
        var value = vec2<f32>(0.0, 0.0);
        if inside {
            let by = gradients[((group.y * SETS + set_of[k]) * N + y) * N + x];
            value = fields[(group.y * KERNELS * N + line) * N + x] * by;
        }
        ping[own * N + x] = value;
    }
    let flip = transform(own, lane);
    if inside {
        for (var m = lane; m < width; m += lanes) {
            let value = fetch(flip, own * N + wrapped(m));
            columns[((group.y * KERNELS + k) * width + m) * N + y] = value;
        }
    }
}
