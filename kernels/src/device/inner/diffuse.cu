// A place on the axis for one that may lie beyond its walls.
__device__ inline unsigned inside(int i) {
    const int n = (int)COUNT;
    if (i >= 0 && i < n) {
        return (unsigned)i;
    }
    if (PERIODIC == 1u) {
        return (unsigned)(((i % n) + n) % n);
    }
    const int folded = ((i % (2 * n)) + 2 * n) % (2 * n);
    return (unsigned)min(folded, 2 * n - 1 - folded);
}

extern "C" __global__ void __launch_bounds__(THREADS) diffuse(
    const float* __restrict__ taps,
    const float* __restrict__ from_,
    float* __restrict__ to_
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= WORDS) {
        return;
    }
    const unsigned place = (i / STRIDE) % COUNT;
    const unsigned start = i - place * STRIDE;
    float sum = 0.0f;
    for (unsigned k = 1u; k <= REACH; k += 1u) {
        const float low = from_[start + inside((int)place - (int)k) * STRIDE];
        const float high = from_[start + inside((int)(place + k)) * STRIDE];
        sum += taps[k] * (low + high);
    }
    to_[i] = sum + taps[0] * from_[i];
}
