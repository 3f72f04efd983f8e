extern "C" __global__ void __launch_bounds__(THREADS) copy_words(
    const unsigned* __restrict__ from_,
    unsigned* __restrict__ to_
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i < WORDS) {
        to_[i] = from_[i];
    }
}
