// Settings: 0 order in acid, 1 share of the acid that is kept, 2 strength.
extern "C" __global__ void __launch_bounds__(THREADS) deprotect(
    const float* __restrict__ settings,
    float* __restrict__ acid,
    float* __restrict__ inhibitor
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= WORDS) {
        return;
    }
    const float h = acid[i];
    float power = h;
    if (settings[0] != 1.0f && h > 0.0f) {
        power = powf(h, settings[0]);
    }
    inhibitor[i] *= expf(-settings[2] * power);
    acid[i] = h * settings[1];
}
