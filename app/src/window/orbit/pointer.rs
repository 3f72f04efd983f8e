//! Mouse and keys on the film, as CAD programs have them.

use egui::{Key, Modifiers, PointerButton, Rect, Response, Ui, Vec2};

use super::block::Block;
use super::camera::OrbitCamera;

/// Zoom of a wheel's notch (50 points of scrolling).
const WHEEL: f64 = 0.0045;

/// A view to go to; all of them show the whole block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    Fit,
    Front,
    Side,
    Top,
    Corner,
}

/// The views: what a button says, its name, its tooltip and its key.
pub const VIEWS: [(Go, &str, &str, Key); 4] = [
    (Go::Corner, "3-D", "From a corner (Home)", Key::Home),
    (Go::Front, "Front", "Along y (1)", Key::Num1),
    (Go::Side, "Side", "Along x (3)", Key::Num3),
    (Go::Top, "Top", "From above (7)", Key::Num7),
];

impl Go {
    /// Goes there.
    pub fn apply(self, camera: &mut OrbitCamera, canvas: Rect, block: &Block, vertical: f64) {
        let corner = OrbitCamera::default();
        let (yaw, pitch) = match self {
            Self::Fit => (camera.yaw_deg, camera.pitch_deg),
            Self::Front => (0.0, 0.0),
            Self::Side => (90.0, 0.0),
            Self::Top => (0.0, 90.0),
            Self::Corner => (corner.yaw_deg, corner.pitch_deg),
        };
        (camera.yaw_deg, camera.pitch_deg) = (yaw, pitch);
        camera.fit(canvas, block, vertical);
    }
}

/// Moves the camera.
pub fn steer(
    ui: &Ui,
    response: &Response,
    camera: &mut OrbitCamera,
    block: &Block,
    vertical: f64,
) -> Option<Go> {
    let canvas = response.rect;
    let modifiers = ui.input(|i| i.modifiers);
    let (left, middle) = (PointerButton::Primary, PointerButton::Middle);
    let pans = response.dragged_by(middle) || response.dragged_by(left) && modifiers.shift;
    let by = response.drag_delta();
    if by != Vec2::ZERO {
        if pans {
            camera.pan(by, canvas, block, vertical);
        } else if response.dragged_by(left) {
            camera.turn(by, modifiers.ctrl);
        }
    }
    zoom(ui, response, camera, block, vertical);
    let key = (response.hovered() && !ui.ctx().egui_wants_keyboard_input())
        .then(|| ui.input_mut(|i| pressed(|key| i.consume_key(Modifiers::NONE, key))))
        .flatten();
    if response.double_clicked() { Some(Go::Fit) } else { key }
}

fn pressed(mut is: impl FnMut(Key) -> bool) -> Option<Go> {
    let view = VIEWS.iter().find(|(.., key)| is(*key)).map(|(go, ..)| *go);
    view.or_else(|| is(Key::F).then_some(Go::Fit))
}

fn zoom(ui: &Ui, response: &Response, camera: &mut OrbitCamera, block: &Block, vertical: f64) {
    let Some(at) = response.hover_pos() else { return };
    let scroll = ui.input(|i| f64::from(i.smooth_scroll_delta().y));
    let pinch = ui.input(|i| f64::from(i.zoom_delta()));
    let factor = (scroll * WHEEL).exp() * pinch;
    if factor.is_finite() && (factor - 1.0).abs() > 1e-9 {
        camera.zoom(factor, at, response.rect, block, vertical);
    }
}
