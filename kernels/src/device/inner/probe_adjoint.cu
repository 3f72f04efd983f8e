extern "C" __global__ void __launch_bounds__(THREADS) probe_adjoint(
    const float* __restrict__ slopes,
    const float* __restrict__ rows,
    const float* __restrict__ columns,
    const uint2* __restrict__ ranges,
    const float* __restrict__ settings,
    float* __restrict__ gradients
) {
    const unsigned id = blockIdx.x * THREADS + threadIdx.x;
    if (id >= N * N) {
        return;
    }
    const unsigned y = id / N;
    const unsigned x = id % N;
    const uint2 range = ranges[blockIdx.y];
    float sum = 0.0f;
    for (unsigned p = range.x; p < range.x + range.y; p += 1u) {
        sum += slopes[p] * rows[p * N + y] * columns[p * N + x];
    }
    gradients[blockIdx.y * N * N + id] += settings[7] * sum;
}
