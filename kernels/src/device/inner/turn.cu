// e^(2*pi*i*t/2^32) for a phase in whole 2^-32 turns: (cosine, sine), each within 2e-7.
__device__ inline float2 unit(unsigned t) {
    unsigned quarter = (t + 0x20000000u) >> 30;
    // What is left lies within an eighth of a turn.
    float r = float(int(t - (quarter << 30))) * 1.4629180792671596e-9f;
    float q = r * r;
    float s = r * (1.0f + q * (-0.16666667f + q * (0.0083333333f + q * (-0.00019841270f + q * 2.7557319e-6f))));
    float c = 1.0f + q * (-0.5f + q * (0.041666667f + q * (-0.0013888889f + q * 2.4801587e-5f)));
    float2 turned = (quarter & 1u) == 1u ? make_float2(-s, c) : make_float2(c, s);
    return (quarter & 2u) == 2u ? -turned : turned;
}

struct Edge {
    unsigned at;
    unsigned middle;
    unsigned half_length;
    unsigned place;
    float at_share;
    float length_share;
    unsigned is_horizontal;
    unsigned unused;
};
