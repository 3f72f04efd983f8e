// Gauges: row and column of the pixel that should print, then of the one that should not.
@group(0) @binding(0) var<storage, read> bits: array<u32>;
@group(0) @binding(1) var<storage, read> gauges: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> ranges: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> counts: array<vec2<u32>>;

var<workgroup> sums: array<vec2<u32>, THREADS>;

fn printed(clip: u32, y: u32, x: u32) -> u32 {
    if y >= NY || x >= NX {
        return 0u;
    }
    let word = bits[(clip * CORNERS * NY + y) * ((NX + 31u) / 32u) + x / 32u];
    return (word >> (x % 32u)) & 1u;
}

@compute @workgroup_size(THREADS)
fn count_epe(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let range = ranges[group.x];
    var sum = vec2<u32>(0u, 0u);
    for (var i = local.x; i < range.y; i += THREADS) {
        let g = gauges[range.x + i];
        sum += vec2<u32>(1u - printed(group.x, g.x, g.y), printed(group.x, g.z, g.w));
    }
    sums[local.x] = sum;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if local.x < step {
            sums[local.x] += sums[local.x + step];
        }
        workgroupBarrier();
    }
    if local.x == 0u {
        counts[group.x] = sums[0];
    }
}
