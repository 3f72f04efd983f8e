// Settings: 0 to 2 one over the squared spacing of z, y, x, 3 change that counts as none and 4
// steepest step, both by slowness, 5 height of a layer.
extern "C" __global__ void __launch_bounds__(THREADS) start_top(
    const float* __restrict__ settings,
    float* __restrict__ slow,
    float* __restrict__ times
) {
    const unsigned pixel = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (pixel >= PIXELS) {
        return;
    }
    float front = 0.0f;
    float step = 0.5f * settings[5];
    for (unsigned k = 0u; k < NZ; k += 1u) {
        const float own = 1.0f / bounded(slow[k * PIXELS + pixel]);
        front += step * own;
        times[k * PIXELS + pixel] = front;
        slow[k * PIXELS + pixel] = own;
        step = settings[5];
    }
}
