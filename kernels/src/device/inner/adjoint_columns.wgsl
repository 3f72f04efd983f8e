@group(0) @binding(0) var<storage, read> columns: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> kernels: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> roots: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> parts: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn adjoint_columns(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let lanes = THREADS / LINES;
    let own = local.x / lanes;
    let lane = local.x % lanes;
    let line = group.x * LINES + own;
    let inside = line < KERNELS * width;
    for (var y = lane; y < N; y += lanes) {
        var value = vec2<f32>(0.0, 0.0);
        if inside {
            value = columns[(group.y * KERNELS * width + line) * N + y];
        }
        ping[own * N + y] = value;
    }
    let flip = transform(own, lane);
    if inside {
        let scale = 2.0 * weights[line / width];
        for (var n = lane; n < width; n += lanes) {
            let c = fetch(flip, own * N + wrapped(n));
            let h = kernels[line * width + n];
            let value = scale * times(h, vec2<f32>(c.x, -c.y));
            parts[(group.y * KERNELS * width + line) * width + n] = value;
        }
    }
}
