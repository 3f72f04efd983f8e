//! Bossung curves, the window over focus and dose, and exposure latitude against depth of focus.

use egui::{Color32, RichText, Ui};
use egui_plot::{HLine, Line, LineStyle, Plot, PlotPoints, Points, Polygon};
use lithoscope_engine::verify::{BossungCurve, WindowEdge};

use super::super::format;
use super::super::panels::hint;
use super::super::panels::plots::marks;
use super::super::theme::Palette;
use crate::headless::WindowReport;

/// Bossung curves drawn at most.
const CURVES: usize = 11;

/// CD over focus, a curve a dose, darker for less of it.
pub fn bossung(ui: &mut Ui, report: &WindowReport, gauge: usize) {
    let Some(measured) = report.matrix.gauges.get(gauge) else { return };
    title(ui, &format!("CD of {} over focus · nm", measured.name));
    let palette = Palette::in_use(ui.visuals());
    let weak = ui.visuals().weak_text_color();
    let curves = report.matrix.bossung(gauge);
    let step = curves.len().div_ceil(CURVES).max(1);
    let drawn: Vec<&BossungCurve> = curves.iter().step_by(step).collect();
    let (target, share) = (measured.target_nm, measured.tolerance);
    let found = drawn.iter().flat_map(|c| c.points.iter().filter_map(|p| p.1));
    let reach = found.fold(share * target, |reach, cd| reach.max((cd - target).abs()));
    // A width that runs away does not squeeze the curves near the target.
    let reach = (reach * 1.05).min(4.0 * share * target);
    let isofocal = report.gauges.get(gauge).and_then(|g| g.isofocal);
    let response = frame(ui, "bossung").show(ui, |plot| {
        plot.set_plot_bounds_y(target - reach..=target + reach);
        for (level, width) in
            [(target, 1.2), (target * (1.0 - share), 0.8), (target * (1.0 + share), 0.8)]
        {
            plot.hline(HLine::new("target", level).color(weak).width(width).allow_hover(false));
        }
        for curve in &drawn {
            for part in parts(curve) {
                let line = Line::new(format!("{:.3}", curve.dose), PlotPoints::from(part));
                plot.line(line.color(shade(palette.accent, curve.dose)).width(1.5));
            }
        }
        if let Some(isofocal) = isofocal {
            let line = HLine::new("isofocal", isofocal.cd_nm).color(palette.contour);
            plot.hline(line.width(1.0).style(LineStyle::dashed_loose()).allow_hover(false));
        }
        plot.pointer_coordinate()
    });
    let nearest = response.inner.and_then(|at| nearest(&drawn, at.x, at.y));
    if let Some((dose, focus, cd)) = nearest.filter(|_| response.response.hovered()) {
        let text = format!("dose {dose:.3}\nfocus {} nm\nCD {cd:.1} nm", format::signed(focus, 0));
        response.response.on_hover_text_at_pointer(text);
    }
}

/// The curve and place nearest a point: (dose, focus, CD).
fn nearest(curves: &[&BossungCurve], x: f64, y: f64) -> Option<(f64, f64, f64)> {
    let places = curves.iter().filter_map(|c| {
        let known = c.points.iter().filter_map(|(focus, cd)| Some((*focus, (*cd)?)));
        let column = known.min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()));
        column.map(|(focus, cd)| (c.dose, focus, cd))
    });
    places.min_by(|a, b| (a.2 - y).abs().total_cmp(&(b.2 - y).abs()))
}

/// The unbroken parts of a curve.
fn parts(curve: &BossungCurve) -> Vec<Vec<[f64; 2]>> {
    curve
        .points
        .split(|(_, cd)| cd.is_none())
        .map(|part| part.iter().filter_map(|(f, cd)| Some([*f, (*cd)?])).collect())
        .filter(|part: &Vec<[f64; 2]>| part.len() > 1)
        .collect()
}

/// Full at dose 1.2, faint at 0.8.
fn shade(colour: Color32, dose: f64) -> Color32 {
    colour.gamma_multiply((0.35 + 0.65 * ((dose - 0.8) / 0.4).clamp(0.0, 1.0)) as f32)
}

