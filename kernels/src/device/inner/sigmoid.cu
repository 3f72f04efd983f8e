// 1 / (1 + e^-x) as the processor computes it: a polynomial of degree 6 for 2^f.
__device__ inline float sigmoid(float x) {
    float t = fminf(fmaxf(-x, -30.0f), 30.0f) * 1.44269504f;
    float whole = rintf(t);
    float f = (t - whole) * 0.69314718f;
    float series = 1.0f + f * (1.0f + f * (0.5f + f * (0.16666667f + f * (0.041666667f + f * (0.0083333333f + f * 0.0013888889f)))));
    float scale = __uint_as_float(unsigned(int(whole) + 127) << 23);
    float value = 1.0f / (1.0f + series * scale);
    // Clamping would make a number of what is none.
    return x != x ? x : value;
}
