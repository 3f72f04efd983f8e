// Settings: as for start_top.
@group(0) @binding(0) var<storage, read> settings: array<f32>;
@group(0) @binding(1) var<storage, read> slow: array<f32>;
@group(0) @binding(2) var<storage, read> times: array<f32>;
@group(0) @binding(3) var<storage, read_write> plan: array<u32>;

fn at(i: u32, place: u32, step: i32, count: u32, stride: u32, above: f32) -> f32 {
    let to_ = i32(place) + step;
    if to_ < 0 {
        return above;
    }
    if to_ >= i32(count) {
        return NEVER;
    }
    return times[u32(i32(i) + step * i32(stride))];
}

// Bits of an axis: 1 the earlier side is the lower one, 2 the upper one, 4 second order there. Along an
// even wall the step is 0, so that one which counts as none may as well fall.
fn axis(i: u32, place: u32, count: u32, stride: u32, above: f32, still: f32, steep: f32) -> u32 {
    let before = at(i, place, -1, count, stride, above);
    let after = at(i, place, 1, count, stride, above);
    let near = min(before, after);
    if near >= times[i] {
        return 0u;
    }
    let lower = before <= after;
    let step = near - at(i, place, select(2, -2, lower), count, stride, above);
    let is_smooth = step >= -(still + 4e-7 * near) && step <= steep;
    return select(2u, 1u, lower) | select(0u, 4u, is_smooth);
}

@compute @workgroup_size(THREADS)
fn front_plan(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= NZ * NY * NX {
        return;
    }
    let still = settings[3] * slow[i];
    let steep = settings[4] * slow[i];
    let above = select(NEVER, 0.0, TOP == 1u);
    let z = axis(i, i / (NY * NX), NZ, NY * NX, above, still, steep);
    let y = axis(i, (i / NX) % NY, NY, NX, NEVER, still, steep);
    let x = axis(i, i % NX, NX, 1u, NEVER, still, steep);
    plan[i] = z | (y << 3u) | (x << 6u);
}
