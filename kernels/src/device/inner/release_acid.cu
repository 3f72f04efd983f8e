// Settings: 0 quencher.
extern "C" __global__ void __launch_bounds__(THREADS) release_acid(
    const float* __restrict__ left,
    const float* __restrict__ settings,
    float* __restrict__ acid,
    float* __restrict__ inhibitor
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i < WORDS) {
        acid[i] = fmaxf(1.0f - left[i] - settings[0], 0.0f);
        inhibitor[i] = 1.0f;
    }
}
