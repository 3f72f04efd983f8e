//! Why a fragment or gauge is as it is: the Explain tab.

use std::sync::Arc;

use egui::{Color32, Grid, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};
use egui_plot::{Line, Plot, PlotPoints, VLine};
use lithoscope_engine::mask::{Fragment, Held, HeldBy};
use lithoscope_engine::opc::{FragmentExplanation, GaugeInfluence, GaugeReport};

use super::action::Action;
use super::format;
use super::panels::{column, hint, inspector, plots};
use super::run_view::RunView;
use super::theme::Palette;
use super::view::{CanvasLayer, Item, Tab, View};
use crate::worker::{Analysis, Ask, Explanation, Maps, WantedMaps, Why};

/// Width of the facts, points.
const FACTS: f32 = 300.0;
/// Width of the bars, points.
const BARS: f32 = 330.0;
/// Fragments that are listed for a gauge.
const LISTED: usize = 24;

/// What was found, and what was asked.
#[derive(Default)]
pub struct WhyView {
    asked: Option<Ask>,
    maps_asked: WantedMaps,
    found: Option<Box<Explanation>>,
    /// Maps of the loss.
    pub maps: Option<Arc<Maps>>,
}

impl WhyView {
    /// Takes an explanation.
    pub fn take(&mut self, found: Box<Explanation>) {
        self.found = Some(found);
    }

    /// Takes maps.
    pub fn take_maps(&mut self, maps: Arc<Maps>) {
        self.maps = Some(maps);
    }

    /// Forgets what belongs to another run.
    pub fn clear(&mut self) {
        self.found = None;
        self.maps = None;
    }

    /// What is to be asked now, since layers or selection changed.
    pub fn questions(&mut self, view: &View) -> Vec<Analysis> {
        let mut questions = Vec::new();
        let ask = match view.selected.filter(|_| view.tab == Tab::Explain) {
            Some(Item::Fragment(i)) => Some(Ask::Fragment(i)),
            Some(Item::Gauge(i)) => Some(Ask::Gauge(i)),
            _ => None,
        };
        if ask != self.asked {
            self.asked = ask;
            questions.push(Analysis::Why(ask));
        }
        let wanted = WantedMaps {
            seeds: view.look(CanvasLayer::Seeds).is_some(),
            gradients: view.look(CanvasLayer::Gradient).is_some(),
        };
        if wanted != self.maps_asked {
            self.maps_asked = wanted;
            questions.push(Analysis::Maps(wanted));
        }
        questions
    }
}

/// Shows the tab.
pub fn show(ui: &mut Ui, why: &WhyView, run: &RunView, view: &mut View, actions: &mut Vec<Action>) {
    let Some(asked) = why.asked else {
        hint(
            ui,
            "Click a mask edge or a gauge on the canvas: here stands what pulls at it, which rule holds it, how it got there, and what moves it.",
        );
        return;
    };
    let current = |e: &&Explanation| e.ask == asked && e.iteration == run.wanted;
    match why.found.as_deref().filter(current) {
        None if run.running => {
            hint(ui, "Pause the run to have the shown iteration explained.");
        }
        None => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(format!("Explaining iteration {}…", run.wanted));
            });
        }
        Some(Explanation { why: None, .. }) => {
            hint(ui, "This iteration has no such fragment: SRAFs come and go. Click another edge.");
        }
        Some(Explanation { why: Some(Why::Fragment(found)), .. }) => {
            fragment(ui, found, run, view, actions);
        }
        Some(Explanation { why: Some(Why::Gauge(found)), .. }) => gauge(ui, found, run, view),
    }
}

fn fragment(
    ui: &mut Ui,
    found: &FragmentExplanation,
    run: &RunView,
    view: &mut View,
    actions: &mut Vec<Action>,
) {
    let height = ui.available_height();
    ui.horizontal_top(|ui| {
        column(ui, vec2(FACTS, height), |ui| {
            ScrollArea::vertical().id_salt("facts").auto_shrink(false).show(ui, |ui| {
                fragment_facts(ui, found, run, view);
            });
        });
        column(ui, vec2(BARS, height), |ui| {
            ScrollArea::vertical().id_salt("bars").auto_shrink(false).show(ui, |ui| {
                gradients(ui, found);
            });
        });
        let room = ui.available_width();
        column(ui, vec2(room, height), |ui| history(ui, found, actions));
    });
}

