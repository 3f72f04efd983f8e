extern "C" __global__ void __launch_bounds__(THREADS) list_segments(
    const Segment* __restrict__ segments,
    const unsigned* __restrict__ frame,
    const unsigned* __restrict__ starts,
    unsigned* __restrict__ counts,
    unsigned* __restrict__ lists
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= SEGMENTS) {
        return;
    }
    const Segment s = segments[i];
    const int start = (int)frame[0];
    const int low = max(s.y0 / TILE, start);
    const int high = min(s.y1 / TILE, start + (int)TILES_Y - 1);
    for (int row = low; row <= high; row += 1) {
        const unsigned base = (unsigned)(row - start) * TILES_X;
        for (unsigned column = first_column(s); column <= last_column(s); column += 1u) {
            const unsigned tile = base + column;
            lists[starts[tile] + atomicAdd(&counts[tile], 1u)] = i;
        }
    }
}
