// One group: running sums of the counts.
@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;

var<workgroup> sums: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn place_tiles(@builtin(local_invocation_id) local: vec3<u32>) {
    let tiles = TILES_X * TILES_Y;
    let share = (tiles + THREADS - 1u) / THREADS;
    let from_ = min(local.x * share, tiles);
    let to_ = min(from_ + share, tiles);
    var sum = 0u;
    for (var i = from_; i < to_; i += 1u) {
        sum += counts[i];
    }
    sums[local.x] = sum;
    workgroupBarrier();
    for (var step = 1u; step < THREADS; step *= 2u) {
        var before = 0u;
        if local.x >= step {
            before = sums[local.x - step];
        }
        workgroupBarrier();
        sums[local.x] += before;
        workgroupBarrier();
    }
    var at = sums[local.x] - sum;
    for (var i = from_; i < to_; i += 1u) {
        starts[i] = at;
        at += counts[i];
        // From here on: how many are in their place.
        counts[i] = 0u;
    }
    if local.x == THREADS - 1u {
        starts[tiles] = at;
    }
}
