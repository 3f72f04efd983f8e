// A tile of 64 x 64 of C by 256 threads, each 4 x 4 of it in steps of 16, so that neighbours in a
// row of threads touch neighbours in memory.
const unsigned TILE = 64u;
const unsigned SLAB = 8u;

extern "C" __global__ void __launch_bounds__(THREADS) product(
    const float* __restrict__ a,
    const float* __restrict__ b,
    float* __restrict__ c
) {
    __shared__ float part_a[512];
    __shared__ float part_b[512];
    const unsigned local = threadIdx.x;
    const unsigned x = local % 16u;
    const unsigned y = local / 16u;
    const unsigned row = blockIdx.y * TILE;
    const unsigned column = blockIdx.x * TILE;
    const unsigned base_a = blockIdx.z / EACH_A * STRIDE_A;
    const unsigned base_b = blockIdx.z / EACH_B * STRIDE_B;
    const unsigned base_c = blockIdx.z * STRIDE_C;
    float sums[16] = {};
    for (unsigned start = 0u; start < INNER; start += SLAB) {
        for (unsigned i = local; i < TILE * SLAB; i += THREADS) {
            // Neighbouring threads read along whichever index is contiguous.
            unsigned r = TURN_A == 1u ? i % TILE : i / SLAB;
            unsigned j = TURN_A == 1u ? i / TILE : i % SLAB;
            float value = 0.0f;
            if (row + r < ROWS && start + j < INNER) {
                value = a[base_a + (TURN_A == 1u ? (start + j) * ROWS + row + r : (row + r) * INNER + start + j)];
            }
            part_a[j * TILE + r] = value;
            r = TURN_B == 1u ? i / SLAB : i % TILE;
            j = TURN_B == 1u ? i % SLAB : i / TILE;
            value = 0.0f;
            if (column + r < COLUMNS && start + j < INNER) {
                value = b[base_b + (TURN_B == 1u ? (column + r) * INNER + start + j : (start + j) * COLUMNS + column + r)];
            }
            part_b[j * TILE + r] = value;
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
    for (unsigned r = 0u; r < 4u; r += 1u) {
        for (unsigned i = 0u; i < 4u; i += 1u) {
            const unsigned at_row = row + y + 16u * r;
            const unsigned at_column = column + x + 16u * i;
            if (at_row < ROWS && at_column < COLUMNS) {
                c[base_c + at_row * COLUMNS + at_column] = sums[4u * r + i];
            }
        }
    }
}
