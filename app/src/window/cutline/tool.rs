//! Drawing and moving the line with the mouse.

use egui::{CursorIcon, Key, PointerButton, Pos2, Response, Ui};
use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::CutLine;

use super::super::canvas::Camera;
use super::super::canvas::pointer::{REACH, distance_to_segment};
use super::{CutView, Grip, Part};

/// Shortest line that is kept, points on the screen.
const SHORTEST: f64 = 6.0;
/// How far beyond the window a line may go, nm: as far as images do.
const HALO_NM: f64 = 160.0;

/// Takes mouse and keys; returns whether the left button is the line's now, and not the canvas'.
pub fn act(ui: &Ui, response: &Response, camera: &Camera, window: Rect, cut: &mut CutView) -> bool {
    escape(ui, cut);
    let under = response.hover_pos().and_then(|p| part_under(response, camera, cut, p));
    // A short drag on a slow machine begins, moves and ends in one frame.
    begin(ui, response, camera, window, cut);
    if let Some(at) = response.hover_pos().or(response.interact_pointer_pos()) {
        follow(ui, response, camera, window, cut, at);
    }
    end(response, camera, cut);
    hover(response, camera, cut, under);
    cursor(ui, response, cut, under);
    cut.grip.is_some() || cut.drawing || under.is_some()
}

/// Escape gives up one thing at a time: the line begun, then the tool.
fn escape(ui: &Ui, cut: &mut CutView) {
    if ui.ctx().egui_wants_keyboard_input() || !ui.input(|i| i.key_pressed(Key::Escape)) {
        return;
    }
    match cut.grip.take() {
        Some(grip) => cut.line = grip.before,
        None => cut.drawing = false,
    }
}

/// Moves what is held along with the pointer.
fn follow(
    ui: &Ui,
    response: &Response,
    camera: &Camera,
    window: Rect,
    cut: &mut CutView,
    pointer: Pos2,
) {
    let (Some(grip), Some(line)) = (cut.grip, cut.line) else { return };
    let place = kept(camera, window, camera.to_nm(response.rect, pointer));
    let straight = ui.input(|i| i.modifiers.shift);
    let toward = |fixed| if straight { straightened(fixed, place) } else { place };
    cut.line = Some(match grip.part {
        Part::From => CutLine { from_nm: toward(line.to_nm), ..line },
        Part::To => CutLine { to_nm: toward(line.from_nm), ..line },
        Part::Whole => grip.before.map_or(line, |before| moved(&before, grip.at, place)),
    });
}

fn begin(ui: &Ui, response: &Response, camera: &Camera, window: Rect, cut: &mut CutView) {
    let clicked = response.clicked() && cut.drawing;
    if cut.grip.is_some() || !(clicked || response.drag_started_by(PointerButton::Primary)) {
        return;
    }
    let Some(pressed) = ui.input(|i| i.pointer.press_origin()).or(response.interact_pointer_pos())
    else {
        return;
    };
    let place = kept(camera, window, camera.to_nm(response.rect, pressed));
    let part = part_under(response, camera, cut, pressed);
    if let Some(part) = part.filter(|p| !cut.drawing || *p != Part::Whole) {
        cut.grip = Some(Grip { part, before: cut.line, at: place });
    } else if cut.drawing {
        cut.grip = Some(Grip { part: Part::To, before: cut.line, at: place });
        cut.line = Some(CutLine { from_nm: place, to_nm: place });
    }
}

/// Lets go at the end of a drag, or at the second click.
fn end(response: &Response, camera: &Camera, cut: &mut CutView) {
    let (Some(grip), Some(line)) = (cut.grip, cut.line) else { return };
    let long = line.length_nm() > SHORTEST * camera.nm_per_point;
    let let_go = response.drag_stopped_by(PointerButton::Primary);
    if let_go && !long {
        cut.line = grip.before;
        cut.grip = None;
    } else if (let_go || response.clicked()) && long {
        cut.grip = None;
        cut.drawing = false;
    }
}

/// Notes where on the line the pointer is.
fn hover(response: &Response, camera: &Camera, cut: &mut CutView, under: Option<Part>) {
    let Some((line, pointer)) = cut.line.zip(response.hover_pos()) else { return };
    if under.is_some() && cut.grip.is_none() {
        cut.point(along(&line, camera.to_nm(response.rect, pointer)));
    }
}

