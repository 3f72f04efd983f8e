//! Small tables of metrics for people.

use std::fmt::Write as _;

use lithoscope_engine::verify::Metrics;

/// A table of metrics, one labelled row each.
pub fn metrics(rows: &[(String, Metrics)]) -> String {
    let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>10}  {:>13}  {:>4}  {:>6}\n",
        "", "L2 nm²", "PV band nm²", "EPE", "shots"
    );
    for (label, m) in rows {
        let _ = writeln!(
            text,
            "{label:width$}  {:>10}  {:>13}  {:>4}  {:>6}",
            m.l2_nm2, m.pvb_nm2, m.epe_violations, m.shots
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let big = Metrics { l2_nm2: 123_456_789, pvb_nm2: 5, shots: 77, ..Metrics::default() };
        let text = metrics(&[("target as mask".into(), big), ("best".into(), Metrics::default())]);
        let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    }
}