fn fragment_facts(ui: &mut Ui, found: &FragmentExplanation, run: &RunView, view: &mut View) {
    let i = found.fragment;
    let kind = kind(run, i);
    ui.label(RichText::new(format!("Fragment {i} · {kind}")).strong());
    let move_text = |nm: Option<f64>| {
        nm.map_or_else(|| "– (stages are over)".to_owned(), |v| format!("{} nm", plus(v, 2)))
    };
    Grid::new("why facts").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
        row(ui, "Offset", &format!("{} nm", format::change(i64::from(found.offset_nm))));
        for report in &found.gauges {
            epe_row(ui, report, view);
        }
        row(ui, "Next move wished", &move_text(found.wished_nm));
        row(ui, "Left by the rules", &move_text(found.kept_nm));
    });
    held(ui, found, run, view);
}

fn row(ui: &mut Ui, name: &str, value: &str) {
    ui.label(RichText::new(name).weak());
    ui.label(RichText::new(value).monospace());
    ui.end_row();
}

fn epe_row(ui: &mut Ui, report: &GaugeReport, view: &mut View) {
    let value = report
        .reading
        .epe_nm
        .map_or_else(|| "no contour".to_owned(), |epe| format!("{} nm", plus(f64::from(epe), 1)));
    let colour = Palette::in_use(ui.visuals()).epe(report.reading.epe_nm);
    let name =
        report.gauge.map_or_else(|| "EPE at its middle".to_owned(), |g| format!("EPE, gauge {g}"));
    let label = ui.label(RichText::new(name).weak());
    let reading = ui.label(RichText::new(value).monospace().color(colour));
    ui.end_row();
    if let Some(g) = report.gauge.filter(|_| label.hovered() || reading.hovered()) {
        view.hovered = Some(Item::Gauge(g));
    }
}

/// The rules that hold a fragment; each lights up the fragment on the other side.
fn held(ui: &mut Ui, found: &FragmentExplanation, run: &RunView, view: &mut View) {
    let lost = found.wished_nm.zip(found.kept_nm).map_or(0.0, |(w, k)| (w - k).abs());
    if found.held.is_empty() {
        let text = if found.wished_nm.is_some() && lost < 0.01 {
            "No rule holds it: it goes where it wishes."
        } else {
            "No rule about it is tight."
        };
        hint(ui, text);
        return;
    }
    let title = if lost >= 0.01 { "Held by" } else { "Tight, but not in the way" };
    ui.label(RichText::new(title).strong());
    for rule in &found.held {
        let label = ui.add(egui::Label::new(RichText::new(rule_text(rule, run)).small()).wrap());
        if let Some(other) = rule.other.filter(|_| label.hovered()) {
            view.hovered = Some(Item::Fragment(other));
        }
    }
}

fn rule_text(held: &Held, run: &RunView) -> String {
    let name = match held.rule {
        HeldBy::Width => "Width",
        HeldBy::Space => "Space",
        HeldBy::Notch => "Notch",
        HeldBy::EndSpace => "Space before a line end",
        HeldBy::Area => "Area",
        HeldBy::AssistWidth => "SRAF width",
        HeldBy::AssistSpace => "SRAF space",
        HeldBy::AssistToMain => "SRAF to main",
        HeldBy::Corner => "Corners touch",
        HeldBy::Neighbour => "Edge would vanish",
        HeldBy::MaxOffset => "Largest offset",
    };
    let other = held.other.map_or(String::new(), |i| match kind(run, i) {
        "side of an SRAF" => format!(" to fragment {i} of an SRAF"),
        _ => format!(" to fragment {i}"),
    });
    let (has, needed) = (format::signed(held.stands_nm, 1), format::signed(held.needed_nm, 0));
    match held.rule {
        HeldBy::MaxOffset => format!("{name}: {has} of at most {needed} nm"),
        HeldBy::Area => format!("{name}: {has} of at least {needed} nm²"),
        _ => format!("{name}{other}: {has} of at least {needed} nm"),
    }
}

