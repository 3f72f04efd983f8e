extern "C" __global__ void __launch_bounds__(THREADS) edge_gradients(
    const Edge* __restrict__ edges,
    const float2* __restrict__ tables,
    const float* __restrict__ form,
    const float2* __restrict__ adjoint,
    float* __restrict__ gradients
) {
    __shared__ float sums[THREADS];
    const unsigned local = threadIdx.x;
    const unsigned width = 2u * HALF + 1u;
    const unsigned bins = HALF + 1u;
    const unsigned e = blockIdx.x + blockIdx.y * ROW;
    if (e >= EDGES) {
        return;
    }
    const Edge edge = edges[e];
    float sum = 0.0f;
    for (unsigned i = local; i < width * width; i += THREADS) {
        // Bins along the edge's own direction and across it.
        const unsigned u = i / width;
        const unsigned v = i % width;
        const unsigned s = u >= HALF ? u - HALF : HALF - u;
        const unsigned t = v >= HALF ? v - HALF : HALF - v;
        float2 along = tables[(2u * e + 1u) * bins + s];
        if (u < HALF) {
            along.y = -along.y;
        }
        float2 across = tables[2u * e * bins + t] * form[t];
        if (v < HALF) {
            across.y = -across.y;
        }
        // Rows of the adjoint are n, columns m.
        const unsigned at = edge.is_horizontal == 1u ? v * width + u : u * width + v;
        sum += times(adjoint[edge.place * width * width + at], times(along, across)).x;
    }
    sums[local] = sum;
    __syncthreads();
    for (unsigned step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            sums[local] += sums[local + step];
        }
        __syncthreads();
    }
    if (local == 0u) {
        // Outward is to the edge's right whichever way it runs.
        gradients[e] = (edge.length_share < 0.0f ? -sums[0] : sums[0]) * form[bins];
    }
}
