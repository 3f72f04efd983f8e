extern "C" __global__ void __launch_bounds__(THREADS) count_metrics(
    const unsigned* __restrict__ bits,
    const unsigned* __restrict__ wanted,
    uint2* __restrict__ counts
) {
    __shared__ uint2 sums[THREADS];
    const unsigned local = threadIdx.x;
    uint2 sum = make_uint2(0u, 0u);
    for (unsigned w = blockIdx.x * THREADS + local; w < WORDS; w += GROUPS * THREADS) {
        const unsigned base = blockIdx.y * CORNERS * WORDS + w;
        sum.x += __popc(bits[base] ^ wanted[blockIdx.y * WORDS + w]);
        unsigned anywhere = 0u;
        unsigned everywhere = 0xffffffffu;
        for (unsigned i = 1u; i < CORNERS; i += 1u) {
            const unsigned word = bits[base + i * WORDS];
            anywhere |= word;
            everywhere &= word;
        }
        if (CORNERS > 1u) {
            sum.y += __popc(anywhere & ~everywhere);
        }
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
        counts[blockIdx.y * GROUPS + blockIdx.x] = sums[0];
    }
}
