// A time later than any that occurs; its square times any weight is finite.
constexpr float NEVER = 1e17f;

// A rate within 1e-9...1e9; the least for what is no number, asked of the bits since compilers may
// take it that nothing is NaN.
__device__ inline float bounded(float rate) {
    if (__float_as_uint(rate) - 1u < 0x7f800000u) {
        return fminf(fmaxf(rate, 1e-9f), 1e9f);
    }
    return 1e-9f;
}

// T where the sum of w (T - a)^2 over the axes (a, w) that the front passes is s^2; axes are taken in
// the order of a.
__device__ inline float solve(float2 first, float2 second, float2 third, float s) {
    float2 x = first;
    float2 y = second;
    float2 z = third;
    if (y.x < x.x) {
        x = second;
        y = first;
    }
    if (z.x < y.x) {
        z = y;
        y = third;
    }
    if (y.x < x.x) {
        const float2 later = x;
        x = y;
        y = later;
    }
    const float b = y.x - x.x;
    const float c = z.x - x.x;
    const float gap = z.x - y.x;
    const float s2 = s * s;
    float wb = 0.0f;
    float wc = 0.0f;
    if (x.y * (b * b) < s2) {
        wb = y.y;
        if (x.y * c * c + y.y * gap * gap < s2) {
            wc = z.y;
        }
    }
    const float weight = x.y + wb + wc;
    const float linear = wb * b + wc * c;
    const float rest = s2 - (wb * b * b + wc * c * c);
    return x.x + (linear + sqrtf(fmaxf(weight * rest + linear * linear, 0.0f))) / weight;
}
