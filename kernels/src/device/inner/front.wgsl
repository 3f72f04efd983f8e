// A time later than any that occurs; its square times any weight is finite.
const NEVER: f32 = 1e17;

// A rate within 1e-9...1e9; the least for what is no number, asked of the bits since compilers may
// take it that nothing is NaN.
fn bounded(rate: f32) -> f32 {
    if bitcast<u32>(rate) - 1u < 0x7f800000u {
        return clamp(rate, 1e-9, 1e9);
    }
    return 1e-9;
}

// T where the sum of w (T - a)^2 over the axes (a, w) that the front passes is s^2; axes are taken in
// the order of a.
fn solve(first: vec2<f32>, second: vec2<f32>, third: vec2<f32>, s: f32) -> f32 {
    var x = first;
    var y = second;
    var z = third;
    if y.x < x.x {
        x = second;
        y = first;
    }
    if z.x < y.x {
        z = y;
        y = third;
    }
    if y.x < x.x {
        let later = x;
        x = y;
        y = later;
    }
    let b = y.x - x.x;
    let c = z.x - x.x;
    let gap = z.x - y.x;
    let s2 = s * s;
    var wb = 0.0;
    var wc = 0.0;
    if x.y * (b * b) < s2 {
        wb = y.y;
        if x.y * c * c + y.y * gap * gap < s2 {
            wc = z.y;
        }
    }
    let weight = x.y + wb + wc;
    let linear = wb * b + wc * c;
    let rest = s2 - (wb * b * b + wc * c * c);
    return x.x + (linear + sqrt(max(weight * rest + linear * linear, 0.0))) / weight;
}
