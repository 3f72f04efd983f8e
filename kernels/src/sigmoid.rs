//! A logistic function that compilers vectorise.

/// σ(x) = 1 / (1 + e^{−x}), within 2e-7 of the true value for every x; NaN stays NaN.
///
/// The exponential is 2^i · 2^f with a degree-6 polynomial for 2^f on |f| ≤ ½ (Taylor series of
/// e^{f ln 2}; remainder (ln 2 / 2)⁷/7! = 1.2e-7 relative).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    // Beyond ±30 the value is 0 or 1 in f32, and the exponent stays in range.
    let t = (-x).clamp(-30.0, 30.0) * std::f32::consts::LOG2_E;
    // Adding 1.5·2²³ rounds to the nearest integer without a call.
    const ROUND: f32 = 12_582_912.0;
    let shifted = t + ROUND;
    let whole = shifted - ROUND;
    let f = (t - whole) * std::f32::consts::LN_2;
    let series = 1.0
        + f * (1.0
            + f * (0.5
                + f * (1.0 / 6.0 + f * (1.0 / 24.0 + f * (1.0 / 120.0 + f * (1.0 / 720.0))))));
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    1.0 / (1.0 + series * scale)
}

#[cfg(test)]
mod tests {
    use super::sigmoid;

    #[test]
    fn sigmoid_is_within_its_stated_bound_of_the_true_function() {
        let mut worst = 0.0f64;
        for i in -400_000..=400_000 {
            let x = i as f32 * 1e-4;
            let truth = 1.0 / (1.0 + (-f64::from(x)).exp());
            worst = worst.max((f64::from(sigmoid(x)) - truth).abs());
        }
        assert!(worst < 2e-7, "worst {worst}");
        assert!(sigmoid(f32::NAN).is_nan());
        assert_eq!(sigmoid(f32::INFINITY), 1.0);
        assert!(sigmoid(f32::NEG_INFINITY) < 1e-12);
    }
}
