// e^(2*pi*i*t/2^32) for a phase in whole 2^-32 turns: (cosine, sine), each within 2e-7. Drivers may
// give their own sine only eleven good bits.
fn unit(t: u32) -> vec2<f32> {
    let quarter = (t + 0x20000000u) >> 30u;
    // What is left lies within an eighth of a turn.
    let r = f32(i32(t - (quarter << 30u))) * 1.4629180792671596e-9;
    let q = r * r;
    let s = r * (1.0 + q * (-0.16666667 + q * (0.0083333333 + q * (-0.00019841270 + q * 2.7557319e-6))));
    let c = 1.0 + q * (-0.5 + q * (0.041666667 + q * (-0.0013888889 + q * 2.4801587e-5)));
    let turned = select(vec2<f32>(c, s), vec2<f32>(-s, c), (quarter & 1u) == 1u);
    return select(turned, -turned, (quarter & 2u) == 2u);
}

fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

struct Edge {
    at: u32,
    middle: u32,
    half_length: u32,
    place: u32,
    at_share: f32,
    length_share: f32,
    is_horizontal: u32,
    unused: u32,
}
