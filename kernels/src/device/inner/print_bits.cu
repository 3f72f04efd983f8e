// The image on a fine grid, one tile of 64 x 64 a group as in `product`, of which only the bits
// "prints at this level" are kept: 32 to a word, the lowest bit leftmost.
const unsigned TILE = 64u;
const unsigned SLAB = 8u;

extern "C" __global__ void __launch_bounds__(THREADS) print_bits(
    const float* __restrict__ half_way,
    const float* __restrict__ columns,
    const float* __restrict__ levels,
    unsigned* __restrict__ bits
) {
    __shared__ float part_a[512];
    __shared__ float part_b[512];
    __shared__ unsigned words[128];
    const unsigned local = threadIdx.x;
    const unsigned x = local % 16u;
    const unsigned y = local / 16u;
    const unsigned row = blockIdx.y * TILE;
    const unsigned column = blockIdx.x * TILE;
    const unsigned base = (blockIdx.z * SETS + SET) * NY * N;
    const unsigned row_words = (NX + 31u) / 32u;
    float sums[16] = {};
    for (unsigned start = 0u; start < N; start += SLAB) {
        for (unsigned i = local; i < TILE * SLAB; i += THREADS) {
            const unsigned r = i / SLAB;
            const unsigned j = i % SLAB;
            float value = 0.0f;
            if (row + r < NY && start + j < N) {
                value = half_way[base + (row + r) * N + start + j];
            }
            part_a[j * TILE + r] = value;
            const unsigned across = i % TILE;
            const unsigned down = i / TILE;
            value = 0.0f;
            if (column + across < NX && start + down < N) {
                value = columns[blockIdx.z * STRIDE + (start + down) * NX + column + across];
            }
            part_b[down * TILE + across] = value;
        }
        __syncthreads();
        for (unsigned j = 0u; j < SLAB; j += 1u) {
            float across[4];
            for (unsigned i = 0u; i < 4u; i += 1u) {
                across[i] = part_b[j * TILE + x + 16u * i];
            }
            for (unsigned r = 0u; r < 4u; r += 1u) {
                const float down = part_a[j * TILE + y + 16u * r];
                for (unsigned i = 0u; i < 4u; i += 1u) {
                    sums[4u * r + i] += down * across[i];
                }
            }
        }
        __syncthreads();
    }
    for (unsigned l = 0u; l < LEVELS; l += 1u) {
        const unsigned corner = FIRST + l;
        if (local < 128u) {
            words[local] = 0u;
        }
        __syncthreads();
        for (unsigned r = 0u; r < 4u; r += 1u) {
            for (unsigned i = 0u; i < 4u; i += 1u) {
                const unsigned across = x + 16u * i;
                if (sums[4u * r + i] >= levels[corner] && column + across < NX) {
                    atomicOr(&words[2u * (y + 16u * r) + across / 32u], 1u << (across % 32u));
                }
            }
        }
        __syncthreads();
        if (local < 128u) {
            const unsigned at_row = row + local / 2u;
            const unsigned word = column / 32u + local % 2u;
            if (at_row < NY && word < row_words) {
                const unsigned plane = blockIdx.z * CORNERS + corner;
                bits[(plane * NY + at_row) * row_words + word] = words[local];
            }
        }
        __syncthreads();
    }
}
