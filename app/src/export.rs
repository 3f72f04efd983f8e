//! Files that leave the program: masks, reports, metric tables.
//!
//! Every file is written under a temporary name beside its place and renamed, so that a reader
//! never sees half a file and a failed run leaves the old one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::layout::{self, Clip};
use lithoscope_engine::opc::{Iteration, OutputLayers};
use serde::Serialize;

/// Longest cell name that every GDSII reader takes.
const MAX_CELL_NAME: usize = 32;

/// Writes target, main features and SRAFs as one GDSII cell on the recipe's layers, clip nm.
///
/// # Errors
/// The path cannot be written.
pub fn write_mask(
    path: &Path,
    clip: &Clip,
    main: &[Polygon],
    srafs: &[Rect],
    layers: &OutputLayers,
) -> anyhow::Result<()> {
    let srafs: Vec<Polygon> = srafs.iter().copied().map(Polygon::rect).collect();
    let mut shapes = vec![(layers.target, clip.polygons.as_slice()), (layers.main, main)];
    if !srafs.is_empty() {
        shapes.push((layers.sraf, srafs.as_slice()));
    }
    Ok(layout::write_gds(path, &cell_name(&clip.name), &shapes)?)
}

/// A name made of the characters and the length that GDSII allows.
fn cell_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '?' | '$');
    let name: String =
        name.chars().map(|c| if allowed(c) { c } else { '_' }).take(MAX_CELL_NAME).collect();
    if name.is_empty() { "MASK".into() } else { name }
}

/// One iteration's figures, as tables and reports hold them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Iteration, 0 = starting mask.
    pub iteration: usize,
    /// The whole loss, nm².
    pub loss: f64,
    /// Its image difference term, nm².
    pub loss_l2: f64,
    /// Its PV band term, nm².
    pub loss_pv_band: f64,
    /// Its EPE term, nm².
    pub loss_epe: f64,
    /// L2, nm².
    pub l2_nm2: u64,
    /// PV band, nm².
    pub pvb_nm2: u64,
    /// EPE violations, inner + outer.
    pub epe_violations: u32,
    /// Gauges that do not print inside.
    pub epe_inner: u32,
    /// Gauges that print outside.
    pub epe_outer: u32,
    /// Least number of rectangles.
    pub shots: u32,
    /// Root mean square of the loss gradient over fragments.
    pub gradient_rms: f64,
}

impl Row {
    /// Names of the columns, in the order of [`Row::values`].
    pub const COLUMNS: [&'static str; 12] = [
        "iteration",
        "loss",
        "loss_l2",
        "loss_pv_band",
        "loss_epe",
        "l2_nm2",
        "pvb_nm2",
        "epe_violations",
        "epe_inner",
        "epe_outer",
        "shots",
        "gradient_rms",
    ];

    /// The values as text, in the order of [`Row::COLUMNS`].
    fn values(&self) -> [String; 12] {
        [
            self.iteration.to_string(),
            self.loss.to_string(),
            self.loss_l2.to_string(),
            self.loss_pv_band.to_string(),
            self.loss_epe.to_string(),
            self.l2_nm2.to_string(),
            self.pvb_nm2.to_string(),
            self.epe_violations.to_string(),
            self.epe_inner.to_string(),
            self.epe_outer.to_string(),
            self.shots.to_string(),
            self.gradient_rms.to_string(),
        ]
    }
}

impl From<&Iteration> for Row {
    fn from(iteration: &Iteration) -> Self {
        let (loss, metrics) = (&iteration.loss, &iteration.metrics);
        Self {
            iteration: iteration.index,
            loss: loss.total(),
            loss_l2: loss.l2,
            loss_pv_band: loss.pv_band,
            loss_epe: loss.epe,
            l2_nm2: metrics.l2_nm2,
            pvb_nm2: metrics.pvb_nm2,
            epe_violations: metrics.epe_violations,
            epe_inner: metrics.epe_inner,
            epe_outer: metrics.epe_outer,
            shots: metrics.shots,
            gradient_rms: iteration.gradient_rms,
        }
    }
}

/// The rows of a run.
pub fn rows(history: &[Iteration]) -> Vec<Row> {
    history.iter().map(Row::from).collect()
}

