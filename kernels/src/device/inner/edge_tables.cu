extern "C" __global__ void __launch_bounds__(THREADS) edge_tables(
    const Edge* __restrict__ edges,
    const float* __restrict__ form,
    float2* __restrict__ tables
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    const unsigned bins = HALF + 1u;
    if (i >= EDGES * bins) {
        return;
    }
    const unsigned e = i / bins;
    const unsigned bin = i % bins;
    const Edge edge = edges[e];
    tables[2u * e * bins + bin] = unit(0u - bin * edge.at);
    float2 along = make_float2(edge.length_share, 0.0f);
    if (bin > 0u) {
        // The difference of both ends' phases, without their cancelling.
        const float size = unit(bin * edge.half_length).y * form[bin] / (3.14159265f * float(bin));
        along = unit(0u - bin * edge.middle) * size;
    }
    tables[(2u * e + 1u) * bins + bin] = along;
}
