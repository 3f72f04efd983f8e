//! The resist's cross-section along the line: the film shaded by what light did to it, and what
//! stands of it after development.

use std::sync::Arc;

use egui::{Color32, RichText, TextureId, TextureOptions, Ui, Vec2, vec2};
use egui_plot::{HLine, Line, Plot, PlotImage, PlotPoint, PlotPoints, PlotUi};

use super::super::action::Action;
use super::super::format;
use super::super::panels::hint;
use super::super::panels::plots::marks;
use super::super::theme::Palette;
use super::legend::{Look, entry};
use super::{CutView, plot};
use crate::worker::{Section, SectionOutcome};

/// Room above the film, share of its thickness.
const ABOVE: f64 = 0.22;

/// Shows the section, or why there is none.
pub fn show(ui: &mut Ui, cut: &mut CutView, size: Vec2, actions: &mut Vec<Action>) {
    let section = cut.section.clone();
    ui.vertical(|ui| {
        ui.set_width(size.x);
        ui.spacing_mut().item_spacing.y = 2.0;
        match section.as_deref() {
            Some(SectionOutcome::Done(section)) => film(ui, cut, section, size),
            other => without(ui, other, actions),
        }
    });
}

fn without(ui: &mut Ui, outcome: Option<&SectionOutcome>, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Resist · height, nm").small().weak());
    });
    match outcome {
        Some(SectionOutcome::NoFilm) => {
            hint(
                ui,
                "A threshold has no thickness. Choose a resist with a film to see its cross-section: what is exposed, and what stands after development.",
            );
            if ui.button("Use a film").clicked() {
                actions.push(Action::UseFilm);
            }
        }
        Some(SectionOutcome::GivenUp) => {
            hint(ui, "Development was cancelled. Move the line, or press again.");
            if ui.button("Develop").clicked() {
                actions.push(Action::Develop);
            }
        }
        Some(SectionOutcome::Failed(why)) => {
            hint(ui, &format!("The resist could not be developed: {why}."));
        }
        Some(SectionOutcome::Done(_)) | None => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(RichText::new("Developing…").small().weak());
            });
        }
    }
}

fn film(ui: &mut Ui, cut: &mut CutView, section: &Section, size: Vec2) {
    let palette = Palette::in_use(ui.visuals());
    legend(ui, cut, section, palette);
    let texture = texture(ui, cut, section);
    let length = section.line.length_nm();
    let height = section.thickness_nm;
    let place = vec2(size.x, size.y - ui.min_rect().height() - 2.0);
    let pointed = cut.pointed_nm;
    // What belongs to another line, mask or exposure is fainter until it is replaced.
    let tint = Color32::from_white_alpha(if cut.section_stale { 90 } else { 255 });
    let response = upright(plot::frame(ui, "cut section", length, place)).show(ui, |plot| {
        plot.set_plot_bounds_x(0.0..=length);
        plot.set_plot_bounds_y(0.0..=(1.0 + ABOVE) * height);
        let middle = PlotPoint::new(length / 2.0, height / 2.0);
        let extent = vec2(length as f32, height as f32);
        if let Some(texture) = texture {
            let film = PlotImage::new("film", texture, middle, extent).tint(tint);
            plot.image(film.allow_hover(false));
        }
        draw(plot, section, palette);
        if let Some(at) = pointed {
            reading(plot, section, palette, at);
        }
        plot.pointer_coordinate()
    });
    if let Some(at) = response.inner.filter(|_| response.response.hovered()) {
        cut.point(at.x.clamp(0.0, length));
    }
}

/// Heights along y, none above the film's own.
fn upright(plot: Plot<'_>) -> Plot<'_> {
    plot.y_axis_formatter(|mark, _| format::short(mark.value))
        .y_grid_spacer(|input| marks(input, 5.0))
        .show_grid([true, false])
}

fn legend(ui: &mut Ui, cut: &mut CutView, section: &Section, palette: &Palette) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Resist · height, nm").small().weak());
        ui.add_space(8.0);
        if section.films.len() > 1 {
            for (i, film) in section.films.iter().enumerate() {
                ui.selectable_value(&mut cut.film, i, RichText::new(film.name).small());
            }
            ui.add_space(8.0);
        }
        ui.spacing_mut().item_spacing.x = 4.0;
        let (low, high) = section.shade.range;
        ui.label(RichText::new(format!("{} {low:.1}", section.shade.name)).small());
        let (rect, _) = ui.allocate_exact_size(vec2(48.0, 10.0), egui::Sense::hover());
        for (i, colour) in section.shade.table.iter().enumerate().step_by(8) {
            let x = rect.left() + 48.0 * i as f32 / 256.0;
            let part = egui::Rect::from_min_size(egui::pos2(x, rect.top()), vec2(1.6, 10.0));
            ui.painter().rect_filled(part, 0.0, *colour);
        }
        ui.label(RichText::new(format!("{high:.1}")).small());
        ui.add_space(8.0);
        entry(ui, Look::Line, palette.contour, "surface");
        if cut.section_stale {
            ui.add(egui::Spinner::new().size(12.0));
        }
    });
}

/// The film's picture on the graphics device, made once.
fn texture(ui: &Ui, cut: &mut CutView, section: &Section) -> Option<TextureId> {
    let film = section.films.get(cut.film).or(section.films.first())?;
    let source = (cut.section_serial, cut.film);
    match &mut cut.texture {
        Some((made_from, handle)) => {
            if *made_from != source {
                handle.set(Arc::clone(&film.image), TextureOptions::LINEAR);
                *made_from = source;
            }
            Some(handle.id())
        }
        none => {
            let image = Arc::clone(&film.image);
            let handle = ui.ctx().load_texture("resist section", image, TextureOptions::LINEAR);
            let id = handle.id();
            *none = Some((source, handle));
            Some(id)
        }
    }
}

fn draw(plot: &mut PlotUi<'_>, section: &Section, palette: &Palette) {
    let weak = plot.ctx().global_style().visuals.weak_text_color().gamma_multiply(0.6);
    plot.hline(HLine::new("top", section.thickness_nm).color(weak).width(1.0).allow_hover(false));
    for outline in &section.outline {
        let line = Line::new("surface", PlotPoints::from(outline.clone()));
        let dark = Line::new("surface", PlotPoints::from(outline.clone()));
        let ground = palette.canvas.gamma_multiply(0.7);
        plot.line(dark.color(ground).width(3.5).allow_hover(false));
        plot.line(line.color(palette.contour).width(1.8).allow_hover(false));
    }
}

fn reading(plot: &mut PlotUi<'_>, section: &Section, palette: &Palette, at: f64) {
    plot::pointer(plot, palette, at);
    let Some(standing) = section.standing_at(at) else { return };
    let text = format!("top at {} nm", format::significant(standing));
    let top = (1.0 + ABOVE) * section.thickness_nm;
    plot::written(plot, palette, [at, top], section.line.length_nm(), text);
}
