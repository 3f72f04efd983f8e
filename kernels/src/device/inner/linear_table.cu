// Settings: 0 cells a unit of x, 1 largest value.
extern "C" __global__ void __launch_bounds__(THREADS) linear_table(
    const float2* __restrict__ cells,
    const float* __restrict__ settings,
    const float* __restrict__ from_,
    float* __restrict__ to_
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= WORDS) {
        return;
    }
    const float x = from_[i];
    // Asked of the bits, since compilers may take it that nothing is NaN: above 0, infinity too.
    float place = 0.0f;
    if (__float_as_uint(x) - 1u < 0x7f800000u) {
        place = fminf(x * settings[0], (float)CELLS);
    }
    const unsigned cell = min((unsigned)place, CELLS - 1u);
    to_[i] = fminf(cells[cell].x + (place - (float)cell) * cells[cell].y, settings[1]);
}
