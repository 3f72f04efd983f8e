extern "C" __global__ void __launch_bounds__(THREADS) start_known(
    float* __restrict__ slow,
    float* __restrict__ times
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= WORDS) {
        return;
    }
    // Times that are NaN are asked for.
    if ((__float_as_uint(times[i]) & 0x7fffffffu) > 0x7f800000u) {
        times[i] = NEVER;
        slow[i] = 1.0f / bounded(slow[i]);
    } else {
        slow[i] = 0.0f;
    }
}
