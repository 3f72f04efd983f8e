@group(0) @binding(0) var<storage, read> columns: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> roots: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> fields: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn field_rows(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let lanes = THREADS / LINES;
    let own = local.x / lanes;
    let lane = local.x % lanes;
    // One line is one row of one kernel's field.
    let line = group.x * LINES + own;
    let inside = line < KERNELS * N;
    let k = line / N;
    let y = line % N;
    for (var x = lane; x < N; x += lanes) {
        var value = vec2<f32>(0.0, 0.0);
        let m = (x + HALF) % N;
        if inside && m < width {
            value = columns[((group.y * KERNELS + k) * width + m) * N + y];
        }
        ping[own * N + x] = value;
    }
    let flip = transform(own, lane);
    if inside {
        for (var x = lane; x < N; x += lanes) {
            fields[(group.y * KERNELS * N + line) * N + x] = fetch(flip, own * N + x);
        }
    }
}
