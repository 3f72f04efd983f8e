extern "C" __global__ void __launch_bounds__(THREADS) mask_spectrum(
    const Edge* __restrict__ edges,
    const float2* __restrict__ tables,
    const float* __restrict__ form,
    const uint4* __restrict__ ranges,
    const float* __restrict__ tone,
    float2* __restrict__ spectrum
) {
    __shared__ float2 sums[THREADS];
    const unsigned local = threadIdx.x;
    const unsigned width = 2u * HALF + 1u;
    const unsigned bins = HALF + 1u;
    const unsigned n = blockIdx.x / width;
    const unsigned column = blockIdx.x % width;
    const unsigned m = column >= HALF ? column - HALF : HALF - column;
    const uint4 range = ranges[blockIdx.y];
    float2 sum = make_float2(0.0f, 0.0f);
    for (unsigned i = local; i < range.y; i += THREADS) {
        const unsigned e = range.x + i;
        float2 across = make_float2(edges[e].at_share, 0.0f);
        if (m > 0u) {
            const float2 phase = tables[2u * e * bins + m];
            const float size = form[m] / (6.2831853f * float(m));
            across = make_float2(-phase.y, phase.x) * size;
        }
        if (column < HALF) {
            across.y = -across.y;
        }
        sum = sum + times(across, tables[(2u * e + 1u) * bins + n]);
    }
    sums[local] = sum;
    __syncthreads();
    for (unsigned step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            sums[local] = sums[local] + sums[local + step];
        }
        __syncthreads();
    }
    if (local == 0u) {
        const float2 change = make_float2(tone[0], tone[1]);
        const float2 shape = sums[0];
        const unsigned base = blockIdx.y * width * width;
        const unsigned own = base + column * width + HALF + n;
        const unsigned mirrored = base + (2u * HALF - column) * width + HALF - n;
        // Row 0 holds both signs of m: one of them writes the pair.
        if (n > 0u || column > HALF) {
            spectrum[own] = times(change, shape);
            spectrum[mirrored] = times(change, make_float2(shape.x, -shape.y));
        } else if (column == HALF) {
            spectrum[own] = times(change, make_float2(shape.x, 0.0f)) + make_float2(tone[2], tone[3]);
        }
    }
}
