//! Phases as whole numbers.

/// A place as a share of a period in units of 2⁻³² turns. Whole-number multiples of it wrap as
/// phases do, so no argument of a sine ever grows.
pub fn turns(place: f64, period: f64) -> u32 {
    let share = (place / period).rem_euclid(1.0);
    // 2³² itself wraps to 0.
    (share * 4_294_967_296.0).round() as u64 as u32
}

#[cfg(test)]
mod tests {
    use super::turns;

    #[test]
    fn multiples_of_turns_wrap_as_phases_do() {
        for place in [-3000.25, -1.0, 0.0, 0.125, 17.0, 2047.999, 1e6 + 0.5] {
            for bin in -40_i64..=40 {
                let wrapped = (i64::from(turns(place, 2048.0)) * bin) as u32;
                let exact = (place / 2048.0 * bin as f64).rem_euclid(1.0);
                let error = (f64::from(wrapped) / 4_294_967_296.0 - exact + 0.5).rem_euclid(1.0);
                assert!((error - 0.5).abs() < 1e-8, "{place} {bin}");
            }
        }
        assert_eq!(turns(2048.0, 2048.0), 0);
    }
}