/// The doses that keep widths in tolerance over focus: every gauge faint, the chosen one outlined,
/// their overlap filled, with the best rectangle in it.
pub fn window(ui: &mut Ui, report: &WindowReport, gauge: usize) {
    title(ui, "Window: dose over focus");
    if report.common.gauges.iter().all(|g| g.edges.is_empty()) {
        hint(ui, "No gauge is within its tolerance anywhere.");
        return;
    }
    let palette = Palette::in_use(ui.visuals());
    let weak = ui.visuals().weak_text_color();
    frame(ui, "window").show(ui, |plot| {
        for (i, window) in report.common.gauges.iter().enumerate() {
            let colour = if i == gauge { palette.accent } else { weak.gamma_multiply(0.6) };
            let line = Line::new(window.name.clone(), PlotPoints::from(outline(&window.edges)));
            plot.line(line.color(colour).width(if i == gauge { 1.6 } else { 1.0 }));
        }
        if report.common.edges.len() > 1 {
            // Slices: the region is not convex, and a plot's polygon must be.
            for pair in report.common.edges.windows(2) {
                let (a, b) = (&pair[0], &pair[1]);
                let corners = vec![
                    [a.focus_nm, a.low_dose],
                    [b.focus_nm, b.low_dose],
                    [b.focus_nm, b.high_dose],
                    [a.focus_nm, a.high_dose],
                ];
                let slice = Polygon::new("common", PlotPoints::from(corners));
                let fill = palette.mask.gamma_multiply(0.25);
                plot.polygon(slice.fill_color(fill).stroke(egui::Stroke::NONE).allow_hover(false));
            }
        }
        if let Some(best) = report.common.rectangle {
            let (depth, height) =
                (best.depth_of_focus_nm / 2.0, best.exposure_latitude * best.dose / 2.0);
            let (x, y) = (best.focus_nm, best.dose);
            let ring = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]];
            let ring = ring.map(|[u, v]| [x + u * depth, y + v * height]);
            plot.line(
                Line::new("best", PlotPoints::from(ring.to_vec()))
                    .color(palette.contour)
                    .width(1.4),
            );
            plot.points(Points::new("best", vec![[x, y]]).color(palette.contour).radius(3.0));
        }
    });
}

fn outline(edges: &[WindowEdge]) -> Vec<[f64; 2]> {
    let low = edges.iter().map(|e| [e.focus_nm, e.low_dose]);
    let high = edges.iter().rev().map(|e| [e.focus_nm, e.high_dose]);
    low.chain(high).chain(edges.first().map(|e| [e.focus_nm, e.low_dose])).collect()
}

/// How much dose may vary for a depth of focus.
pub fn latitude(ui: &mut Ui, report: &WindowReport, gauge: usize) {
    title(ui, "Exposure latitude % over depth of focus nm");
    let palette = Palette::in_use(ui.visuals());
    let weak = ui.visuals().weak_text_color();
    let percent = |curve: &[(f64, f64)]| -> Vec<[f64; 2]> {
        curve.iter().map(|(depth, latitude)| [*depth, latitude * 100.0]).collect()
    };
    frame(ui, "latitude").include_x(0.0).include_y(0.0).show(ui, |plot| {
        for (i, g) in report.gauges.iter().enumerate() {
            let colour = if i == gauge { palette.accent } else { weak.gamma_multiply(0.6) };
            let points = PlotPoints::from(percent(&g.window.latitude_curve));
            plot.line(Line::new(g.name.clone(), points).color(colour).width(1.2));
        }
        let points = PlotPoints::from(percent(&report.common.latitude_curve));
        plot.line(Line::new("common", points).color(palette.mask).width(2.0));
        let quoted = HLine::new("quoted", 100.0 * crate::headless::QUOTED_LATITUDE).color(weak);
        plot.hline(quoted.width(0.8).style(LineStyle::dashed_loose()).allow_hover(false));
    });
}

fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).small().weak());
}

fn frame(ui: &Ui, name: &str) -> Plot<'static> {
    Plot::new(format!("process {name}"))
        .width(ui.available_width())
        .height((ui.available_height() - 16.0).max(60.0))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .label_formatter(|_| None)
        .grid_color(ui.visuals().window_stroke.color)
        .y_axis_min_width(34.0)
        .x_grid_spacer(|input| marks(input, 5.0))
        .y_grid_spacer(|input| marks(input, 5.0))
        .x_axis_formatter(|mark, _| format::significant(mark.value))
        .y_axis_formatter(|mark, _| format::significant(mark.value))
}
