extern "C" __global__ void __launch_bounds__(THREADS) colour_map(
    const float* __restrict__ images,
    const unsigned* __restrict__ colours,
    const float* __restrict__ settings,
    unsigned* __restrict__ shades
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= NX * NY) {
        return;
    }
    const unsigned y = i / NX;
    const unsigned x = i % NX;
    const float place = images[i] * settings[0];
    // What is no number is dark.
    const unsigned colour = place > 0.0f ? (unsigned)fminf(place, 255.0f) : 0u;
    // Screens count rows from the top.
    shades[(NY - 1u - y) * ROW + x] = colours[colour];
}
