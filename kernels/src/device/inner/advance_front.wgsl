// Settings: as for start_top. Shape: voxels along z, y, x, blocks along z, y, x,
// colour of the blocks that are visited.
@group(0) @binding(0) var<storage, read> settings: array<f32>;
@group(0) @binding(1) var<storage, read> shape: array<u32>;
@group(0) @binding(2) var<storage, read> slow: array<f32>;
@group(0) @binding(3) var<storage, read> plan: array<u32>;
@group(0) @binding(4) var<storage, read_write> times: array<f32>;
@group(0) @binding(5) var<storage, read_write> rests: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> anything: array<atomic<u32>>;

// Times of a block of 8 x 8 columns with two columns of each neighbour: 8 x 12 x 12.
var<workgroup> block: array<f32, 1152>;
var<workgroup> is_stale: u32;
var<workgroup> woken: atomic<u32>;

// An axis after the plan: where the front would have started, and its weight. Of each side the first
// and the second neighbour; weights of the lower side at first and at second order, and the share of
// its second difference.
fn planned(bits: u32, lower: vec2<f32>, upper: vec2<f32>, weights: vec3<f32>, even: f32) -> vec2<f32> {
    var near = NEVER;
    var far = upper.y;
    var own = vec3<f32>(even, 2.25 * even, 1.0 / 3.0);
    if (bits & 1u) != 0u {
        near = lower.x;
        far = lower.y;
        own = weights;
    } else if (bits & 2u) != 0u {
        near = upper.x;
    }
    if (bits & 4u) != 0u {
        return vec2<f32>(near + own.z * (near - far), own.y);
    }
    return vec2<f32>(near, own.x);
}

