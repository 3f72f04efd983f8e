// 1 / (1 + e^-x) as the processor computes it: a polynomial of degree 6 for 2^f.
fn sigmoid(x: f32) -> f32 {
    let t = clamp(-x, -30.0, 30.0) * 1.44269504;
    let whole = round(t);
    let f = (t - whole) * 0.69314718;
    let series = 1.0 + f * (1.0 + f * (0.5 + f * (0.16666667 + f * (0.041666667 + f * (0.0083333333 + f * 0.0013888889)))));
    let scale = bitcast<f32>(u32(i32(whole) + 127) << 23u);
    let value = 1.0 / (1.0 + series * scale);
    // Clamping would make a number of what is none.
    return select(value, x, x != x);
}