fn kind(run: &RunView, fragment: usize) -> &'static str {
    run.fragments().0.get(fragment).map_or("gone", |f: &Fragment| inspector::kind(f.kind))
}

fn plus(value: f64, decimals: usize) -> String {
    let text = format::signed(value, decimals);
    if value > 0.0 { format!("+{text}") } else { text }
}

fn gradients(ui: &mut Ui, found: &FragmentExplanation) {
    let title = ui.label(RichText::new("Pull · nm² a nm").strong());
    title.on_hover_text(
        "The loss's gradient, turned round: what a move outward by one nm would take from the loss. Orange pulls outward, blue inward.",
    );
    let term = &found.by_term;
    let total = term.l2 + term.pv_band + term.epe;
    let terms = [("L2", term.l2), ("PV band", term.pv_band), ("EPE", term.epe), ("All", total)];
    let corners = found.by_corner.iter().map(|c| (c.corner.as_str(), c.gradient));
    let values = || terms.iter().copied().chain(corners.clone());
    let most = values().map(|(_, v)| v.abs()).fold(1e-9, f64::max);
    ui.spacing_mut().item_spacing.y = 1.0;
    hint(ui, "By term");
    for (name, gradient) in terms {
        bar(ui, name, -gradient, most);
    }
    hint(ui, "By process corner");
    for (name, gradient) in corners.clone() {
        bar(ui, name, -gradient, most);
    }
}

/// A bar from the middle to the right (positive) or left.
fn bar(ui: &mut Ui, name: &str, value: f64, most: f64) {
    let palette = Palette::in_use(ui.visuals());
    let size = vec2(BARS - 20.0, 14.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let text = plus(value, if most < 10.0 { 2 } else { 0 });
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name} pulls {text}"))
    });
    let painter = ui.painter();
    let font = egui::FontId::proportional(super::theme::SMALL);
    let ink = ui.visuals().text_color();
    let y = rect.center().y;
    painter.text(pos2(rect.left(), y), egui::Align2::LEFT_CENTER, name, font.clone(), ink);
    painter.text(rect.right_center(), egui::Align2::RIGHT_CENTER, text, font, ink);
    let (left, right) = (rect.left() + 70.0, rect.right() - 64.0);
    let middle = f32::midpoint(left, right);
    let reach = (value / most) as f32 * (right - left) / 2.0;
    let hue: Color32 = if value > 0.0 { palette.more } else { palette.less };
    let span = egui::Rect::from_two_pos(pos2(middle, y - 4.0), pos2(middle + reach, y + 4.0));
    painter.rect_filled(span, 1.0, hue);
    painter.vline(middle, rect.y_range(), Stroke::new(1.0, ui.visuals().weak_text_color()));
}

/// Offsets over iterations; a click shows the iteration.
fn history(ui: &mut Ui, found: &FragmentExplanation, actions: &mut Vec<Action>) {
    ui.label(RichText::new("Offset · nm over iterations").small().weak());
    let palette = Palette::in_use(ui.visuals());
    let points: Vec<[f64; 2]> =
        found.history.iter().map(|m| [m.iteration as f64, f64::from(m.offset_nm)]).collect();
    let (cursor, grid) = (ui.visuals().weak_text_color(), ui.visuals().window_stroke.color);
    let response = Plot::new("offset history")
        .height(ui.available_height())
        .width(ui.available_width())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .include_y(-1.0)
        .include_y(1.0)
        .y_axis_min_width(34.0)
        .y_axis_formatter(|mark, _| format::short(mark.value))
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .label_formatter(|_| None)
        .grid_color(grid)
        .x_grid_spacer(|input| plots::marks(input, 5.0))
        .y_grid_spacer(|input| plots::marks(input, 4.0))
        .show(ui, |plot| {
            plot.line(Line::new("offset", PlotPoints::from(points)).color(palette.mask).width(1.5));
            plot.vline(VLine::new("shown", found.iteration as f64).color(cursor).width(1.0));
            plot.pointer_coordinate()
        });
    if let Some(at) = response.inner.filter(|_| response.response.clicked()) {
        let (first, last) = (found.history.first(), found.history.last());
        if let Some((first, last)) = first.zip(last) {
            let iteration = at.x.round().max(0.0) as usize;
            actions.push(Action::Show(iteration.clamp(first.iteration, last.iteration)));
        }
    }
}

