//! Two runs side by side: A is pinned, B is the one that goes on.

use std::sync::Arc;

use egui::{
    Align2, CursorIcon, Grid, Id, Painter, Rect, RichText, ScrollArea, Sense, Slider, Stroke, Ui,
    pos2, vec2,
};
use lithoscope_engine::opc::Iteration;
use lithoscope_engine::verify::{Gauge, Metrics};

use super::action::Action;
use super::canvas::decor;
use super::command::Command;
use super::format;
use super::panels::hint;
use super::recipe_facts;
use super::run_view::RunView;
use super::theme::Palette;
use super::view::{CanvasLayer, View};
use crate::worker::{Difference, Picture};

/// How near the pointer takes the divider, points.
const GRIP: f32 = 6.0;
/// Serials of pinned pictures, far from those of shown ones.
const SERIALS: u64 = 1 << 40;

/// What is kept of a pinned run: one picture and the metrics of its iterations.
pub struct Pinned {
    /// Name of its recipe.
    pub name: String,
    /// Its method.
    method: &'static str,
    /// The iteration that was shown.
    iteration: usize,
    /// Metrics by iteration.
    pub history: Vec<Metrics>,
    /// The mask and what it prints.
    pub picture: Arc<Picture>,
    /// Tells its picture from others.
    pub serial: u64,
    /// Gauges of its run.
    pub gauges: Arc<[Gauge]>,
}

/// The comparison.
#[derive(Default)]
pub struct CompareView {
    /// Run A; `None` before one is pinned.
    pub pinned: Option<Pinned>,
    /// What A and the shown mask differ in.
    pub difference: Option<Arc<Difference>>,
    /// Counts differences, so that they are drawn anew.
    pub serial: u64,
    /// Whether the canvas is divided.
    pub wiping: bool,
    /// Where, as a share of its width.
    at: Share,
}

/// A share 0…1, at first one half.
struct Share(f32);

impl Default for Share {
    fn default() -> Self {
        Self(0.5)
    }
}

impl CompareView {
    /// Keeps the shown iteration as A; its picture, if there is one in full.
    pub fn pin(&mut self, run: &RunView) -> Option<Arc<Picture>> {
        let (prepared, picture) = (run.prepared.as_ref()?, run.picture.as_ref()?);
        let iteration = picture.iteration.filter(|i| *i == run.wanted && !picture.draft)?;
        self.serial += 1;
        self.pinned = Some(Pinned {
            name: prepared.recipe.name.clone(),
            method: recipe_facts::method(&prepared.recipe),
            iteration,
            history: run.history.iter().map(|i| i.metrics).collect(),
            picture: Arc::clone(picture),
            serial: SERIALS + self.serial,
            gauges: Arc::clone(&prepared.gauges),
        });
        self.difference = None;
        self.wiping = true;
        Some(Arc::clone(picture))
    }

    /// Forgets A.
    pub fn clear(&mut self) {
        self.pinned = None;
        self.difference = None;
        self.wiping = false;
    }

    /// Takes what A and the shown mask differ in.
    pub fn take(&mut self, difference: Arc<Difference>) {
        self.serial += 1;
        self.difference = Some(difference);
    }

    /// Where the canvas is divided (x, points), if it is; lets the divider be dragged.
    pub fn divide(&mut self, ui: &Ui, canvas: Rect) -> Option<f32> {
        if !self.wiping || self.pinned.is_none() {
            return None;
        }
        let x = canvas.left() + self.at.0 * canvas.width();
        let grip = Rect::from_x_y_ranges(x - GRIP..=x + GRIP, canvas.y_range());
        let response = ui.interact(grip, Id::unique("wipe divider"), Sense::drag());
        let response = response.on_hover_cursor(CursorIcon::ResizeHorizontal);
        if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            self.at.0 = ((at.x - canvas.left()) / canvas.width().max(1.0)).clamp(0.02, 0.98);
        }
        Some(canvas.left() + self.at.0 * canvas.width())
    }
}

