//! The numbers of a cut: widths, steepness and contrast.

use egui::{Grid, RichText, ScrollArea, Ui, Vec2};
use lithoscope_engine::imaging::EdgeQuality;

use super::super::format;
use super::super::panels::hint;
use super::CutView;
use crate::worker::CutFinding;

/// Shows the numbers in a column of its own.
pub fn show(ui: &mut Ui, cut: &CutView, size: Vec2) {
    let Some(finding) = cut.finding.as_deref() else { return };
    ui.set_width(size.x);
    ui.spacing_mut().item_spacing.y = 2.0;
    summary(ui, finding);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if finding.printed.is_empty() {
            hint(ui, "Nothing prints on this line: no width, no edges.");
        } else {
            features(ui, finding, cut.pointed_nm);
        }
        section(ui, cut);
    });
}

/// Contrast and range, in a row as high as the legends beside it.
fn summary(ui: &mut Ui, finding: &CutFinding) {
    let values = &finding.profile().intensity;
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (name, value, help) in [
            ("Contrast", finding.contrast, "(I max − I min) / (I max + I min) along the line"),
            ("I min", f64::from(least), "Least intensity on the line, clear field = 1"),
            ("I max", f64::from(most), "Greatest intensity on the line, clear field = 1"),
        ] {
            ui.label(RichText::new(name).small().weak()).on_hover_text(help);
            ui.label(RichText::new(format!("{:<6}", format::significant(value))).monospace());
            ui.add_space(8.0);
        }
    });
}

/// One row for each feature that prints.
fn features(ui: &mut Ui, finding: &CutFinding, pointed: Option<f64>) {
    let columns = [
        ("", "Number of the feature, from A to B"),
        ("CD · nm", "Width of what prints"),
        ("Target · nm", "Width of the target there"),
        ("NILS", "Normalised image log-slope at the two edges: width × d ln I / dx"),
        ("ILS · 1/µm", "Image log-slope at the two edges: d ln I / dx"),
    ];
    Grid::new("cut features").num_columns(5).striped(true).spacing([12.0, 2.0]).show(ui, |ui| {
        for (name, help) in columns {
            ui.label(RichText::new(name).small().weak()).on_hover_text(help);
        }
        ui.end_row();
        for (i, interval) in finding.printed.iter().enumerate() {
            let lit = pointed.is_some_and(|at| (interval[0]..=interval[1]).contains(&at));
            let write = |ui: &mut Ui, text: String| {
                let text = RichText::new(text).monospace();
                ui.label(if lit { text.strong() } else { text });
            };
            let edges = interval.map(|at| edge_at(finding, at));
            write(ui, (i + 1).to_string());
            write(ui, width(edges, *interval));
            write(ui, target(finding, *interval));
            write(ui, pair(edges, |e| e.nils));
            write(ui, pair(edges, |e| Some(e.ils_per_nm * 1e3)));
            ui.end_row();
        }
    });
}

/// The edge an interval ends with; `None` where it goes on beyond the line.
fn edge_at(finding: &CutFinding, at: f64) -> Option<&EdgeQuality> {
    finding.edges.iter().find(|e| e.at_nm == at)
}

fn width(edges: [Option<&EdgeQuality>; 2], [from, to]: [f64; 2]) -> String {
    if edges.iter().all(Option::is_some) { format!("{:.1}", to - from) } else { "open".to_owned() }
}

/// Width of the target's interval that this one overlaps most.
fn target(finding: &CutFinding, [from, to]: [f64; 2]) -> String {
    let overlap = |t: &[f64; 2]| t[1].min(to) - t[0].max(from);
    let widest = finding
        .target
        .iter()
        .filter(|t| overlap(t) > 0.0)
        .max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
    widest.map_or_else(|| "–".to_owned(), |t| format!("{:.1}", t[1] - t[0]))
}

fn pair(edges: [Option<&EdgeQuality>; 2], read: impl Fn(&EdgeQuality) -> Option<f64>) -> String {
    let [a, b] =
        edges.map(|e| e.and_then(&read).map_or_else(|| "–".to_owned(), format::significant));
    format!("{a} / {b}")
}

/// What the cross-section says in numbers.
fn section(ui: &mut Ui, cut: &CutView) {
    let Some(section) = cut.developed() else { return };
    ui.add_space(6.0);
    Grid::new("section facts").num_columns(2).spacing([14.0, 2.0]).show(ui, |ui| {
        for (name, value) in &section.facts {
            ui.label(RichText::new(*name).small().weak());
            ui.label(RichText::new(value).monospace());
            ui.end_row();
        }
    });
}
