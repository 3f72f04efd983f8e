extern "C" __global__ void __launch_bounds__(THREADS) sum_behind(int* __restrict__ behind) {
    int sum = 0;
    for (unsigned column = 0u; column < TILES_X; column += 1u) {
        const unsigned at = (blockIdx.x * TILES_X + column) * 64u + threadIdx.x;
        sum += behind[at];
        behind[at] = sum;
    }
}
