extern "C" __global__ void __launch_bounds__(THREADS) adjoint_rows(
    const float* __restrict__ gradients,
    const float2* __restrict__ fields,
    const unsigned* __restrict__ set_of,
    const float2* __restrict__ roots,
    float2* __restrict__ columns
) {
    const unsigned width = 2u * HALF + 1u;
    const unsigned lanes = THREADS / LINES;
    const unsigned own = threadIdx.x / lanes;
    const unsigned lane = threadIdx.x % lanes;
    const unsigned line = blockIdx.x * LINES + own;
    const bool inside = line < KERNELS * N;
    const unsigned k = min(line / N, KERNELS - 1u);
    const unsigned y = line % N;
    for (unsigned x = lane; x < N; x += lanes) {
        float2 value = make_float2(0.0f, 0.0f);
        if (inside) {
            const float by = gradients[((blockIdx.y * SETS + set_of[k]) * N + y) * N + x];
            value = fields[(blockIdx.y * KERNELS * N + line) * N + x] * by;
        }
        ping[own * N + x] = value;
    }
    const bool flip = transform(roots, own, lane);
    if (inside) {
        for (unsigned m = lane; m < width; m += lanes) {
            const float2 value = fetch(flip, own * N + wrapped(m));
            columns[((blockIdx.y * KERNELS + k) * width + m) * N + y] = value;
        }
    }
}