@compute @workgroup_size(THREADS)
fn advance_front(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let nz = shape[0];
    let ny = shape[1];
    let nx = shape[2];
    let blocks_z = shape[3];
    let blocks_y = shape[4];
    let blocks_x = shape[5];
    // Blocks of one colour: none of them is another's neighbour.
    let half_row = (blocks_x + 1u) / 2u;
    let own = group.x + group.y * GROUP_ROW;
    let bz = own / (blocks_y * half_row);
    let by = (own / half_row) % blocks_y;
    let bx = 2u * (own % half_row) + ((bz + by + shape[6]) & 1u);
    let is_block = bz < blocks_z && bx < blocks_x;
    let index = (bz * blocks_y + by) * blocks_x + bx;
    if local.x == 0u {
        is_stale = 0u;
        if is_block {
            is_stale = 1u - atomicLoad(&rests[index]);
        }
        atomicStore(&woken, 0u);
    }
    if workgroupUniformLoad(&is_stale) == 0u {
        return;
    }
    let top = i32(bz * 8u);
    for (var i = local.x; i < 1152u; i += THREADS) {
        let z = top + i32(i / 144u);
        let y = i32(by * 8u + (i / 12u) % 12u) - 2;
        let x = i32(bx * 8u + i % 12u) - 2;
        var time = NEVER;
        if z < i32(nz) && y >= 0 && y < i32(ny) && x >= 0 && x < i32(nx) {
            time = times[(u32(z) * ny + u32(y)) * nx + u32(x)];
        }
        block[i] = time;
    }
    // This thread's column, with two voxels above and below.
    let y = by * 8u + local.x / 8u;
    let x = bx * 8u + local.x % 8u;
    let centre = (local.x / 8u + 2u) * 12u + local.x % 8u + 2u;
    let is_inside = y < ny && x < nx;
    var column: array<f32, 12>;
    var slowness: array<f32, 8>;
    for (var i = 0u; i < 12u; i += 1u) {
        let z = top + i32(i) - 2;
        column[i] = NEVER;
        if z < 0 && TOP == 1u {
            column[i] = 0.0;
        }
        if is_inside && z >= 0 && z < i32(nz) {
            column[i] = times[(u32(z) * ny + y) * nx + x];
        }
    }
    for (var i = 0u; i < 8u; i += 1u) {
        let z = bz * 8u + i;
        slowness[i] = 0.0;
        if is_inside && z < nz {
            slowness[i] = slow[(z * ny + y) * nx + x];
        }
    }
    workgroupBarrier();
    let wz = settings[0];
    let wy = settings[1];
    let wx = settings[2];
    var moves = 0u;
    for (var pass_ = 0u; pass_ < 2u * PASSES; pass_ += 1u) {
        for (var step = 0u; step < 8u; step += 1u) {
            // Down, then up; beside the column times are those of the pass before.
            let i = select(step, 7u - step, (pass_ & 1u) == 1u);
            let s = slowness[i];
            if s > 0.0 {
                let z = bz * 8u + i;
                let at = i * 144u + centre;
                let old = column[i + 2u];
                var new_ = old;
                if SECOND == 1u {
                    var weights = vec3<f32>(wz, 2.25 * wz, 1.0 / 3.0);
                    if TOP == 1u && z == 0u {
                        weights = vec3<f32>(4.0 * wz, 4.0 * wz, 0.0);
                    } else if TOP == 1u && z == 1u {
                        weights = vec3<f32>(wz, 25.0 / 9.0 * wz, 0.8);
                    }
                    let bits = plan[(z * ny + y) * nx + x];
                    let above = vec2<f32>(column[i + 1u], column[i]);
                    let below = vec2<f32>(column[i + 3u], column[i + 4u]);
                    let before = vec2<f32>(block[at - 12u], block[at - 24u]);
                    let after = vec2<f32>(block[at + 12u], block[at + 24u]);
                    let left = vec2<f32>(block[at - 1u], block[at - 2u]);
                    let right = vec2<f32>(block[at + 1u], block[at + 2u]);
                    new_ = solve(
                        planned(bits, above, below, weights, wz),
                        planned(bits >> 3u, before, after, vec3<f32>(wy, 2.25 * wy, 1.0 / 3.0), wy),
                        planned(bits >> 6u, left, right, vec3<f32>(wx, 2.25 * wx, 1.0 / 3.0), wx),
                        s,
                    );
                    new_ = min(new_, NEVER);
                } else {
                    let above = column[i + 1u];
                    let below = column[i + 3u];
                    var weight = wz;
                    if TOP == 1u && z == 0u && above <= below {
                        weight = 4.0 * wz;
                    }
                    new_ = solve(
                        vec2<f32>(min(above, below), weight),
                        vec2<f32>(min(block[at - 12u], block[at + 12u]), wy),
                        vec2<f32>(min(block[at - 1u], block[at + 1u]), wx),
                        s,
                    );
                    new_ = min(new_, old);
                }
                column[i + 2u] = new_;
                // Movement at the end of a visit asks for another one.
                if pass_ + 2u >= 2u * PASSES && abs(new_ - old) > settings[3] * s + 4e-7 * new_ {
                    moves |= 1u;
                }
            }
        }
        workgroupBarrier();
        for (var i = 0u; i < 8u; i += 1u) {
            block[i * 144u + centre] = column[i + 2u];
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 8u; i += 1u) {
        let s = slowness[i];
        if s > 0.0 {
            let place = ((bz * 8u + i) * ny + y) * nx + x;
            let new_ = column[i + 2u];
            if abs(new_ - times[place]) > settings[3] * s + 4e-7 * new_ {
                // Which neighbours see it: above, below, before, after, left, right.
                moves |= 2u;
                moves |= select(0u, 4u, i < 2u) | select(0u, 8u, i >= 6u);
                moves |= select(0u, 16u, local.x < 16u) | select(0u, 32u, local.x >= 48u);
                moves |= select(0u, 64u, local.x % 8u < 2u) | select(0u, 128u, local.x % 8u >= 6u);
            }
            times[place] = new_;
        }
    }
    atomicOr(&woken, moves);
    workgroupBarrier();
    if local.x == 0u {
        let all = atomicLoad(&woken);
        atomicStore(&rests[index], 1u - (all & 1u));
        if all != 0u {
            atomicStore(&anything[0], 1u);
        }
        if (all & 4u) != 0u && bz > 0u {
            atomicStore(&rests[index - blocks_y * blocks_x], 0u);
        }
        if (all & 8u) != 0u && bz + 1u < blocks_z {
            atomicStore(&rests[index + blocks_y * blocks_x], 0u);
        }
        if (all & 16u) != 0u && by > 0u {
            atomicStore(&rests[index - blocks_x], 0u);
        }
        if (all & 32u) != 0u && by + 1u < blocks_y {
            atomicStore(&rests[index + blocks_x], 0u);
        }
        if (all & 64u) != 0u && bx > 0u {
            atomicStore(&rests[index - 1u], 0u);
        }
        if (all & 128u) != 0u && bx + 1u < blocks_x {
            atomicStore(&rests[index + 1u], 0u);
        }
    }
}
