@group(0) @binding(0) var<storage, read_write> behind: array<i32>;

@compute @workgroup_size(THREADS)
fn sum_behind(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    var sum = 0;
    for (var column = 0u; column < TILES_X; column += 1u) {
        let at = (group.x * TILES_X + column) * 64u + local.x;
        sum += behind[at];
        behind[at] = sum;
    }
}
