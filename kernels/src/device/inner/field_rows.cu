extern "C" __global__ void __launch_bounds__(THREADS) field_rows(
    const float2* __restrict__ columns,
    const float2* __restrict__ roots,
    float2* __restrict__ fields
) {
    const unsigned width = 2u * HALF + 1u;
    const unsigned lanes = THREADS / LINES;
    const unsigned own = threadIdx.x / lanes;
    const unsigned lane = threadIdx.x % lanes;
    // One line is one row of one kernel's field.
    const unsigned line = blockIdx.x * LINES + own;
    const bool inside = line < KERNELS * N;
    const unsigned k = line / N;
    const unsigned y = line % N;
    for (unsigned x = lane; x < N; x += lanes) {
        float2 value = make_float2(0.0f, 0.0f);
        const unsigned m = (x + HALF) % N;
        if (inside && m < width) {
            value = columns[((blockIdx.y * KERNELS + k) * width + m) * N + y];
        }
        ping[own * N + x] = value;
    }
    const bool flip = transform(roots, own, lane);
    if (inside) {
        for (unsigned x = lane; x < N; x += lanes) {
            fields[(blockIdx.y * KERNELS * N + line) * N + x] = fetch(flip, own * N + x);
        }
    }
}