/// The divider, and which run is on which side.
pub fn paint_divider(
    painter: &Painter,
    canvas: Rect,
    palette: &Palette,
    x: f32,
    pinned: &Pinned,
    run: &RunView,
) {
    painter.vline(x, canvas.y_range(), Stroke::new(4.0, palette.plate));
    painter.vline(x, canvas.y_range(), Stroke::new(1.5, palette.ink));
    let knob = pos2(x, canvas.center().y);
    painter.circle(knob, 9.0, palette.plate, Stroke::new(1.5, palette.ink));
    for side in [-1.0, 1.0] {
        let tip = knob + vec2(5.5 * side, 0.0);
        let points = vec![tip, tip - vec2(3.5 * side, 3.5), tip - vec2(3.5 * side, -3.5)];
        painter.add(egui::Shape::convex_polygon(points, palette.ink, Stroke::NONE));
    }
    let b = run.recipe().map_or("", |r| r.name.as_str());
    let top = canvas.top() + decor::MARGIN;
    let a = format!("A · {} · iteration {}", pinned.name, pinned.iteration);
    label(painter, palette, pos2(x - 10.0, top), Align2::RIGHT_TOP, a, palette.less);
    let b = format!("B · {b} · iteration {}", run.wanted);
    label(painter, palette, pos2(x + 10.0, top), Align2::LEFT_TOP, b, palette.more);
}

fn label(
    painter: &Painter,
    palette: &Palette,
    at: egui::Pos2,
    align: Align2,
    text: String,
    colour: egui::Color32,
) {
    let galley = painter.layout_no_wrap(text, decor::font(), palette.ink);
    let place = align.anchor_size(at, galley.size() + vec2(24.0, 8.0));
    decor::plate(painter, palette, place);
    let mark =
        Rect::from_min_size(place.min + vec2(6.0, 0.5 * place.height() - 4.0), vec2(8.0, 8.0));
    painter.rect_filled(mark, 2.0, colour);
    painter.galley(place.min + vec2(18.0, 4.0), galley, palette.ink);
}

/// Shows the tab.
pub fn show(ui: &mut Ui, compare: &CompareView, run: &RunView, actions: &mut Vec<Action>) {
    let Some(pinned) = &compare.pinned else {
        hint(
            ui,
            "Pin the shown iteration as A. Then choose another recipe (or change this one), apply it and run: that is B. Both are shown side by side: figures here, masks and prints on the canvas.",
        );
        ui.add_space(4.0);
        let ready = run.picture.as_ref().is_some_and(|p| p.iteration == Some(run.wanted));
        let tooltip = Command::PinRun.tooltip(ui.ctx());
        let pin = ui.add_enabled(ready, egui::Button::new("Pin this run as A"));
        if pin.on_hover_text(tooltip).clicked() {
            actions.push(Action::Command(Command::PinRun));
        }
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Grid::new("compare").num_columns(4).min_col_width(110.0).spacing([20.0, 3.0]).striped(true).show(
            ui,
            |ui| table(ui, compare, pinned, run),
        );
        if compare.difference.as_ref().is_some_and(|d| d.printed.is_none()) {
            hint(ui, "What prints is not compared: the resist has no single threshold, or the images do not cover the same place.");
        }
    });
}

