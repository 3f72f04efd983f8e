// Settings: turns of 2^-32 a nm, shares of the period a nm.
struct Moving {
    Edge still;
    unsigned at_by;
    unsigned from_by;
    unsigned to_by;
};

// How far a coordinate goes, nm: 0 stays, 1 + 2i goes with offset i, 2 + 2i against it.
__device__ inline float gone(const float* offsets, unsigned by) {
    if (by == 0u) {
        return 0.0f;
    }
    const float offset = offsets[(by - 1u) / 2u];
    return by % 2u == 0u ? -offset : offset;
}

__device__ inline unsigned turns(float nm, float each) {
    return (unsigned)(int)rintf(nm * each);
}

extern "C" __global__ void __launch_bounds__(THREADS) move_edges(
    const Moving* __restrict__ moving,
    const float* __restrict__ offsets,
    const float* __restrict__ settings,
    Edge* __restrict__ edges
) {
    const unsigned e = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (e >= EDGES) {
        return;
    }
    const Moving own = moving[e];
    const float at = gone(offsets, own.at_by);
    const float from_ = gone(offsets, own.from_by);
    const float to_ = gone(offsets, own.to_by);
    Edge edge = own.still;
    edge.at += turns(at, settings[0]);
    edge.middle += turns(0.5f * (from_ + to_), settings[0]);
    edge.half_length += turns(0.5f * (to_ - from_), settings[0]);
    edge.at_share += at * settings[1];
    edge.length_share += (to_ - from_) * settings[1];
    edges[e] = edge;
}