fn gauge(ui: &mut Ui, found: &GaugeInfluence, run: &RunView, view: &mut View) {
    let height = ui.available_height();
    ui.horizontal_top(|ui| {
        column(ui, vec2(FACTS, height), |ui| {
            ui.label(RichText::new(format!("Gauge {}", found.gauge)).strong());
            Grid::new("why gauge").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
                let epe = found.reading.epe_nm.map_or_else(
                    || "no contour".to_owned(),
                    |epe| format!("{} nm", plus(f64::from(epe), 1)),
                );
                row(ui, "EPE", &epe);
                if let Some(slope) = found.slope_per_nm {
                    row(ui, "Slope of the image", &format!("{} per nm", format::significant(slope)));
                }
                let sum: f64 = found.fragments.iter().map(|f| f.nm_per_nm).sum();
                if !found.fragments.is_empty() {
                    row(ui, "All fragments by 1 nm", &format!("{} nm", plus(sum, 2)));
                }
            });
            let text = if found.slope_per_nm.is_some() {
                "How far the printed edge moves here for each nm that a fragment moves outward. Point at a row to see its fragment."
            } else {
                "No printed edge lies within 40 nm of this gauge, so nothing is known of what moves it."
            };
            hint(ui, text);
        });
        let room = ui.available_width();
        column(ui, vec2(room, height), |ui| {
            ScrollArea::vertical().id_salt("influences").auto_shrink(false).show(ui, |ui| {
                influences(ui, found, run, view);
            });
        });
    });
}

fn influences(ui: &mut Ui, found: &GaugeInfluence, run: &RunView, view: &mut View) {
    let most = found.fragments.first().map_or(1e-9, |f| f.nm_per_nm.abs().max(1e-9));
    ui.spacing_mut().item_spacing.y = 1.0;
    for influence in found.fragments.iter().take(LISTED) {
        let i = influence.fragment;
        let palette = Palette::in_use(ui.visuals());
        let text = format!("Fragment {i} · {}", kind(run, i));
        let size = vec2(ui.available_width().min(560.0), 18.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let name = format!("{text}: {} nm/nm", plus(influence.nm_per_nm, 3));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.clone()));
        if response.hovered() {
            ui.painter().rect_filled(rect, 3.0, ui.visuals().widgets.hovered.bg_fill);
            view.hovered = Some(Item::Fragment(i));
        }
        let font = egui::FontId::proportional(13.0);
        let (ink, y) = (ui.visuals().text_color(), rect.center().y);
        let left = pos2(rect.left() + 6.0, y);
        ui.painter().text(left, egui::Align2::LEFT_CENTER, &text, font.clone(), ink);
        let value = format!("{} nm/nm", plus(influence.nm_per_nm, 3));
        let right = pos2(rect.right() - 6.0, y);
        ui.painter().text(right, egui::Align2::RIGHT_CENTER, value, font, ink);
        let (from, to) = (rect.left() + 220.0, rect.right() - 110.0);
        let reach = (influence.nm_per_nm.abs() / most) as f32 * (to - from).max(0.0);
        let hue = if influence.nm_per_nm > 0.0 { palette.more } else { palette.less };
        let span = egui::Rect::from_two_pos(pos2(from, y - 3.0), pos2(from + reach, y + 3.0));
        ui.painter().rect_filled(span, 1.0, hue);
        if response.on_hover_text("Click to have this fragment explained.").clicked() {
            view.selected = Some(Item::Fragment(i));
        }
    }
}
