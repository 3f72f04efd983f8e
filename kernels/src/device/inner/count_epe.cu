// Gauges: row and column of the pixel that should print, then of the one that should not.
__device__ inline unsigned printed(const unsigned* __restrict__ bits, unsigned clip, unsigned y, unsigned x) {
    if (y >= NY || x >= NX) {
        return 0u;
    }
    const unsigned word = bits[(clip * CORNERS * NY + y) * ((NX + 31u) / 32u) + x / 32u];
    return (word >> (x % 32u)) & 1u;
}

extern "C" __global__ void __launch_bounds__(THREADS) count_epe(
    const unsigned* __restrict__ bits,
    const uint4* __restrict__ gauges,
    const uint2* __restrict__ ranges,
    uint2* __restrict__ counts
) {
    __shared__ uint2 sums[THREADS];
    const unsigned local = threadIdx.x;
    const uint2 range = ranges[blockIdx.x];
    uint2 sum = make_uint2(0u, 0u);
    for (unsigned i = local; i < range.y; i += THREADS) {
        const uint4 g = gauges[range.x + i];
        sum.x += 1u - printed(bits, blockIdx.x, g.x, g.y);
        sum.y += printed(bits, blockIdx.x, g.z, g.w);
    }
    sums[local] = sum;
    __syncthreads();
    for (unsigned step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            sums[local].x += sums[local + step].x;
            sums[local].y += sums[local + step].y;
        }
        __syncthreads();
    }
    if (local == 0u) {
        counts[blockIdx.x] = sums[0];
    }
}
