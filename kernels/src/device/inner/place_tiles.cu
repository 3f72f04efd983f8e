// One group: running sums of the counts.
extern "C" __global__ void __launch_bounds__(THREADS) place_tiles(
    unsigned* __restrict__ counts,
    unsigned* __restrict__ starts
) {
    __shared__ unsigned sums[THREADS];
    const unsigned local = threadIdx.x;
    const unsigned tiles = TILES_X * TILES_Y;
    const unsigned share = (tiles + THREADS - 1u) / THREADS;
    const unsigned from = min(local * share, tiles);
    const unsigned to = min(from + share, tiles);
    unsigned sum = 0u;
    for (unsigned i = from; i < to; i += 1u) {
        sum += counts[i];
    }
    sums[local] = sum;
    __syncthreads();
    for (unsigned step = 1u; step < THREADS; step *= 2u) {
        unsigned before = 0u;
        if (local >= step) {
            before = sums[local - step];
        }
        __syncthreads();
        sums[local] += before;
        __syncthreads();
    }
    unsigned at = sums[local] - sum;
    for (unsigned i = from; i < to; i += 1u) {
        starts[i] = at;
        at += counts[i];
        // From here on: how many are in their place.
        counts[i] = 0u;
    }
    if (local == THREADS - 1u) {
        starts[tiles] = at;
    }
}
