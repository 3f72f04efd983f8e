// Frame: 0 first row of tiles, 1 rows of pixels.
// Adds to how much is covered behind a tile's left side, as a difference along y.
__device__ inline void add(int* behind, unsigned tile, int row, int value) {
    if (row < TILE && value != 0) {
        atomicAdd(&behind[tile * 64u + (unsigned)row], value);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) count_segments(
    const Segment* __restrict__ segments,
    const unsigned* __restrict__ frame,
    unsigned* __restrict__ counts,
    int* __restrict__ behind
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
            atomicAdd(&counts[base + column], 1u);
        }
        const unsigned next = last_column(s) + 1u;
        if (next >= TILES_X) {
            continue;
        }
        const int first = max(s.y0, row * TILE);
        const int last = min(s.y1, row * TILE + TILE - 1);
        const int y = first - row * TILE;
        // Rows between the first and the last are alike.
        add(behind, base + next, y, cover(s, first));
        if (last > first) {
            add(behind, base + next, y + 1, cover(s, first + 1) - cover(s, first));
        }
        if (last > first + 1) {
            add(behind, base + next, y + last - first, cover(s, last) - cover(s, last - 1));
        }
        add(behind, base + next, y + last - first + 1, -cover(s, last));
    }
}
