@group(0) @binding(0) var<storage, read> bits: array<u32>;
@group(0) @binding(1) var<storage, read> wanted: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<vec2<u32>>;

var<workgroup> sums: array<vec2<u32>, THREADS>;

@compute @workgroup_size(THREADS)
fn count_metrics(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    var sum = vec2<u32>(0u, 0u);
    for (var w = group.x * THREADS + local.x; w < WORDS; w += GROUPS * THREADS) {
        let base = group.y * CORNERS * WORDS + w;
        sum.x += countOneBits(bits[base] ^ wanted[group.y * WORDS + w]);
        var anywhere = 0u;
        var everywhere = 0xffffffffu;
        for (var i = 1u; i < CORNERS; i += 1u) {
            let word = bits[base + i * WORDS];
            anywhere |= word;
            everywhere &= word;
        }
        if CORNERS > 1u {
            sum.y += countOneBits(anywhere & ~everywhere);
        }
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
        counts[group.y * GROUPS + group.x] = sums[0];
    }
}
