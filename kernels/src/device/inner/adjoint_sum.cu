extern "C" __global__ void __launch_bounds__(THREADS) adjoint_sum(
    const float2* __restrict__ parts,
    const float* __restrict__ tone,
    float2* __restrict__ adjoint
) {
    const unsigned id = blockIdx.x * THREADS + threadIdx.x;
    const unsigned width = 2u * HALF + 1u;
    const unsigned bins = width * width;
    if (id >= bins) {
        return;
    }
    const unsigned m = id / width;
    const unsigned n = id % width;
    float2 sum = make_float2(0.0f, 0.0f);
    for (unsigned k = 0u; k < KERNELS; k += 1u) {
        sum = sum + parts[(blockIdx.y * KERNELS + k) * bins + id];
    }
    // The mask moves with the features by the difference of amplitudes.
    const float2 change = make_float2(tone[0], tone[1]);
    adjoint[blockIdx.y * bins + n * width + m] = times(sum, change);
}
