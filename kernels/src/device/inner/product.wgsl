// A tile of 64 x 64 of C by 256 threads, each 4 x 4 of it in steps of 16, so that neighbours in a
// row of threads touch neighbours in memory.
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

const TILE: u32 = 64u;
const SLAB: u32 = 8u;
var<workgroup> part_a: array<f32, 512>;
var<workgroup> part_b: array<f32, 512>;

@compute @workgroup_size(THREADS)
fn product(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let x = local.x % 16u;
    let y = local.x / 16u;
    let row = group.y * TILE;
    let column = group.x * TILE;
    let base_a = group.z / EACH_A * STRIDE_A;
    let base_b = group.z / EACH_B * STRIDE_B;
    let base_c = group.z * STRIDE_C;
    var sums: array<f32, 16>;
    for (var start = 0u; start < INNER; start += SLAB) {
        for (var i = local.x; i < TILE * SLAB; i += THREADS) {
            // Neighbouring threads read along whichever index is contiguous.
            var r = i / SLAB;
            var j = i % SLAB;
            if TURN_A == 1u {
                r = i % TILE;
                j = i / TILE;
            }
            var value = 0.0;
            if row + r < ROWS && start + j < INNER {
                let at = select((row + r) * INNER + start + j, (start + j) * ROWS + row + r, TURN_A == 1u);
                value = a[base_a + at];
            }
            part_a[j * TILE + r] = value;
            r = i % TILE;
            j = i / TILE;
            if TURN_B == 1u {
                r = i / SLAB;
                j = i % SLAB;
            }
            value = 0.0;
            if column + r < COLUMNS && start + j < INNER {
                let at = select((start + j) * COLUMNS + column + r, (column + r) * INNER + start + j, TURN_B == 1u);
                value = b[base_b + at];
            }
            part_b[j * TILE + r] = value;
        }
        workgroupBarrier();
        for (var j = 0u; j < SLAB; j += 1u) {
            var across: array<f32, 4>;
            for (var i = 0u; i < 4u; i += 1u) {
                across[i] = part_b[j * TILE + x + 16u * i];
            }
            for (var r = 0u; r < 4u; r += 1u) {
                let down = part_a[j * TILE + y + 16u * r];
                for (var i = 0u; i < 4u; i += 1u) {
                    sums[4u * r + i] += down * across[i];
                }
            }
        }
        workgroupBarrier();
    }
    for (var r = 0u; r < 4u; r += 1u) {
        for (var i = 0u; i < 4u; i += 1u) {
            let at_row = row + y + 16u * r;
            let at_column = column + x + 16u * i;
            if at_row < ROWS && at_column < COLUMNS {
                c[base_c + at_row * COLUMNS + at_column] = sums[4u * r + i];
            }
        }
    }
}
