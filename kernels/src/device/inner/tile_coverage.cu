// Neighbours along x and along y lie in different banks.
__device__ inline unsigned at(int row, int column) {
    return (unsigned)(row * 64 + (column ^ (row & 31)));
}

__device__ inline void add(int* changes, int row, int column, int value) {
    if (row < TILE && column < TILE && value != 0) {
        atomicAdd(&changes[at(row, column)], value);
    }
}

// Adds an upright segment's part in column x: the first and last row, and what changes between.
__device__ inline void add_upright(
    int* changes, const Segment& s, int first, int last, int top_row, int column
) {
    const float kept = 1.0f - s.fx;
    const int y = first - top_row;
    int before_own = 0;
    int before_next = 0;
    for (int i = 0; i < 4; i += 1) {
        // The rows in which the cover changes: first, second, last, the one after.
        int row = first;
        if (i == 1) {
            row = first + 1;
        } else if (i == 2) {
            row = max(last, first + 2);
        } else if (i == 3) {
            row = last + 1;
        }
        int own = 0;
        int next = 0;
        if (row <= last) {
            const int height = cover(s, row);
            own = (int)rintf((float)height * kept);
            next = height - own;
        } else if (i != 3) {
            continue;
        }
        add(changes, y + row - first, column, own - before_own);
        add(changes, y + row - first, column + 1, next - before_next);
        before_own = own;
        before_next = next;
    }
}

// Share of the columns left of u that lies right of a slanted piece from 0 to w.
__device__ inline float right_of(float u, float w) {
    if (u <= 0.0f) {
        return 0.0f;
    }
    if (u < w) {
        return u * u / (2.0f * w);
    }
    return u - 0.5f * w;
}

// Adds a slanted segment's part of one row; left: the tile's first column.
__device__ inline void add_slanted(int* changes, const Segment& s, int row, int top_row, int left) {
    const int height = cover(s, row);
    const float rise = (float)(s.y1 - s.y0) + (float)(s.top - s.bottom) / (float)ONE;
    const float low = (float)(row - s.y0) + (float)(row == s.y0 ? 0 : -s.bottom) / (float)ONE;
    const float high =
        (float)(row - s.y0) + (float)((row == s.y1 ? s.top : ONE) - s.bottom) / (float)ONE;
    const float a = s.fx + s.dx * fminf(fmaxf(low / rise, 0.0f), 1.0f);
    const float b = s.fx + s.dx * fminf(fmaxf(high / rise, 0.0f), 1.0f);
    const float start = fminf(a, b);
    const float w = fmaxf(a, b) - start;
    // In columns from the tile's first one.
    const int shift = s.x - left;
    const int first = min(max((int)floorf(start) + shift, 0), TILE);
    const int last = min((int)floorf(start + w) + shift, TILE - 1);
    int before = 0;
    for (int column = first; column <= last; column += 1) {
        const float u = (float)(column - shift) - start;
        const float share = right_of(u + 1.0f, w) - right_of(u, w);
        const int now = (int)rintf((float)height * fminf(fmaxf(share, 0.0f), 1.0f));
        add(changes, row - top_row, column, now - before);
        add(changes, row - top_row + 1, column, before - now);
        before = now;
    }
    const int after = min(max(last + 1, first), TILE);
    add(changes, row - top_row, after, height - before);
    add(changes, row - top_row + 1, after, before - height);
}

extern "C" __global__ void __launch_bounds__(THREADS) tile_coverage(
    const Segment* __restrict__ segments,
    const unsigned* __restrict__ frame,
    const unsigned* __restrict__ starts,
    const unsigned* __restrict__ lists,
    const int* __restrict__ behind,
    float* __restrict__ pixels
) {
    // Changes of the covered area, along x and y: 64 x 64.
    __shared__ int changes[4096];
    const unsigned tile = blockIdx.y * TILES_X + blockIdx.x;
    const int t = (int)threadIdx.x;
    for (int row = 0; row < TILE; row += 1) {
        changes[at(row, t)] = 0;
    }
    __syncthreads();
    changes[at(t, 0)] = behind[tile * 64u + threadIdx.x];
    __syncthreads();
    const int top_row = (int)(blockIdx.y + frame[0]) * TILE;
    const int left = (int)blockIdx.x * TILE;
    for (unsigned i = starts[tile] + threadIdx.x; i < starts[tile + 1u]; i += THREADS) {
        const Segment s = segments[lists[i]];
        const int first = max(s.y0, top_row);
        const int last = min(s.y1, top_row + TILE - 1);
        if (s.dx == 0.0f) {
            add_upright(changes, s, first, last, top_row, s.x - left);
        } else {
            for (int row = first; row <= last; row += 1) {
                add_slanted(changes, s, row, top_row, left);
            }
        }
    }
    __syncthreads();
    int sum = 0;
    for (int row = 0; row < TILE; row += 1) {
        sum += changes[at(row, t)];
        changes[at(row, t)] = sum;
    }
    __syncthreads();
    sum = 0;
    for (int column = 0; column < TILE; column += 1) {
        sum += changes[at(t, column)];
        changes[at(t, column)] = sum;
    }
    __syncthreads();
    const unsigned x = blockIdx.x * 64u + threadIdx.x;
    for (int row = 0; row < TILE; row += 1) {
        const unsigned y = blockIdx.y * 64u + (unsigned)row;
        if (x < NX && y < frame[1]) {
            pixels[(size_t)y * NX + x] = (float)changes[at(row, t)] / (float)ONE;
        }
    }
}
