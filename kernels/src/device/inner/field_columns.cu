extern "C" __global__ void __launch_bounds__(THREADS) field_columns(
    const float2* __restrict__ kernels,
    const float2* __restrict__ spectrum,
    const float2* __restrict__ roots,
    float2* __restrict__ columns
) {
    const unsigned width = 2u * HALF + 1u;
    const unsigned lanes = THREADS / LINES;
    const unsigned own = threadIdx.x / lanes;
    const unsigned lane = threadIdx.x % lanes;
    // One line is one bin m of one kernel.
    const unsigned line = blockIdx.x * LINES + own;
    const bool inside = line < KERNELS * width;
    const unsigned m = line % width;
    for (unsigned y = lane; y < N; y += lanes) {
        float2 value = make_float2(0.0f, 0.0f);
        const unsigned n = (y + HALF) % N;
        if (inside && n < width) {
            value = times(kernels[line * width + n], spectrum[(blockIdx.y * width + m) * width + n]);
        }
        ping[own * N + y] = value;
    }
    const bool flip = transform(roots, own, lane);
    if (inside) {
        for (unsigned y = lane; y < N; y += lanes) {
            columns[(blockIdx.y * KERNELS * width + line) * N + y] = fetch(flip, own * N + y);
        }
    }
}
