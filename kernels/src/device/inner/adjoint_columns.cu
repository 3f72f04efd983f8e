extern "C" __global__ void __launch_bounds__(THREADS) adjoint_columns(
    const float2* __restrict__ columns,
    const float2* __restrict__ kernels,
    const float* __restrict__ weights,
    const float2* __restrict__ roots,
    float2* __restrict__ parts
) {
    const unsigned width = 2u * HALF + 1u;
    const unsigned lanes = THREADS / LINES;
    const unsigned own = threadIdx.x / lanes;
    const unsigned lane = threadIdx.x % lanes;
    const unsigned line = blockIdx.x * LINES + own;
    const bool inside = line < KERNELS * width;
    for (unsigned y = lane; y < N; y += lanes) {
        float2 value = make_float2(0.0f, 0.0f);
        if (inside) {
            value = columns[(blockIdx.y * KERNELS * width + line) * N + y];
        }
        ping[own * N + y] = value;
    }
    const bool flip = transform(roots, own, lane);
    if (inside) {
        const float scale = 2.0f * weights[line / width];
        for (unsigned n = lane; n < width; n += lanes) {
            const float2 c = fetch(flip, own * N + wrapped(n));
            const float2 h = kernels[line * width + n];
            const float2 value = times(h, make_float2(c.x, -c.y)) * scale;
            parts[(blockIdx.y * KERNELS * width + line) * width + n] = value;
        }
    }
}
