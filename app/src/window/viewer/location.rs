//! Places that are typed: `12.5, 3 µm`, `100 200 nm`, with or without the size of the view.

use lithoscope_engine::layout::Bounds;

/// A place that was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where, nm.
    pub at: [f64; 2],
    /// Width of the view to show it in, nm; `None` leaves the scale.
    pub size: Option<f64>,
}

impl Place {
    /// The box around it; `None` where the scale stays.
    pub fn view(&self) -> Option<Bounds> {
        let half = self.size? / 2.0;
        Some(Bounds { min: self.at.map(|v| v - half), max: self.at.map(|v| v + half) })
    }
}

/// Reads two or three lengths, in micrometres unless `nm` or `µm` is said: after a number it is for
/// that one, after the last one for all that say none.
///
/// # Errors
/// What is missing or cannot be read.
pub fn parse(text: &str) -> Result<Place, String> {
    let example = "type x, y and, if you like, a width: 12.5, 3.2, 10 µm";
    let mut lengths: Vec<(f64, Option<f64>)> = Vec::new();
    let spaced = spaced(text);
    for word in spaced.split([' ', ',', ';', '\t']).filter(|w| !w.is_empty()) {
        if let Ok(value) = word.replace('−', "-").parse::<f64>() {
            lengths.push((value, None));
        } else if let (Some(unit), Some(last)) = (unit_nm(word), lengths.last_mut()) {
            last.1 = Some(unit);
        } else {
            return Err(format!("'{word}' is neither a number nor nm or µm; {example}"));
        }
    }
    let default = lengths.last().and_then(|l| l.1).unwrap_or(1000.0);
    let nm: Vec<f64> = lengths.iter().map(|(v, unit)| v * unit.unwrap_or(default)).collect();
    let (at, size) = match nm[..] {
        [x, y] => ([x, y], None),
        [x, y, size] => ([x, y], Some(size)),
        _ => return Err(example.to_owned()),
    };
    let reachable = at.iter().all(|v| v.is_finite() && v.abs() < 1e13);
    if !reachable || size.is_some_and(|s| !(s > 0.0 && s < 1e13)) {
        return Err(format!("that is beyond any layout; {example}"));
    }
    Ok(Place { at, size })
}

/// The text with a space between a number and the unit glued to it.
fn spaced(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if before.is_ascii_digit() && matches!(c, 'n' | 'u' | 'µ' | 'μ') {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

fn unit_nm(word: &str) -> Option<f64> {
    match word {
        "nm" => Some(1.0),
        "um" | "µm" | "μm" => Some(1000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_either_unit() {
        let at = |text: &str| parse(text).map(|p| (p.at, p.size)).unwrap();
        assert_eq!(at("1.5, 2"), ([1500.0, 2000.0], None));
        assert_eq!(at("100 -200 nm"), ([100.0, -200.0], None));
        assert_eq!(at("100nm 2um"), ([100.0, 2000.0], None));
        assert_eq!(at("−1;2;10 µm"), ([-1000.0, 2000.0], Some(10_000.0)));
    }

    #[test]
    fn what_is_not_a_place_is_explained() {
        for text in ["", "1", "a, b", "1,2,3,4", "1,2,0", "1e300, 2", "nan, 1", "1 mm 2"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
