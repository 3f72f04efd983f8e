//! Tables of measured widths: CSV in, rows out, errors with file and line.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Prints;
use crate::resist::ResistError;
use crate::resist::model::text_of;

/// Largest table read, bytes.
const MAX_TABLE: u64 = 64 << 20;

/// A row of a CD table: `dose, focus, cd`, optionally `weight`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CdRow {
    /// Exposure dose relative to nominal.
    pub dose: f64,
    /// Defocus, nm.
    #[serde(rename = "focus", alias = "focus_nm")]
    pub focus_nm: f64,
    /// Measured width, nm.
    #[serde(rename = "cd", alias = "cd_nm")]
    pub cd_nm: f64,
    /// Weight in the sum of squares.
    #[serde(default = "one")]
    pub weight: f64,
}

/// A row of a gauge file: `x, y, tangent, target, measured`, optionally `weight` and `prints`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GaugeRow {
    /// Middle of the measured feature, clip nm.
    #[serde(alias = "x_nm")]
    pub x: f64,
    /// Middle of the measured feature, clip nm.
    #[serde(alias = "y_nm")]
    pub y: f64,
    /// Direction of the feature's edges, degrees counter-clockwise from x; the width is measured
    /// across it.
    #[serde(alias = "tangent_deg")]
    pub tangent: f64,
    /// Drawn width, nm.
    #[serde(rename = "target", alias = "target_cd", alias = "target_nm")]
    pub target_nm: f64,
    /// Measured width, nm.
    #[serde(rename = "measured", alias = "measured_cd", alias = "measured_nm")]
    pub measured_nm: f64,
    /// Weight in the sum of squares.
    #[serde(default = "one")]
    pub weight: f64,
    /// Whether the feature is bright (printed) or a dark line between.
    #[serde(default)]
    pub prints: Prints,
}

fn one() -> f64 {
    1.0
}

/// Reads a CD table.
///
/// # Errors
/// The file cannot be read; a column is missing or unknown; a field is no number or out of range.
/// The message names the line.
pub fn read_cd_table(path: &Path) -> Result<Vec<CdRow>, ResistError> {
    read(path, |row: &CdRow| {
        if !(1e-3..=1e3).contains(&row.dose) {
            Some(("dose", row.dose, "from 0.001 to 1000, 1 being nominal"))
        } else if !(-1e5..=1e5).contains(&row.focus_nm) {
            Some(("focus", row.focus_nm, "from -100000 to 100000"))
        } else {
            width("cd", row.cd_nm).or_else(|| weight(row.weight))
        }
    })
}

/// Reads a gauge file.
///
/// # Errors
/// As [`read_cd_table`].
pub fn read_gauges(path: &Path) -> Result<Vec<GaugeRow>, ResistError> {
    read(path, |row: &GaugeRow| {
        let places = [("x", row.x), ("y", row.y), ("tangent", row.tangent)];
        if let Some((name, value)) = places.into_iter().find(|(_, v)| !(-1e9..=1e9).contains(v)) {
            return Some((name, value, "a number of at most 1e9"));
        }
        width("target", row.target_nm)
            .or_else(|| width("measured", row.measured_nm))
            .or_else(|| weight(row.weight))
    })
}

/// A field that is out of its range: name, value, what was expected.
type Fault = (&'static str, f64, &'static str);

fn width(name: &'static str, nm: f64) -> Option<Fault> {
    let ok = (1e-3..=1e6).contains(&nm);
    (!ok).then_some((name, nm, "from 0.001 to 1000000"))
}

fn weight(weight: f64) -> Option<Fault> {
    let ok = (0.0..=1e9).contains(&weight);
    (!ok).then_some(("weight", weight, "from 0 to 1e9"))
}

fn read<T: DeserializeOwned>(
    path: &Path,
    fault: impl Fn(&T) -> Option<Fault>,
) -> Result<Vec<T>, ResistError> {
    let fail = |line: Option<u64>, reason: String| ResistError::File {
        path: path.to_path_buf(),
        line,
        reason,
    };
    let text = text_of(path, MAX_TABLE).map_err(|reason| fail(None, reason))?;
    // Empty lines and comments go first, so that the reader's count gives each row's own line.
    let kept: Vec<(u64, &str)> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .collect();
    let lines: Vec<&str> = kept.iter().map(|(_, line)| *line).collect();
    let joined = lines.join("\n");
    let line_of = |position: Option<&csv::Position>| {
        let row = position?.line().saturating_sub(1) as usize;
        kept.get(row).map(|(number, _)| *number)
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(joined.as_bytes());
    let headers = reader.headers().map_err(|error| fail(None, error.to_string()))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| fail(line_of(error.position()), described(&error)))?;
        let line = line_of(record.position());
        let row: T =
            record.deserialize(Some(&headers)).map_err(|error| fail(line, described(&error)))?;
        if let Some((name, value, expected)) = fault(&row) {
            return Err(fail(line, format!("{name} = {value}: must be {expected}")));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(fail(None, "holds no measurement below its header".into()));
    }
    Ok(rows)
}

/// The reader's error without the place, which the caller names.
fn described(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => match err.field() {
            Some(field) => format!("field {}: {}", field + 1, err.kind()),
            None => err.kind().to_string(),
        },
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} fields, the header {expected_len}")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn tables_are_read_with_their_comments_and_optional_columns() {
        let (_folder, path) = written("# lot 7\ndose, focus, cd\n1.0, 0, 45.5\n0.95,-40,48\n");
        let rows = read_cd_table(&path).unwrap();
        let row = |dose, focus_nm, cd_nm| CdRow { dose, focus_nm, cd_nm, weight: 1.0 };
        assert_eq!(rows, [row(1.0, 0.0, 45.5), row(0.95, -40.0, 48.0)]);
        let text = "x,y,tangent,target,measured,weight,prints\n10,20,90,50,48.2,2,dark\n";
        let (_folder, path) = written(text);
        let gauge = read_gauges(&path).unwrap()[0];
        assert_eq!((gauge.prints, gauge.weight, gauge.measured_nm), (Prints::Dark, 2.0, 48.2));
    }

    #[test]
    fn a_bad_line_is_told_by_file_and_number() {
        for (text, line, word) in [
            ("dose,focus,cd\n1,0,45\n1,zero,45\n", ":3:", "field 2"),
            ("dose,focus,cd\n1,0,45\n\n# note\n1,0\n", ":5:", "2 fields"),
            ("dose,focus,cd\n1,0,-5\n", ":2:", "cd = -5"),
            ("dose,focus,cd\n1,0,NaN\n", ":2:", "cd = NaN"),
            ("dose,cd\n1,45\n", ":2:", "focus"),
            ("dose,focus,cd,hue\n1,0,45,3\n", ":2:", "hue"),
            ("dose,focus,cd\n", "", "no measurement"),
        ] {
            let (_folder, path) = written(text);
            let error = read_cd_table(&path).unwrap_err().to_string();
            let named = error.contains("table.csv") && error.contains(line);
            assert!(named && error.contains(word), "{error}");
        }
        let missing = Path::new("nowhere/table.csv");
        assert!(read_gauges(missing).unwrap_err().to_string().contains("nowhere"));
    }
}
