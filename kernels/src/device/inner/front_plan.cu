// Settings: as for start_top.
__device__ inline float at(
    const float* times, unsigned i, unsigned place, int step, unsigned count, unsigned stride, float above
) {
    const int to_ = (int)place + step;
    if (to_ < 0) {
        return above;
    }
    if (to_ >= (int)count) {
        return NEVER;
    }
    return times[(unsigned)((int)i + step * (int)stride)];
}

// Bits of an axis: 1 the earlier side is the lower one, 2 the upper one, 4 second order there. Along an
// even wall the step is 0, so that one which counts as none may as well fall.
__device__ inline unsigned axis(
    const float* times, unsigned i, unsigned place, unsigned count, unsigned stride, float above, float still, float steep
) {
    const float before = at(times, i, place, -1, count, stride, above);
    const float after = at(times, i, place, 1, count, stride, above);
    const float near = fminf(before, after);
    if (near >= times[i]) {
        return 0u;
    }
    const bool lower = before <= after;
    const float step = near - at(times, i, place, lower ? -2 : 2, count, stride, above);
    const bool is_smooth = step >= -(still + 4e-7f * near) && step <= steep;
    return (lower ? 1u : 2u) | (is_smooth ? 4u : 0u);
}

extern "C" __global__ void __launch_bounds__(THREADS) front_plan(
    const float* __restrict__ settings,
    const float* __restrict__ slow,
    const float* __restrict__ times,
    unsigned* __restrict__ plan
) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x + blockIdx.y * ROW;
    if (i >= NZ * NY * NX) {
        return;
    }
    const float still = settings[3] * slow[i];
    const float steep = settings[4] * slow[i];
    const float above = TOP == 1u ? 0.0f : NEVER;
    const unsigned z = axis(times, i, i / (NY * NX), NZ, NY * NX, above, still, steep);
    const unsigned y = axis(times, i, (i / NX) % NY, NY, NX, NEVER, still, steep);
    const unsigned x = axis(times, i, i % NX, NX, 1u, NEVER, still, steep);
    plan[i] = z | (y << 3u) | (x << 6u);
}
