//! Mouse on the canvas, as KLayout has it: wheel zooms to the cursor, middle (or left) drag pans,
//! right drag zooms to a box.

use egui::{Key, PointerButton, Pos2, Rect, Response, Ui, Vec2, vec2};

use lithoscope_engine::mask::{Fragment, FragmentKind};

use super::super::run_view::RunView;
use super::super::view::{CanvasLayer, Item, Tab, View};
use super::Camera;
use super::layers::ends;
use crate::worker::RuleMarker;

/// How far the arrow keys move, points.
pub const NUDGE: f32 = 60.0;
/// How near the pointer picks something, points.
pub const REACH: f32 = 7.0;
/// Zoom of a wheel's notch (50 points of scrolling).
const WHEEL: f64 = 0.0045;

/// Moves the camera, by left drags too unless a tool has that button; returns the box being
/// dragged, if one is.
pub fn steer(ui: &Ui, response: &Response, view: &mut View, left_pans: bool) -> Option<Rect> {
    zoom_by_wheel(ui, response, &mut view.camera);
    let left = left_pans && response.dragged_by(PointerButton::Primary);
    if response.dragged_by(PointerButton::Middle) || left {
        view.camera.pan(response.drag_delta());
    }
    if !ui.ctx().egui_wants_keyboard_input() {
        view.camera.pan(arrows(ui) * NUDGE);
        if ui.input(|i| i.key_pressed(Key::Escape)) {
            view.selected = None;
        }
    }
    zoom_by_box(ui, response, &mut view.camera)
}

/// Zooms to the cursor by wheel or pinch.
pub fn zoom_by_wheel(ui: &Ui, response: &Response, camera: &mut Camera) {
    let Some(at) = response.hover_pos() else { return };
    let scroll = ui.input(|i| f64::from(i.smooth_scroll_delta().y));
    let pinch = ui.input(|i| f64::from(i.zoom_delta()));
    let factor = (scroll * WHEEL).exp() * pinch;
    if (factor - 1.0).abs() > 1e-9 {
        camera.zoom_about(response.rect, at, factor);
    }
}

/// Which way the arrow keys pressed now move the picture.
pub fn arrows(ui: &Ui) -> Vec2 {
    ui.input(|i| {
        let one = |key: Key| if i.key_pressed(key) { 1.0 } else { 0.0 };
        vec2(one(Key::ArrowLeft) - one(Key::ArrowRight), one(Key::ArrowUp) - one(Key::ArrowDown))
    })
}

/// Zooms to the box of a right drag; returns it while it is drawn.
pub fn zoom_by_box(ui: &Ui, response: &Response, camera: &mut Camera) -> Option<Rect> {
    let (drawn, done) = dragged_box(ui, response, PointerButton::Secondary)?;
    if !done {
        return Some(drawn);
    }
    if drawn.width() > REACH && drawn.height() > REACH {
        let [a, b] = [drawn.min, drawn.max].map(|at| camera.to_nm(response.rect, at));
        camera.frame(response.rect, a, b, 0.0);
    }
    None
}

/// The box dragged with a button, and whether the button was let go now. Escape gives it up.
pub fn dragged_box(ui: &Ui, response: &Response, button: PointerButton) -> Option<(Rect, bool)> {
    // When the button is let go egui has forgotten already where it was pressed.
    let begun = response.id.with(("dragged box", button as u8));
    if response.drag_started_by(button)
        && let Some(from) = ui.input(|i| i.pointer.press_origin())
    {
        ui.data_mut(|d| d.insert_temp(begun, from));
    }
    if ui.input(|i| i.key_down(Key::Escape)) {
        ui.data_mut(|d| d.remove::<Pos2>(begun));
    }
    let from: Pos2 = ui.data(|d| d.get_temp(begun))?;
    let done = response.drag_stopped_by(button);
    if done || !response.dragged_by(button) {
        ui.data_mut(|d| d.remove::<Pos2>(begun));
    }
    let to = response.interact_pointer_pos().or(ui.input(|i| i.pointer.latest_pos()))?;
    (done || response.dragged_by(button)).then(|| (Rect::from_two_pos(from, to), done))
}

/// Notes where the pointer is and, unless a tool has it, what it is on; a click selects that.
pub fn pick(response: &Response, run: &RunView, view: &mut View, free: bool) {
    let pointer = response.hover_pos();
    view.cursor_nm = pointer.map(|at| view.camera.to_nm(response.rect, at));
    if !free {
        return;
    }
    if let Some(at) = pointer.filter(|_| !response.dragged()) {
        view.hovered = nearest(response.rect, run, view, at);
    }
    if response.clicked() {
        view.selected = view.hovered;
        match view.selected {
            Some(Item::Fragment(_) | Item::Gauge(_)) => view.tab = Tab::Explain,
            Some(Item::Rule(_)) => view.tab = Tab::Rules,
            None => {}
        }
    }
}

fn nearest(canvas: Rect, run: &RunView, view: &View, at: Pos2) -> Option<Item> {
    let prepared = run.prepared.as_ref()?;
    let screen = |nm: [f64; 2]| view.camera.to_screen(canvas, nm);
    let gauges = prepared
        .gauges
        .iter()
        .enumerate()
        .map(|(i, g)| (screen([g.x_nm, g.y_nm]).distance(at), Item::Gauge(i)));
    let visible = view.look(CanvasLayer::Gauges).is_some();
    let gauge = gauges.filter(|_| visible).min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, item)) = gauge.filter(|(distance, _)| *distance <= REACH) {
        return Some(item);
    }
    if view.look(CanvasLayer::Rules).is_some() {
        let on = |m: &RuleMarker| screen(m.at).distance(at) <= 2.0 * REACH;
        if let Some(i) = run.broken().iter().position(on) {
            return Some(Item::Rule(i));
        }
    }
    let (fragments, offsets) = run.fragments();
    let assists = view.look(CanvasLayer::Sraf).is_some();
    let shown = |f: &Fragment| assists || f.kind != FragmentKind::Assist;
    let fragments = fragments.iter().enumerate().filter(|(_, f)| shown(f)).map(|(i, f)| {
        let [a, b] = ends(f, offsets.get(i).copied().unwrap_or(0)).map(screen);
        (distance_to_segment(at, a, b), Item::Fragment(i))
    });
    let fragment = fragments.min_by(|a, b| a.0.total_cmp(&b.0));
    fragment.filter(|(distance, _)| *distance <= REACH).map(|(_, item)| item)
}

/// Distance of a place from a line between two others, points.
pub fn distance_to_segment(p: Pos2, a: Pos2, b: Pos2) -> f32 {
    let along = b - a;
    let t = ((p - a).dot(along) / along.length_sq().max(1e-12)).clamp(0.0, 1.0);
    p.distance(a + t * along)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn distance_to_a_segment_counts_its_ends() {
        let (a, b) = (pos2(0.0, 0.0), pos2(10.0, 0.0));
        assert_eq!(distance_to_segment(pos2(5.0, 3.0), a, b), 3.0);
        assert_eq!(distance_to_segment(pos2(13.0, 4.0), a, b), 5.0);
        assert_eq!(distance_to_segment(pos2(3.0, 4.0), a, a), 5.0);
    }
}
