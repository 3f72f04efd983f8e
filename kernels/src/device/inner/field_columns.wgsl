@group(0) @binding(0) var<storage, read> kernels: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> spectrum: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> roots: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> columns: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn field_columns(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let lanes = THREADS / LINES;
    let own = local.x / lanes;
    let lane = local.x % lanes;
    // One line is one bin m of one kernel.
    let line = group.x * LINES + own;
    let inside = line < KERNELS * width;
    let m = line % width;
    for (var y = lane; y < N; y += lanes) {
        var value = vec2<f32>(0.0, 0.0);
        let n = (y + HALF) % N;
        if inside && n < width {
            value = times(kernels[line * width + n], spectrum[(group.y * width + m) * width + n]);
        }
        ping[own * N + y] = value;
    }
    let flip = transform(own, lane);
    if inside {
        for (var y = lane; y < N; y += lanes) {
            columns[(group.y * KERNELS * width + line) * N + y] = fetch(flip, own * N + y);
        }
    }
}
