//! Intensity along the line: the shown focus, best focus, the level that prints, and below them
//! where mask and target are.

use egui::{Align2, Color32, RichText, Ui, Vec2, vec2};
use egui_plot::{
    HLine, Line, LineStyle, Plot, PlotPoint, PlotPoints, PlotUi, Points, Polygon, Text, VLine,
};
use lithoscope_engine::imaging::CutProfile;

use super::super::format;
use super::super::panels::plots::marks;
use super::super::theme::{Palette, SMALL};
use super::CutView;
use super::legend::{Look, entry};
use crate::worker::{CutFinding, Level};

/// Room below zero for the bars of mask and target, share of the plot's top.
const BARS: f64 = 0.17;

/// Shows the plot with its legend; the pointer in it points at the line.
pub fn show(ui: &mut Ui, cut: &mut CutView, size: Vec2) {
    let Some(finding) = cut.finding.clone() else { return };
    let palette = Palette::in_use(ui.visuals());
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        legend(ui, &finding, palette);
        let height = size.y - ui.min_rect().height() - 2.0;
        let top = top(&finding);
        let length = finding.line.length_nm();
        let pointed = cut.pointed_nm;
        let response = frame(ui, "cut intensity", length, vec2(size.x, height))
            .y_axis_formatter(|mark, _| {
                if mark.value < 0.0 { String::new() } else { format::short(mark.value) }
            })
            .y_grid_spacer(|input| {
                let mut found = marks(input, 5.0);
                found.retain(|m| m.value >= 0.0);
                found
            })
            .show(ui, |plot| {
                plot.set_plot_bounds_x(0.0..=length);
                plot.set_plot_bounds_y(-BARS * top..=top);
                draw(plot, &finding, palette, top);
                if let Some(at) = pointed {
                    reading(plot, &finding, palette, at, top);
                }
                plot.pointer_coordinate()
            });
        if let Some(at) = response.inner.filter(|_| response.response.hovered()) {
            cut.point(at.x.clamp(0.0, length));
        }
    });
}

/// A plot over the line's length, nm, without ways to move it.
pub fn frame(ui: &Ui, name: &str, length: f64, size: Vec2) -> Plot<'static> {
    Plot::new(name)
        .width(size.x)
        .height(size.y.max(40.0))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .show_background(false)
        .show_crosshair(false)
        .set_margin_fraction(Vec2::ZERO)
        .label_formatter(|_| None)
        .grid_color(ui.visuals().window_stroke.color)
        .y_axis_min_width(34.0)
        .x_grid_spacer(|input| marks(input, 8.0))
        .x_axis_formatter(move |mark, _| {
            // The unit stands once, at the last mark that has room.
            let last = mark.value + 1.5 * mark.step_size > length;
            format!("{}{}", format::significant(mark.value), if last { " nm" } else { "" })
        })
}

fn legend(ui: &mut Ui, finding: &CutFinding, palette: &Palette) {
    let conditions = &finding.conditions;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Intensity · clear field = 1").small().weak());
        ui.add_space(8.0);
        if finding.shown.is_some() {
            let name = format!("defocus {} nm", format::signed(conditions.defocus_nm, 0));
            entry(ui, Look::Line, palette.accent, &name);
            entry(ui, Look::Line, best_colour(ui.visuals().weak_text_color()), "best focus");
        } else {
            entry(ui, Look::Line, palette.accent, "best focus");
        }
        let level = match &finding.level {
            Level::Constant(level) if level.is_finite() => format!("prints above {level:.4}"),
            Level::Constant(_) => "no light prints".to_owned(),
            Level::Along { .. } => "prints above".to_owned(),
        };
        entry(ui, Look::Dashed, palette.contour, &level);
        entry(ui, Look::Area, palette.mask, "mask");
        entry(ui, Look::Area, palette.target, "target");
    });
}

fn best_colour(weak: Color32) -> Color32 {
    weak.gamma_multiply(0.9)
}

/// Top of the plot: above all curves and the level, on a round number.
fn top(finding: &CutFinding) -> f64 {
    let curves =
        finding.best.intensity.iter().chain(finding.shown.iter().flat_map(|p| &p.intensity));
    let level = Some(finding.level.at(0.0) * 1.3).filter(|l| l.is_finite()).unwrap_or(0.0);
    let most = curves.copied().filter(|v| v.is_finite()).fold(level, f32::max);
    (f64::from(most) * 1.12 * 10.0).ceil().max(1.0) / 10.0
}

