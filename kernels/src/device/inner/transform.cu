// Transforms LINES lines of N = 2^a 3^b numbers at once in shared memory: Stockham's order, so that
// no pass reverses digits. A line is worked on by THREADS / LINES threads.
__shared__ float2 ping[LINES * N];
__shared__ float2 pong[LINES * N];

// e^(2*pi*i*k/N), conjugate for the forward transform.
__device__ inline float2 root(const float2* __restrict__ roots, unsigned k) {
    float2 w = roots[k % N];
    return make_float2(w.x, FORWARD == 1u ? -w.y : w.y);
}

// i*a for the inverse transform, -i*a for the forward one.
__device__ inline float2 quarter(float2 a) {
    return FORWARD == 1u ? make_float2(a.y, -a.x) : make_float2(-a.y, a.x);
}

__device__ inline float2 fetch(bool flip, unsigned at) {
    return flip ? pong[at] : ping[at];
}

// From `ping`; returns whether the result lies in `pong`.
__device__ inline bool transform(const float2* __restrict__ roots, unsigned line, unsigned lane) {
    const unsigned lanes = THREADS / LINES;
    const unsigned base = line * N;
    bool flip = false;
    unsigned left = N;
    unsigned stride = 1u;
    while (left > 1u) {
        const unsigned radix = left % 4u == 0u ? 4u : left % 3u == 0u ? 3u : 2u;
        const unsigned rest = left / radix;
        float2* out = flip ? ping : pong;
        __syncthreads();
        for (unsigned j = lane; j < N / radix; j += lanes) {
            const unsigned p = j / stride;
            const unsigned q = j % stride;
            const unsigned from = base + q + stride * p;
            const unsigned step = stride * rest;
            const unsigned to = base + q + stride * radix * p;
            const unsigned turn = p * stride;
            const float2 a = fetch(flip, from);
            const float2 b = fetch(flip, from + step);
            if (radix == 4u) {
                const float2 c = fetch(flip, from + 2u * step);
                const float2 d = fetch(flip, from + 3u * step);
                const float2 e = a + c;
                const float2 f = a - c;
                const float2 g = b + d;
                const float2 h = quarter(b - d);
                out[to] = e + g;
                out[to + stride] = times(f + h, root(roots, turn));
                out[to + 2u * stride] = times(e - g, root(roots, 2u * turn));
                out[to + 3u * stride] = times(f - h, root(roots, 3u * turn));
            } else if (radix == 3u) {
                const float2 c = fetch(flip, from + 2u * step);
                const float2 sum = b + c;
                const float2 mean = a - sum * 0.5f;
                const float2 side = quarter(b - c) * 0.86602540f;
                out[to] = a + sum;
                out[to + stride] = times(mean + side, root(roots, turn));
                out[to + 2u * stride] = times(mean - side, root(roots, 2u * turn));
            } else {
                out[to] = a + b;
                out[to + stride] = times(a - b, root(roots, turn));
            }
        }
        flip = !flip;
        left = rest;
        stride *= radix;
    }
    __syncthreads();
    return flip;
}

// Where bin i - HALF lies among N.
__device__ inline unsigned wrapped(unsigned i) {
    return (i + N - HALF) % N;
}
