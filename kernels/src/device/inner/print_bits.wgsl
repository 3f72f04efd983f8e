// The image on a fine grid, one tile of 64 x 64 a group as in `product`, of which only the bits
// "prints at this level" are kept: 32 to a word, the lowest bit leftmost.
@group(0) @binding(0) var<storage, read> half_way: array<f32>;
@group(0) @binding(1) var<storage, read> columns: array<f32>;
@group(0) @binding(2) var<storage, read> levels: array<f32>;
@group(0) @binding(3) var<storage, read_write> bits: array<u32>;

const TILE: u32 = 64u;
const SLAB: u32 = 8u;
var<workgroup> part_a: array<f32, 512>;
var<workgroup> part_b: array<f32, 512>;
var<workgroup> words: array<atomic<u32>, 128>;

@compute @workgroup_size(THREADS)
fn print_bits(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let x = local.x % 16u;
    let y = local.x / 16u;
    let row = group.y * TILE;
    let column = group.x * TILE;
    let base = (group.z * SETS + SET) * NY * N;
    let row_words = (NX + 31u) / 32u;
    var sums: array<f32, 16>;
    for (var start = 0u; start < N; start += SLAB) {
        for (var i = local.x; i < TILE * SLAB; i += THREADS) {
            let r = i / SLAB;
            let j = i % SLAB;
            var value = 0.0;
            if row + r < NY && start + j < N {
                value = half_way[base + (row + r) * N + start + j];
            }
            part_a[j * TILE + r] = value;
            let across = i % TILE;
            let down = i / TILE;
            value = 0.0;
            if column + across < NX && start + down < N {
                value = columns[group.z * STRIDE + (start + down) * NX + column + across];
            }
            part_b[down * TILE + across] = value;
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
    for (var l = 0u; l < LEVELS; l += 1u) {
        let corner = FIRST + l;
        if local.x < 128u {
            atomicStore(&words[local.x], 0u);
        }
        workgroupBarrier();
        for (var r = 0u; r < 4u; r += 1u) {
            for (var i = 0u; i < 4u; i += 1u) {
                let across = x + 16u * i;
                if sums[4u * r + i] >= levels[corner] && column + across < NX {
                    atomicOr(&words[2u * (y + 16u * r) + across / 32u], 1u << (across % 32u));
                }
            }
        }
        workgroupBarrier();
        if local.x < 128u {
            let at_row = row + local.x / 2u;
            let word = column / 32u + local.x % 2u;
            if at_row < NY && word < row_words {
                let plane = group.z * CORNERS + corner;
                bits[(plane * NY + at_row) * row_words + word] = atomicLoad(&words[local.x]);
            }
        }
        workgroupBarrier();
    }
}
