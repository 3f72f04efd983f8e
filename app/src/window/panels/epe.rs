//! The EPE tab: one bar a gauge; hovering one lights up its gauge on the canvas.

use egui::{RichText, Ui};
use egui_plot::{Bar, BarChart, HLine, Plot};

use super::super::format;
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::super::view::{Item, View};
use super::hint;

/// Shows the bars.
pub fn show(ui: &mut Ui, run: &RunView, view: &mut View) {
    let readings = run.picture.as_ref().map(|p| p.readings.as_slice()).unwrap_or_default();
    if readings.is_empty() {
        hint(ui, "The placement error at every gauge is drawn here once a run is prepared.");
        return;
    }
    let palette = Palette::in_use(ui.visuals());
    let lost = readings.iter().filter(|r| r.epe_nm.is_none()).count();
    let known: Vec<f64> = readings.iter().filter_map(|r| r.epe_nm.map(f64::from)).collect();
    let rms = (known.iter().map(|e| e * e).sum::<f64>() / known.len().max(1) as f64).sqrt();
    let worst = known.iter().fold(0.0_f64, |w, e| w.max(e.abs()));
    let summary = format!(
        "{} gauges · rms {} nm · largest {} nm · {lost} without contour",
        readings.len(),
        format::significant(rms),
        format::significant(worst)
    );
    ui.label(RichText::new(summary).small().weak());
    let focus = view.focus();
    let bars = readings
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let lit = focus == Some(Item::Gauge(i));
            let colour = if lit { palette.accent } else { palette.epe(r.epe_nm) };
            Bar::new(i as f64, f64::from(r.epe_nm.unwrap_or(0.0))).width(0.7).fill(colour)
        })
        .collect();
    let tolerance = run.recipe().map_or(15.0, |r| f64::from(r.scoring.epe_tolerance_nm));
    let response = Plot::new("EPE by gauge")
        .height(ui.available_height())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_background(false)
        .y_axis_formatter(|mark, _| format!("{} nm", format::short(mark.value)))
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .label_formatter(|_| None)
        .grid_color(ui.visuals().window_stroke.color)
        .x_grid_spacer(|input| super::plots::marks(input, 8.0))
        .y_grid_spacer(|input| super::plots::marks(input, 5.0))
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("EPE", bars).allow_hover(false));
            for level in [-tolerance, tolerance] {
                let line = HLine::new("tolerance", level).color(palette.bad.gamma_multiply(0.6));
                plot.hline(line.width(1.0));
            }
            plot.pointer_coordinate()
        });
    let pointed = response.inner.filter(|_| response.response.hovered());
    if let Some(i) = pointed.map(|p| p.x.round()).filter(|x| *x >= 0.0).map(|x| x as usize)
        && i < readings.len()
    {
        view.hovered = Some(Item::Gauge(i));
        if response.response.clicked() {
            view.selected = view.hovered;
        }
    }
}
