// Settings: 0 threshold, 1 EPE steepness, 2 EPE margin, 3 EPE weight, 4 guard steepness,
// 5 guard margin, 6 guard weight, 7 share of the gradient: 1, or 0 to leave it out.
struct Probe {
    unsigned image;
    float side;
    float dose2;
    unsigned is_guard;
};

extern "C" __global__ void __launch_bounds__(THREADS) probe_terms(
    const float* __restrict__ images,
    const Probe* __restrict__ probes,
    const float* __restrict__ rows,
    const float* __restrict__ columns,
    const float* __restrict__ settings,
    float* __restrict__ slopes,
    float* __restrict__ terms
) {
    __shared__ float sums[THREADS];
    const unsigned local = threadIdx.x;
    const unsigned p = blockIdx.x + blockIdx.y * ROW;
    if (p >= PROBES) {
        return;
    }
    const Probe probe = probes[p];
    float sum = 0.0f;
    for (unsigned x = local; x < N; x += THREADS) {
        float down = 0.0f;
        for (unsigned y = 0u; y < N; y += 1u) {
            down += rows[p * N + y] * images[(probe.image * N + y) * N + x];
        }
        sum += down * columns[p * N + x];
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
        // How far on the wrong side.
        const float wrong = probe.side * (settings[0] - probe.dose2 * sums[0]);
        float term = 0.0f;
        float slope = 0.0f;
        if (probe.is_guard == 1u) {
            const float x = settings[4] * (wrong + settings[5]);
            float grown = x;
            if (x < -10.0f) {
                // log(1 + small) loses what is small.
                grown = expf(x);
            } else if (x <= 20.0f) {
                grown = logf(1.0f + expf(x));
            }
            term = settings[6] * grown;
            slope = settings[6] * settings[4] * sigmoid(x);
        } else {
            const float z = sigmoid(settings[1] * (wrong + settings[2]));
            term = settings[3] * z;
            slope = settings[3] * settings[1] * z * (1.0f - z);
        }
        terms[p] = term;
        slopes[p] = -probe.side * probe.dose2 * slope;
    }
}
