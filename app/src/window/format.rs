//! Numbers as people read them: units always shown, thousands in groups.

/// A whole number in groups of three: `28 123`.
pub fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A change: `+12`, `−1 204` or `±0`.
pub fn change(value: i64) -> String {
    match value {
        0 => "±0".to_owned(),
        v if v > 0 => format!("+{}", grouped(v)),
        v => grouped(v),
    }
}

/// Three significant digits, plain: `0.0123`, `1.23`, `123`; whole numbers keep all of theirs.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = (2 - magnitude).clamp(0, 6) as usize;
    signed(value, decimals)
}

/// A fixed number of decimals with a real minus sign.
pub fn signed(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "−")
}

/// An axis mark, short: `28k`, `1.2M`, `0.5`.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    let (scaled, suffix) = if magnitude >= 1e6 {
        (value / 1e6, "M")
    } else if magnitude >= 1e3 {
        (value / 1e3, "k")
    } else {
        (value, "")
    };
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{}{suffix}", text.replace('-', "−"))
}

/// A length: `80 nm`, `1.2 µm`.
pub fn length(nm: f64) -> String {
    if nm.abs() >= 1000.0 {
        format!("{} µm", trimmed(nm / 1000.0, 3))
    } else {
        format!("{} nm", trimmed(nm, 3))
    }
}

/// At most this many decimals, none that are zero.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}

/// A duration: `4.2 ms`, `1.3 s`.
pub fn duration(ms: f64) -> String {
    if ms >= 1000.0 {
        format!("{} s", significant(ms / 1000.0))
    } else {
        format!("{} ms", significant(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_by_thin_spaces() {
        assert_eq!(grouped(28_123), "28\u{2009}123");
        assert_eq!(grouped(-1_234_567), "−1\u{2009}234\u{2009}567");
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(i64::MIN).chars().next(), Some('−'));
    }

    #[test]
    fn changes_carry_their_sign() {
        assert_eq!(change(0), "±0");
        assert_eq!(change(12), "+12");
        assert_eq!(change(-3), "−3");
    }

    #[test]
    fn three_digits_matter() {
        assert_eq!(significant(0.22512), "0.225");
        assert_eq!(significant(12.345), "12.3");
        assert_eq!(significant(1234.5), "1234");
        assert_eq!(significant(f64::NAN), "–");
    }

    #[test]
    fn axis_marks_are_short() {
        assert_eq!(short(28_000.0), "28k");
        assert_eq!(short(1_250_000.0), "1.25M");
        assert_eq!(short(-0.5), "−0.5");
    }

    #[test]
    fn lengths_change_unit_at_a_micrometre() {
        assert_eq!(length(80.0), "80 nm");
        assert_eq!(length(2048.0), "2.048 µm");
    }
}
