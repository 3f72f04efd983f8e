//! Live plots of the metrics over iterations; click or drag in one to show that iteration.

use egui::{Color32, RichText, Ui, vec2};
use egui_plot::{GridInput, GridMark, Line, LineStyle, Plot, PlotPoints, Points, VLine};
use lithoscope_engine::opc::Iteration;
use lithoscope_engine::verify::Metrics;

use super::super::action::Action;
use super::super::canvas::step_125;
use super::super::compare::Pinned;
use super::super::format;
use super::super::run_view::RunView;
use super::super::theme::Palette;
use super::hint;

/// Space between plots, points.
const GAP: f32 = 12.0;

type Read = fn(&Iteration) -> f64;
/// The same figure of a pinned run, where it keeps it.
type ReadPinned = fn(&Metrics) -> f64;

const PLOTS: [(&str, &str, Read, Option<ReadPinned>); 5] = [
    ("Loss", "nm²", |i| i.loss.total(), None),
    ("L2", "nm²", |i| i.metrics.l2_nm2 as f64, Some(|m| m.l2_nm2 as f64)),
    ("PV band", "nm²", |i| i.metrics.pvb_nm2 as f64, Some(|m| m.pvb_nm2 as f64)),
    (
        "EPE",
        "violations",
        |i| f64::from(i.metrics.epe_violations),
        Some(|m| f64::from(m.epe_violations)),
    ),
    ("Shots", "rectangles", |i| f64::from(i.metrics.shots), Some(|m| f64::from(m.shots))),
];

/// Shows the plots side by side.
pub fn show(ui: &mut Ui, run: &RunView, pinned: Option<&Pinned>, actions: &mut Vec<Action>) {
    if run.history.is_empty() {
        hint(
            ui,
            "Loss, L2, PV band, EPE and shots of every iteration are drawn here as a run goes on.",
        );
        return;
    }
    if run.history.len() == 1 {
        let total = run.prepared.as_ref().map_or(0, |p| p.total_steps);
        let text = format!(
            "Run makes {total} iterations and can be paused between any two; Step makes one."
        );
        hint(ui, &text);
    }
    let colours = colours(Palette::in_use(ui.visuals()));
    let count = PLOTS.len() as f32;
    let width = ((ui.available_width() - GAP * (count - 1.0)) / count).max(60.0);
    let height = ui.available_height();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for ((name, unit, read, read_pinned), colour) in PLOTS.iter().zip(colours) {
            let beside = read_pinned.zip(pinned).map(|(read, pinned)| {
                let figures = pinned.history.iter().enumerate();
                figures.map(|(i, m)| [i as f64, read(m)]).collect()
            });
            ui.allocate_ui(vec2(width, height), |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.label(RichText::new(format!("{name} · {unit}")).small().weak());
                    let what = Curve { name, read: *read, colour, beside };
                    plot(ui, what, run, actions);
                });
            });
        }
    });
}

/// Marks at 1, 2 or 5 × 10ⁿ, so many that `count` of them just do not fit.
pub fn marks(input: GridInput, count: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    // The largest step up to 2.5 r is never below r: neighbours in 1, 2, 5, 10 differ by that much.
    let step_size = step_125(((high - low) / count * 2.5).max(1e-9));
    let first = (low / step_size).ceil() as i64;
    let last = (high / step_size).floor() as i64;
    (first..=last).take(8).map(|i| GridMark { value: i as f64 * step_size, step_size }).collect()
}

fn colours(palette: &Palette) -> [Color32; 5] {
    [palette.accent, palette.contour, palette.band, palette.bad, palette.mask]
}

/// What a plot shows.
struct Curve<'a> {
    name: &'a str,
    read: Read,
    colour: Color32,
    /// The pinned run's.
    beside: Option<Vec<[f64; 2]>>,
}

fn plot(ui: &mut Ui, curve: Curve<'_>, run: &RunView, actions: &mut Vec<Action>) {
    let Curve { name, read, colour, beside } = curve;
    let points: Vec<[f64; 2]> = run.history.iter().map(|i| [i.index as f64, read(i)]).collect();
    let shown = run.shown().map(|i| [i.index as f64, read(i)]);
    let total = run.prepared.as_ref().map_or(1, |p| p.total_steps.max(1));
    let (cursor, grid) = (ui.visuals().weak_text_color(), ui.visuals().window_stroke.color);
    let beside = beside.unwrap_or_default();
    let points_and = || points.iter().chain(&beside);
    let least = points_and().map(|p| p[1]).fold(f64::INFINITY, f64::min);
    let most = points_and().map(|p| p[1]).fold(f64::NEG_INFINITY, f64::max);
    let room = ((most - least) * 0.08).max(most.abs() * 0.01).max(0.5);
    let response = Plot::new(name)
        .height(ui.available_height())
        .width(ui.available_width())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .default_x_bounds(0.0, total as f64)
        .y_axis_min_width(34.0)
        .y_axis_formatter(|mark, _| format::short(mark.value))
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .label_formatter(|_| None)
        .grid_color(grid)
        .x_grid_spacer(|input| marks(input, 3.0))
        .y_grid_spacer(|input| marks(input, 5.0))
        .show(ui, |plot| {
            plot.set_plot_bounds_x(-0.02 * total as f64..=1.02 * total as f64);
            plot.set_plot_bounds_y((least - room).max(-room)..=most + room);
            if !beside.is_empty() {
                let line = Line::new("A", PlotPoints::from(beside)).color(cursor);
                plot.line(line.width(1.0).style(LineStyle::dashed_dense()));
            }
            plot.line(Line::new(name, PlotPoints::from(points)).color(colour).width(1.5));
            if let Some(at) = shown {
                plot.vline(VLine::new("shown", at[0]).color(cursor).width(1.0));
                plot.points(Points::new("shown", vec![at]).color(colour).radius(3.5));
            }
            plot.pointer_coordinate()
        });
    let held = response.response.clicked() || response.response.dragged();
    if let Some(at) = response.inner.filter(|_| held) {
        let iteration = at.x.round().clamp(0.0, run.last() as f64) as usize;
        if iteration != run.wanted {
            actions.push(Action::Show(iteration));
        }
    }
    let hovered = response.inner.filter(|_| response.response.hovered());
    if let Some(iteration) = hovered.and_then(|p| run.history.get(p.x.round().max(0.0) as usize)) {
        let value = format::grouped(read(iteration).round() as i64);
        response
            .response
            .on_hover_text_at_pointer(format!("Iteration {}: {value}", iteration.index));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plots_have_a_few_round_marks_whatever_the_range() {
        for range in [0.3, 1.0, 7.0, 48.0, 1_234.0, 530_000.0] {
            let input = GridInput { bounds: (0.0, range), base_step_size: 1.0 };
            let found = marks(input, 5.0).len();
            assert!((2..=6).contains(&found), "{range}: {found}");
        }
    }
}
