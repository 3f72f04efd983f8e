//! Mouse and keys on a layout, as KLayout has them.

use egui::{CursorIcon, Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui};
use lithoscope_engine::geometry;
use lithoscope_engine::layout::Bounds;

use super::super::action::Action;
use super::super::canvas::pointer::{
    NUDGE, REACH, arrows, dragged_box, zoom_by_box, zoom_by_wheel,
};
use super::marks::overview_place;
use super::ruler::{Snap, snap};
use super::{LayoutView, Ruler, Tool, pick};

/// How near the pointer picks something, points.
const PICK: f64 = 3.0;
/// How near a ruler snaps, points.
const SNAP: f64 = 8.0;

/// What the pointer does now, to draw.
#[derive(Default)]
pub struct Gesture {
    /// A box being dragged, and which button.
    pub drawn: Option<(Rect, PointerButton)>,
    /// Where the ruler would begin or end.
    pub snap: Option<Snap>,
}

/// Moves camera, selection and rulers.
pub fn act(
    ui: &Ui,
    response: &Response,
    view: &mut LayoutView,
    actions: &mut Vec<Action>,
) -> Gesture {
    zoom_by_wheel(ui, response, &mut view.camera);
    let modifiers = ui.input(|i| i.modifiers);
    let left = response.dragged_by(PointerButton::Primary);
    if response.dragged_by(PointerButton::Middle) || (left && modifiers.command) {
        view.camera.pan(response.drag_delta());
    }
    keys(ui, view);
    let mut gesture = Gesture::default();
    if let Some(drawn) = zoom_by_box(ui, response, &mut view.camera) {
        gesture.drawn = Some((drawn, PointerButton::Secondary));
    }
    let pressed = ui.input(|i| i.pointer.press_origin());
    if on_map(response, view, pressed) {
        return gesture;
    }
    cursor(ui, response, view.tool);
    match view.tool {
        Tool::Select => select(ui, response, view, modifiers, &mut gesture),
        Tool::Ruler => measure(response, view, modifiers, &mut gesture),
        Tool::Clip => take_clip(ui, response, view, modifiers, &mut gesture, actions),
    }
    gesture
}

fn cursor(ui: &Ui, response: &Response, tool: Tool) {
    if response.hovered() && tool != Tool::Select {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
}

fn keys(ui: &Ui, view: &mut LayoutView) {
    if ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    view.camera.pan(arrows(ui) * NUDGE);
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        // One thing at a time: the ruler begun, the tool, the selection.
        if view.measuring.take().is_none() {
            if view.tool == Tool::Select {
                view.selection.clear();
            }
            view.tool = Tool::Select;
        }
    }
}

/// Clicks and drags on the overview map move the view.
fn on_map(response: &Response, view: &mut LayoutView, pressed: Option<Pos2>) -> bool {
    let Some((map, camera)) = overview_place(view) else { return false };
    let dragging = response.dragged_by(PointerButton::Primary);
    let on_it = |at: Option<Pos2>| at.is_some_and(|at| map.contains(at));
    let begun = if dragging { on_it(pressed) } else { on_it(response.hover_pos()) };
    if begun
        && (dragging || response.clicked())
        && let Some(at) = response.interact_pointer_pos()
    {
        view.camera.centre_nm = camera.to_nm(map, at);
    }
    if begun {
        view.hovered = None;
    }
    begun
}

fn select(
    ui: &Ui,
    response: &Response,
    view: &mut LayoutView,
    modifiers: Modifiers,
    gesture: &mut Gesture,
) {
    let reach = PICK * view.camera.nm_per_point;
    let at = response.hover_pos().map(|p| view.camera.to_nm(response.rect, p));
    view.hovered = at.filter(|_| !response.dragged()).and_then(|p| pick::hovered(view, p, reach));
    if response.clicked()
        && let Some(at) = at
    {
        let found = pick::clicked(view, at, reach);
        let turn = view.stack.turn(at, reach, found.len());
        choose(view, found.into_iter().nth(turn).into_iter().collect(), modifiers.shift);
    }
    if let Some((drawn, done)) =
        dragged_box(ui, response, PointerButton::Primary).filter(|_| !modifiers.command)
    {
        if !done {
            gesture.drawn = Some((drawn, PointerButton::Primary));
        } else if drawn.width().max(drawn.height()) > REACH {
            let found = pick::in_box(view, window(view, drawn));
            choose(view, found, modifiers.shift);
        }
    }
}

/// The box of the layout under a box of the screen, nm.
pub fn window(view: &LayoutView, drawn: Rect) -> Bounds {
    let corner = |at| view.camera.to_nm(view.canvas, at);
    Bounds { min: corner(drawn.left_bottom()), max: corner(drawn.right_top()) }
}

/// Selects these alone, or adds them (one that was selected already is taken out).
fn choose(view: &mut LayoutView, found: Vec<pick::Picked>, add: bool) {
    if !add {
        view.selection = found;
        return;
    }
    let single = found.len() == 1;
    for picked in found {
        match view.selection.iter().position(|s| *s == picked) {
            Some(at) if single => {
                view.selection.remove(at);
            }
            Some(_) => {}
            None => view.selection.push(picked),
        }
    }
}

fn measure(
    response: &Response,
    view: &mut LayoutView,
    modifiers: Modifiers,
    gesture: &mut Gesture,
) {
    view.hovered = None;
    let Some(at) = response.interact_pointer_pos().or(response.hover_pos()) else { return };
    let at = view.camera.to_nm(response.rect, at);
    let snapped = snap(view, at, SNAP * view.camera.nm_per_point);
    gesture.snap = Some(snapped);
    if let Some(ruler) = &mut view.measuring {
        ruler.to = snapped.at;
        if modifiers.shift {
            *ruler = ruler.straightened();
        }
    }
    let ends = response.clicked() || response.drag_stopped_by(PointerButton::Primary);
    let begins = response.clicked() || response.drag_started_by(PointerButton::Primary);
    match view.measuring {
        Some(ruler) if ends && ruler.length() > 0.0 => {
            view.rulers.push(ruler);
            view.measuring = None;
        }
        None if begins => {
            view.measuring = Some(Ruler { from: snapped.at, to: snapped.at });
        }
        _ => {}
    }
}

fn take_clip(
    ui: &Ui,
    response: &Response,
    view: &mut LayoutView,
    modifiers: Modifiers,
    gesture: &mut Gesture,
    actions: &mut Vec<Action>,
) {
    view.hovered = None;
    let dragged = dragged_box(ui, response, PointerButton::Primary);
    let Some((drawn, done)) = dragged.filter(|_| !modifiers.command) else { return };
    if !done {
        gesture.drawn = Some((drawn, PointerButton::Primary));
    } else if drawn.width() > REACH && drawn.height() > REACH {
        view.tool = Tool::Select;
        actions.push(Action::CutHere(whole_nm(window(view, drawn))));
    }
}

fn whole_nm(b: Bounds) -> geometry::Rect {
    let [x0, y0, x1, y1] = [b.min[0], b.min[1], b.max[0], b.max[1]].map(|v| v.round() as i32);
    geometry::Rect::new(x0, y0, x1, y1)
}