fn cursor(ui: &Ui, response: &Response, cut: &CutView, under: Option<Part>) {
    if !response.hovered() && cut.grip.is_none() {
        return;
    }
    let icon = match cut.grip.map(|g| g.part).or(under) {
        Some(Part::Whole) if !cut.drawing => CursorIcon::Move,
        Some(Part::From | Part::To) => CursorIcon::Grab,
        _ if cut.drawing => CursorIcon::Crosshair,
        _ => return,
    };
    ui.ctx().set_cursor_icon(icon);
}

/// What of the line is under a place on the screen.
fn part_under(response: &Response, camera: &Camera, cut: &CutView, place: Pos2) -> Option<Part> {
    let line = cut.line?;
    let [a, b] = [line.from_nm, line.to_nm].map(|nm| camera.to_screen(response.rect, nm));
    let (to_a, to_b) = (place.distance(a), place.distance(b));
    if to_a.min(to_b) <= REACH + 2.0 {
        return Some(if to_a < to_b { Part::From } else { Part::To });
    }
    (distance_to_segment(place, a, b) <= REACH - 2.0).then_some(Part::Whole)
}

/// Distance along a line (nm) of the point of it nearest to a place.
fn along(line: &CutLine, place: [f64; 2]) -> f64 {
    let length = line.length_nm().max(1e-9);
    let [dx, dy] = [0, 1].map(|i| (line.to_nm[i] - line.from_nm[i]) / length);
    let t = (place[0] - line.from_nm[0]) * dx + (place[1] - line.from_nm[1]) * dy;
    t.clamp(0.0, length)
}

/// A place within what is imaged, on whole nm, or tenths where those can be seen.
fn kept(camera: &Camera, window: Rect, place: [f64; 2]) -> [f64; 2] {
    let step = if camera.nm_per_point < 0.1 { 0.1 } else { 1.0 };
    let low = [f64::from(window.min.x) - HALO_NM, f64::from(window.min.y) - HALO_NM];
    let high = [f64::from(window.max.x) + HALO_NM, f64::from(window.max.y) + HALO_NM];
    [0, 1].map(|i| ((place[i] / step).round() * step).clamp(low[i], high[i]))
}

/// The place nearest to one that lies level, upright or at 45° from a fixed one.
fn straightened(fixed: [f64; 2], place: [f64; 2]) -> [f64; 2] {
    let [dx, dy] = [place[0] - fixed[0], place[1] - fixed[1]];
    let (ax, ay) = (dx.abs(), dy.abs());
    // tan 22.5°: half way between level and diagonal.
    let half = std::f64::consts::SQRT_2 - 1.0;
    if ay <= half * ax {
        [place[0], fixed[1]]
    } else if ax <= half * ay {
        [fixed[0], place[1]]
    } else {
        let reach = f64::midpoint(ax, ay).round();
        [fixed[0] + reach.copysign(dx), fixed[1] + reach.copysign(dy)]
    }
}

fn moved(line: &CutLine, from: [f64; 2], to: [f64; 2]) -> CutLine {
    let by = [to[0] - from[0], to[1] - from[1]];
    let shift = |p: [f64; 2]| [p[0] + by[0], p[1] + by[1]];
    CutLine { from_nm: shift(line.from_nm), to_nm: shift(line.to_nm) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_snaps_to_level_upright_and_diagonal() {
        let fixed = [10.0, 10.0];
        assert_eq!(straightened(fixed, [110.0, 30.0]), [110.0, 10.0]);
        assert_eq!(straightened(fixed, [0.0, -90.0]), [10.0, -90.0]);
        assert_eq!(straightened(fixed, [-70.0, 94.0]), [-72.0, 92.0]);
    }

    #[test]
    fn places_are_whole_nm_within_what_is_imaged() {
        let window = Rect::new(0, 0, 1000, 1000);
        let camera = Camera { centre_nm: [0.0; 2], nm_per_point: 1.0 };
        assert_eq!(kept(&camera, window, [10.4, -500.0]), [10.0, -160.0]);
        let close = Camera { nm_per_point: 0.02, ..camera };
        assert!((kept(&close, window, [10.44, 3.0])[0] - 10.4).abs() < 1e-9);
    }

    #[test]
    fn the_nearest_point_of_a_line_is_on_it() {
        let line = CutLine { from_nm: [0.0, 0.0], to_nm: [0.0, 50.0] };
        assert_eq!(along(&line, [7.0, 20.0]), 20.0);
        assert_eq!(along(&line, [7.0, 90.0]), 50.0);
        assert_eq!(line.point(along(&line, [-3.0, 12.0])), [0.0, 12.0]);
    }
}
