extern "C" __global__ void __launch_bounds__(THREADS) intensity(
    const float2* __restrict__ fields,
    const float* __restrict__ weights,
    const uint2* __restrict__ sets,
    float* __restrict__ images
) {
    const unsigned id = blockIdx.x * THREADS + threadIdx.x;
    const unsigned pixels = N * N;
    if (id >= pixels) {
        return;
    }
    const uint2 own = sets[blockIdx.y];
    float sum = 0.0f;
    for (unsigned k = own.x; k < own.x + own.y; k += 1u) {
        const float2 e = fields[(blockIdx.z * KERNELS + k) * pixels + id];
        sum += weights[k] * (e.x * e.x + e.y * e.y);
    }
    images[(blockIdx.z * SETS + blockIdx.y) * pixels + id] = sum;
}
