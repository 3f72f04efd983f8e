extern "C" __global__ void __launch_bounds__(THREADS) clear_words(unsigned* __restrict__ words) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i < WORDS) {
        words[i] = 0u;
    }
}