fn draw<'a>(plot: &mut PlotUi<'a>, finding: &'a CutFinding, palette: &Palette, top: f64) {
    for [from, to] in &finding.printed {
        area(plot, [*from, *to], [0.0, top], palette.contour.gamma_multiply(0.16));
    }
    for (intervals, low, colour) in
        [(&finding.mask, 0.45, palette.mask), (&finding.target, 0.9, palette.target)]
    {
        for [from, to] in intervals {
            let rows = [-BARS * top * low, -BARS * top * (low - 0.32)];
            area(plot, [*from, *to], rows, colour.gamma_multiply(0.8));
        }
    }
    let zero = plot.ctx().global_style().visuals.weak_text_color().gamma_multiply(0.5);
    plot.hline(HLine::new("zero", 0.0).color(zero).width(1.0).allow_hover(false));
    let level = level(finding).color(palette.contour).width(1.0);
    plot.line(level.style(LineStyle::dashed_loose()).allow_hover(false));
    if finding.shown.is_some() {
        let weak = best_colour(plot.ctx().global_style().visuals.weak_text_color());
        plot.line(curve("best focus", &finding.best).color(weak).width(1.2));
    }
    plot.line(curve("shown", finding.profile()).color(palette.accent).width(1.8));
    let edges: Vec<[f64; 2]> =
        finding.edges.iter().map(|e| [e.at_nm, f64::from(finding.level.at(e.at_nm))]).collect();
    plot.points(Points::new("edges", edges).color(palette.contour).radius(2.5).allow_hover(false));
}

/// What prints just so, along the line.
fn level<'a>(finding: &CutFinding) -> Line<'a> {
    let length = finding.line.length_nm();
    let places: Vec<f64> = match &finding.level {
        Level::Constant(level) if !level.is_finite() => Vec::new(),
        Level::Constant(_) => vec![0.0, length],
        Level::Along { step_nm, values } => {
            (0..=values.len()).map(|i| i as f64 * step_nm).collect()
        }
    };
    let points: Vec<[f64; 2]> =
        places.into_iter().map(|at| [at, f64::from(finding.level.at(at))]).collect();
    Line::new("level", PlotPoints::from(points))
}

fn curve<'a>(name: &str, profile: &CutProfile) -> Line<'a> {
    let points: Vec<[f64; 2]> = profile
        .intensity
        .iter()
        .enumerate()
        .map(|(i, v)| [i as f64 * profile.step_nm, f64::from(*v)])
        .collect();
    Line::new(name, PlotPoints::from(points)).allow_hover(false)
}

/// A rectangle in a plot.
fn area(plot: &mut PlotUi<'_>, [x0, x1]: [f64; 2], [y0, y1]: [f64; 2], fill: Color32) {
    let corners = vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    let shape = Polygon::new("area", PlotPoints::from(corners)).fill_color(fill).width(0.0);
    plot.polygon(shape.allow_hover(false));
}

/// What is read where the pointer is.
fn reading(plot: &mut PlotUi<'_>, finding: &CutFinding, palette: &Palette, at: f64, top: f64) {
    let Some(value) = value(finding.profile(), at) else { return };
    pointer(plot, palette, at);
    let point = vec![[at, f64::from(value)]];
    plot.points(Points::new("read", point).color(palette.accent).radius(4.0).allow_hover(false));
    let text = format!("{} · {value:.3}", format::length((at * 10.0).round() / 10.0));
    written(plot, palette, [at, top], finding.line.length_nm(), text);
}

/// The line that marks where the pointer is.
pub fn pointer(plot: &mut PlotUi<'_>, palette: &Palette, at: f64) {
    let colour = palette.accent.gamma_multiply(0.7);
    plot.vline(VLine::new("pointer", at).color(colour).width(1.0).allow_hover(false));
}

/// A text beside the pointer's line, on the side that has room.
pub fn written(
    plot: &mut PlotUi<'_>,
    palette: &Palette,
    [x, y]: [f64; 2],
    length: f64,
    text: String,
) {
    let left = x > 0.7 * length;
    let (anchor, text) = if left {
        (Align2::RIGHT_TOP, format!("{text}  "))
    } else {
        (Align2::LEFT_TOP, format!("  {text}"))
    };
    let ink = plot.ctx().global_style().visuals.strong_text_color();
    let label = RichText::new(text)
        .size(SMALL)
        .color(ink)
        .background_color(palette.plate.gamma_multiply(0.7));
    plot.text(
        Text::new("reading", PlotPoint::new(x, y), label)
            .anchor(anchor)
            .color(ink)
            .allow_hover(false),
    );
}

/// Intensity at a distance along the line, nm; `None` beyond its ends.
pub fn value(profile: &CutProfile, along_nm: f64) -> Option<f32> {
    let end = profile.step_nm * profile.intensity.len().saturating_sub(1) as f64;
    (0.0..=end).contains(&along_nm).then(|| profile.image().at(along_nm).0 as f32)
}