fn table(ui: &mut Ui, compare: &CompareView, pinned: &Pinned, run: &RunView) {
    let palette = Palette::in_use(ui.visuals());
    let recipe = run.recipe();
    ui.label("");
    ui.label(RichText::new("A · pinned").strong().color(palette.less));
    ui.label(RichText::new("B · shown").strong().color(palette.more));
    ui.label(RichText::new("B − A").strong());
    ui.end_row();
    let words = [
        ("Recipe", pinned.name.clone(), recipe.map_or(String::new(), |r| r.name.clone())),
        ("Method", pinned.method.to_owned(), recipe.map_or("", recipe_facts::method).to_owned()),
        ("Iteration", pinned.iteration.to_string(), run.wanted.to_string()),
    ];
    for (name, a, b) in words {
        ui.label(name);
        ui.label(a);
        ui.label(b);
        ui.label("");
        ui.end_row();
    }
    let metrics = |m: &Metrics| {
        [m.l2_nm2 as i64, m.pvb_nm2 as i64, i64::from(m.epe_violations), i64::from(m.shots)]
    };
    let a = pinned.history.get(pinned.iteration).map(metrics);
    let b = run.shown().map(|i: &Iteration| metrics(&i.metrics));
    let pictured = |p: &Picture| [p.assists.len() as i64, p.broken.len() as i64];
    let of_mask = [Some(pictured(&pinned.picture)), run.picture.as_deref().map(pictured)];
    let names = ["L2 (nm²)", "PV band (nm²)", "EPE violations", "Shots"];
    for (i, name) in names.into_iter().enumerate() {
        figures(ui, name, a.map(|a| a[i]), b.map(|b| b[i]), palette);
    }
    for (i, name) in ["SRAFs", "Broken mask rules"].into_iter().enumerate() {
        figures(ui, name, of_mask[0].map(|a| a[i]), of_mask[1].map(|b| b[i]), palette);
    }
    let shown = |d: &&Arc<Difference>| d.iteration == Some(run.wanted);
    let Some(difference) = compare.difference.as_ref().filter(shown) else { return };
    let [a, b] = difference.mask_nm2();
    figures(ui, "Mask only here (nm²)", Some(a), Some(b), palette);
    if let Some(printed) = &difference.printed {
        let [a, b] = [printed.only_a_nm2, printed.only_b_nm2].map(|v| v.round() as i64);
        figures(ui, "Printed only here (nm²)", Some(a), Some(b), palette);
    }
}

/// One row; lower is better for metrics, and areas and counts of the mask are neither.
fn figures(ui: &mut Ui, name: &str, a: Option<i64>, b: Option<i64>, palette: &Palette) {
    let judged = !name.starts_with("Mask") && !name.starts_with("Printed") && name != "SRAFs";
    let text = |v: Option<i64>| v.map_or("–".to_owned(), format::grouped);
    ui.label(name);
    ui.label(RichText::new(text(a)).monospace());
    ui.label(RichText::new(text(b)).monospace());
    let change = a.zip(b).map(|(a, b)| b - a);
    let colour = match change {
        Some(c) if judged && c < 0 => palette.good,
        Some(c) if judged && c > 0 => palette.bad,
        _ => ui.visuals().weak_text_color(),
    };
    ui.label(RichText::new(change.map_or(String::new(), format::change)).monospace().color(colour));
    ui.end_row();
}

/// Shows the tools of the tab: what the canvas shows of the comparison.
pub fn tools(ui: &mut Ui, compare: &mut CompareView, view: &mut View, actions: &mut Vec<Action>) {
    if compare.pinned.is_none() {
        return;
    }
    let tooltip = Command::Wipe.tooltip(ui.ctx());
    ui.checkbox(&mut compare.wiping, "Wipe").on_hover_text(tooltip);
    ui.spacing_mut().slider_width = 120.0;
    let slider = Slider::new(&mut compare.at.0, 0.02..=0.98).show_value(false);
    ui.add_enabled(compare.wiping, slider)
        .on_hover_text("Where the canvas is divided; the divider can be dragged too.")
        .accessible_name("Wipe position");
    let look = &mut view.looks[CanvasLayer::Difference as usize];
    ui.checkbox(&mut look.visible, "Difference")
        .on_hover_text("Mask and print that only A has (blue), or only B (orange).");
    for command in [Command::PinRun, Command::UnpinRun] {
        let entry = command.entry();
        let text = if command == Command::PinRun { "Pin again" } else { entry.label };
        if ui.button(text).on_hover_text(command.tooltip(ui.ctx())).clicked() {
            actions.push(Action::Command(command));
        }
    }
}
