// Settings: 0 steepness, 1 threshold, 2 quadratic share, 3 PV-band weight, 4 image share,
// 5 PV-band share, 6 area of a pixel. Corners: (image, squared dose, weight). Shapes: pixels and
// columns of each clip's own grid, which lies in the corner of the plan's and is summed in its own
// order, whatever it lies in.
struct Corner {
    unsigned image;
    float dose2;
    float weight;
    unsigned unused;
};

extern "C" __global__ void __launch_bounds__(THREADS) pixel_loss(
    const float* __restrict__ images,
    const float* __restrict__ wanted,
    const float* __restrict__ settings,
    const Corner* __restrict__ corners,
    const uint2* __restrict__ shapes,
    float* __restrict__ gradients,
    float2* __restrict__ sums
) {
    __shared__ float2 parts[THREADS];
    const unsigned local = threadIdx.x;
    const unsigned own = blockIdx.x * THREADS + local;
    const uint2 shape = shapes[blockIdx.y];
    float2 total = make_float2(0.0f, 0.0f);
    if (own < shape.x) {
        const unsigned pixel = own / shape.y * NX + own % shape.y;
        const float steep = settings[0];
        const float q = settings[2];
        const float linear = 1.0f - q;
        const unsigned clip = blockIdx.y * SETS * PIXELS + pixel;
        const float t = wanted[blockIdx.y * PIXELS + pixel];
        float slopes[SETS] = {};
        const float z = sigmoid(steep * (images[clip] - settings[1]));
        const float error = z - t;
        const float sign = error > 0.0f ? 1.0f : error < 0.0f ? -1.0f : 0.0f;
        total.x = q * error * error + linear * fabsf(error);
        slopes[0] = settings[4] * (2.0f * q * error + linear * sign) * steep * z * (1.0f - z);
        float2 least = make_float2(2.0f, 0.0f);
        float2 most = make_float2(-1.0f, 0.0f);
        unsigned least_set = 0u;
        unsigned most_set = 0u;
        for (unsigned i = 0u; i < CORNERS; i += 1u) {
            const Corner corner = corners[i];
            const float z = sigmoid(steep * (corner.dose2 * images[clip + corner.image * PIXELS] - settings[1]));
            const float slope = steep * corner.dose2 * z * (1.0f - z);
            const float error = z - t;
            total.y += q * corner.weight * error * error;
            slopes[corner.image] += settings[5] * 2.0f * q * corner.weight * error * slope;
            // The contest's band is what its first corner prints less what its second does.
            if ((PAIR == 1u && i == 1u) || (PAIR == 0u && z < least.x)) {
                least = make_float2(z, slope);
                least_set = corner.image;
            }
            if ((PAIR == 1u && i == 0u) || (PAIR == 0u && z > most.x)) {
                most = make_float2(z, slope);
                most_set = corner.image;
            }
        }
        if (CORNERS > 0u) {
            const float weight = linear * settings[3];
            total.y += weight * (most.x - least.x);
            slopes[most_set] += settings[5] * weight * most.y;
            slopes[least_set] -= settings[5] * weight * least.y;
        }
        for (unsigned s = 0u; s < SETS; s += 1u) {
            gradients[clip + s * PIXELS] = slopes[s] * settings[6];
        }
    }
    parts[local] = total;
    __syncthreads();
    for (unsigned step = THREADS / 2u; step > 0u; step /= 2u) {
        if (local < step) {
            parts[local] = parts[local] + parts[local + step];
        }
        __syncthreads();
    }
    if (local == 0u) {
        sums[blockIdx.y * GROUPS + blockIdx.x] = parts[0];
    }
}