/// Writes one row an iteration: index, loss terms, L2, PV band, EPE, shots.
///
/// # Errors
/// The path cannot be written.
pub fn write_metrics_csv(path: &Path, history: &[Iteration]) -> anyhow::Result<()> {
    let mut text = Row::COLUMNS.join(",");
    for row in rows(history) {
        let _ = write!(text, "\n{}", row.values().join(","));
    }
    text.push('\n');
    write_file(path, text.as_bytes())
}

/// The same as JSON: an array of one object an iteration, keys as the columns.
///
/// # Errors
/// The path cannot be written.
pub fn write_metrics_json(path: &Path, history: &[Iteration]) -> anyhow::Result<()> {
    write_json(path, &rows(history))
}

/// Writes any value as indented JSON.
///
/// # Errors
/// The path cannot be written.
pub fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)
        .with_context(|| format!("cannot write {} as JSON", path.display()))?;
    text.push(b'\n');
    write_file(path, &text)
}

/// Writes a whole file under a temporary name and renames it.
///
/// # Errors
/// The path cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = temporary_beside(path)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a picture as PNG, without its transparency.
///
/// # Errors
/// The path cannot be written.
pub fn write_png(path: &Path, picture: &egui::ColorImage) -> anyhow::Result<()> {
    let [width, height] = picture.size.map(|v| v as u32);
    let pixels = picture.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    let image = image::RgbImage::from_raw(width, height, pixels)
        .context("the picture has not as many pixels as its size says")?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png)?;
    write_file(path, bytes.get_ref())
}

/// Checks that a file can be written at a path, before the work that fills it. Leaves no trace.
///
/// # Errors
/// The folder is missing or read-only, or the path is a folder.
pub fn check_writable(path: &Path) -> anyhow::Result<()> {
    ensure!(!path.is_dir(), "cannot write {}: it is a folder; name a file in it", path.display());
    ensure!(path.file_name().is_some(), "cannot write '{}': it names no file", path.display());
    let read_only = path.metadata().is_ok_and(|m| m.permissions().readonly());
    ensure!(!read_only, "cannot write {}: the file is read-only", path.display());
    temporary_beside(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

/// A temporary file in the folder of a path, with the permissions of an ordinary new file.
fn temporary_beside(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lithoscope-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use lithoscope_engine::opc::LossTerms;
    use lithoscope_engine::verify::Metrics;

    use super::*;

    fn history() -> Vec<Iteration> {
        let iteration = |index, l2_nm2| Iteration {
            index,
            offsets: vec![1, -2],
            loss: LossTerms { l2: 0.5, pv_band: 0.25, epe: 1.0 },
            metrics: Metrics {
                l2_nm2,
                pvb_nm2: 20,
                epe_violations: 3,
                epe_inner: 1,
                epe_outer: 2,
                shots: 4,
            },
            gradient_rms: 0.125,
            judged: true,
            ..Iteration::default()
        };
        vec![iteration(0, 100), iteration(1, 90)]
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (csv, json) = (folder.path().join("m.csv"), folder.path().join("m.json"));
        write_metrics_csv(&csv, &history()).unwrap();
        write_metrics_json(&json, &history()).unwrap();
        let csv = std::fs::read_to_string(csv).unwrap();
        let json: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
        let mut lines = csv.lines();
        let columns: Vec<_> = lines.next().unwrap().split(',').collect();
        assert_eq!(json.len(), 2);
        for (line, object) in lines.zip(&json) {
            assert_eq!(object.len(), columns.len());
            for (column, value) in columns.iter().zip(line.split(',')) {
                assert_eq!(object[*column].as_f64().unwrap(), value.parse::<f64>().unwrap());
            }
        }
        assert!(csv.contains("\n1,1.75,0.5,0.25,1,90,20,3,1,2,4,0.125\n"), "{csv}");
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_refused_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none").join("mask.gds");
        for path in [folder.path(), &missing, Path::new("")] {
            let message = format!("{:#}", check_writable(path).unwrap_err());
            assert!(message.contains(&path.display().to_string()), "{message}");
        }
        check_writable(&folder.path().join("mask.gds")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.json");
        std::fs::create_dir(&place).unwrap();
        assert!(write_file(&place, b"new").is_err());
        assert!(place.is_dir());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn cell_names_keep_to_the_gdsii_alphabet() {
        assert_eq!(cell_name("M1 test/1.glp"), "M1_test_1_glp");
        assert_eq!(cell_name("äöü"), "___");
        assert_eq!(cell_name(""), "MASK");
        assert_eq!(cell_name(&"x".repeat(100)).len(), 32);
    }
}
