// Settings: 0 bleachable absorption, 1 other absorption, each by length, 2 height of a layer.

// Absorption where an exposure has bleached it.
__device__ inline float fall(float u, const float* settings) {
    float bleached = 1.0f - u * (0.5f - u / 6.0f);
    if (u >= 0.02f) {
        bleached = (1.0f - expf(-u)) / u;
    }
    return settings[0] * bleached + settings[1];
}

extern "C" __global__ void __launch_bounds__(THREADS) expose(
    const float* __restrict__ images,
    const Layer* __restrict__ layers,
    const float* __restrict__ settings,
    float* __restrict__ left
) {
    const unsigned pixel = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (pixel >= PIXELS) {
        return;
    }
    const float dz = settings[2];
    float through = 0.0f;
    float before = 0.0f;
    for (unsigned k = 0u; k < LAYERS; k += 1u) {
        const Layer layer = layers[k];
        const float upper = images[layer.upper * PIXELS + pixel];
        const float lower = images[layer.lower * PIXELS + pixel];
        const float full = layer.dose * fmaxf(upper + layer.share * (lower - upper), 0.0f);
        float u = 0.0f;
        if (settings[0] == 0.0f) {
            u = full * expf(-settings[1] * (((float)k + 0.5f) * dz));
        } else {
            float step = dz;
            if (k == 0u) {
                // The surface: exposed as the first layer is, but for what that absorbs.
                step = 0.5f * dz;
                before = fall(full, settings);
            }
            const float ahead = fall(full * expf(through - step * before), settings);
            through -= 0.5f * step * (before + ahead);
            u = full * expf(through);
            before = fall(u, settings);
        }
        left[k * PIXELS + pixel] = expf(-u);
    }
}
