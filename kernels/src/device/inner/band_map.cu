// Share of a pixel above a level, from the value and slope at its centre.
static __device__ float printed(const float* images, unsigned y, unsigned x, float level) {
    const float* row = images + y * NX;
    const float along_x = row[min(x + 1u, NX - 1u)] - row[max(x, 1u) - 1u];
    const float along_y = images[min(y + 1u, NY - 1u) * NX + x]
        - images[(max(y, 1u) - 1u) * NX + x];
    const float slope = fmaxf(0.5f * sqrtf(along_x * along_x + along_y * along_y), 1e-6f);
    return fminf(fmaxf(0.5f + (row[x] - level) / slope, 0.0f), 1.0f);
}

extern "C" __global__ void __launch_bounds__(THREADS) band_map(
    const float* __restrict__ images,
    const float* __restrict__ settings,
    unsigned* __restrict__ shades
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= NX * NY) {
        return;
    }
    const unsigned y = i / NX;
    const unsigned x = i % NX;
    const float outer = printed(images, y, x, settings[1]);
    const float inner = printed(images + INNER * NX * NY, y, x, settings[2]);
    const unsigned alpha = (unsigned)(fabsf(outer - inner) * 255.0f);
    // White of that alpha, premultiplied.
    shades[(NY - 1u - y) * ROW + x] = alpha * 0x01010101u;
}
