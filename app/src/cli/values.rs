//! Lists of numbers as the command line takes them: `0.9,1,1.1` or `-100:100:10`.

/// Most numbers in a list.
const MOST: usize = 1001;

/// A list of numbers: values with commas between, or `FIRST:LAST:STEP`.
///
/// A type of its own, so that the argument parser takes the whole text as one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(pub Vec<f64>);

/// Parses a list.
///
/// # Errors
/// Something that is no finite number, a step that does not lead from first to last, or more
/// than 1001 values; the text says what is expected.
pub fn values(text: &str) -> Result<Values, String> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [list] => list.split(',').map(number).collect::<Result<_, _>>().and_then(bounded),
        [first, last, step] => range(number(first)?, number(last)?, number(step)?),
        _ => Err("expected numbers like 0.9,1,1.1 or FIRST:LAST:STEP like -100:100:10".into()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("'{}' is no number", text.trim())),
    }
}

fn range(first: f64, last: f64, step: f64) -> Result<Values, String> {
    // The margin keeps the last value where rounding would lose it.
    let steps = ((last - first) / step + 1e-6).floor();
    if !(step != 0.0 && steps >= 0.0) {
        return Err("FIRST:LAST:STEP: the step must lead from first to last".into());
    }
    if steps >= MOST as f64 {
        return Err(format!("more than {MOST} values; take a larger step"));
    }
    Ok(Values((0..=steps as usize).map(|i| first + i as f64 * step).collect()))
}

fn bounded(list: Vec<f64>) -> Result<Values, String> {
    if list.len() > MOST { Err(format!("more than {MOST} values")) } else { Ok(Values(list)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_hold_both_ends() {
        assert_eq!(values("1, 0.5,-2").unwrap().0, [1.0, 0.5, -2.0]);
        let range = values("-100:100:10").unwrap().0;
        assert_eq!((range.len(), range[0], range[20]), (21, -100.0, 100.0));
        let doses = values("0.9:1.1:0.01").unwrap().0;
        assert_eq!(doses.len(), 21);
        assert!((doses[20] - 1.1).abs() < 1e-12);
        assert_eq!(values("5:5:1").unwrap().0, [5.0]);
        assert_eq!(values("3:1:-1").unwrap().0, [3.0, 2.0, 1.0]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in ["", "a", "1:2", "1:2:0", "1:2:-1", "0:1:1e-9", "nan", "1,inf", "1:2:3:4"] {
            assert!(values(bad).is_err(), "{bad}");
        }
    }
}
