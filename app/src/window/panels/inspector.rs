//! The inspector: what is known of the fragment or gauge that is hovered or selected.

use egui::{Grid, RichText, Ui};
use lithoscope_engine::mask::{Axis, FragmentKind};

use super::super::format;
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::super::view::{Item, View};
use super::{heading, hint};

/// Height of the inspector whatever it shows, so that the recipe below does not move, points.
const HEIGHT: f32 = 132.0;

/// Shows the inspector.
pub fn show(ui: &mut Ui, run: &RunView, view: &View) {
    ui.vertical(|ui| {
        ui.set_min_height(HEIGHT);
        heading(ui, "Inspector");
        match view.focus() {
            None => {
                hint(ui, "Point at a mask edge or a gauge to read it; click to have it explained.");
            }
            Some(Item::Fragment(i)) => fragment(ui, run, i),
            Some(Item::Gauge(i)) => gauge(ui, run, i),
            Some(Item::Rule(i)) => rule(ui, run, i),
        }
    });
}

fn lines(ui: &mut Ui, title: String, rows: &[(&str, String)]) {
    ui.label(RichText::new(title).strong());
    Grid::new("inspector").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(*name).weak());
            ui.label(RichText::new(value).monospace());
            ui.end_row();
        }
    });
}

fn fragment(ui: &mut Ui, run: &RunView, i: usize) {
    let (fragments, offsets) = run.fragments();
    let Some(fragment) = fragments.get(i) else {
        hint(ui, "This fragment of an SRAF is not there at this iteration.");
        return;
    };
    let offset = offsets.get(i).copied().unwrap_or(0);
    let is_assist = fragment.kind == FragmentKind::Assist;
    let same = run
        .before_shown()
        .filter(|b| !is_assist || run.shown().is_some_and(|shown| shown.epoch == b.epoch));
    let before = same.and_then(|it| it.offsets.get(i)).copied();
    let moved = before.map_or_else(
        || "–".to_owned(),
        |b| format!("{} nm", format::change(i64::from(offset) - i64::from(b))),
    );
    let axis = match fragment.axis {
        Axis::Horizontal => "moves in y",
        Axis::Vertical => "moves in x",
    };
    let length = (i64::from(fragment.to) - i64::from(fragment.from)).abs();
    lines(
        ui,
        format!("Fragment {i}"),
        &[
            ("Kind", kind(fragment.kind).to_owned()),
            ("Length", format!("{length} nm, {axis}")),
            ("Offset", format!("{} nm", format::change(i64::from(offset)))),
            ("Last move", moved),
        ],
    );
}

/// What a fragment is part of, in words.
pub fn kind(of: FragmentKind) -> &'static str {
    match of {
        FragmentKind::LineEnd => "line end",
        FragmentKind::ConvexCorner => "convex corner",
        FragmentKind::ConcaveCorner => "concave corner",
        FragmentKind::Run => "run",
        FragmentKind::Assist => "side of an SRAF",
    }
}

fn rule(ui: &mut Ui, run: &RunView, i: usize) {
    let Some(marker) = run.broken().get(i) else { return };
    let [x, y] = marker.at;
    lines(
        ui,
        format!("Broken rule: {}", marker.rule),
        &[
            ("At", format!("{x:.0}, {y:.0} nm")),
            ("Measured", marker.measured_text()),
            ("Asked for", marker.needed_text()),
        ],
    );
}

fn gauge(ui: &mut Ui, run: &RunView, i: usize) {
    let Some(gauge) = run.prepared.as_ref().and_then(|p| p.gauges.get(i)) else { return };
    let reading = run.picture.as_ref().and_then(|p| p.readings.get(i));
    let epe = reading.map_or_else(
        || "–".to_owned(),
        |r| r.epe_nm.map_or_else(|| "no contour found".to_owned(), epe_text),
    );
    let verdict = match reading {
        Some(r) if r.inner_violation => "violated: does not print inside",
        Some(r) if r.outer_violation => "violated: prints outside",
        Some(_) => "within tolerance",
        None => "–",
    };
    lines(
        ui,
        format!("Gauge {i}"),
        &[
            ("At", format!("{:.0}, {:.0} nm", gauge.x_nm, gauge.y_nm)),
            ("EPE", epe),
            ("Verdict", verdict.to_owned()),
        ],
    );
    if let Some(reading) = reading {
        let colour = Palette::in_use(ui.visuals()).epe(reading.epe_nm);
        let (rect, _) = ui.allocate_exact_size(egui::vec2(72.0, 4.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 2.0, colour);
    }
}

fn epe_text(epe: f32) -> String {
    let sign = if epe > 0.0 { "+" } else { "" };
    format!("{sign}{} nm", format::signed(f64::from(epe), 1))
}
