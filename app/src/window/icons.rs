//! The window's icons, drawn as lines and areas on a 16 × 16 grid, so that no font decides how
//! they look.

use std::f32::consts::{PI, TAU};

use egui::{Atom, Button, Color32, IdSalt, Painter, Pos2, Rect, Response, Shape, Stroke, Ui, vec2};

/// Side of an icon, points.
const SIDE: f32 = 14.0;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Icon {
    Open,
    Export,
    Run,
    Pause,
    Previous,
    Next,
    Step,
    First,
    Last,
    Reset,
    Fit,
    Search,
    Sun,
    Moon,
    Star,
    Eye,
    EyeOff,
    Help,
    Arrow,
    Ruler,
    Crop,
    Stack,
    Slice,
    Cross,
}

/// A button with an icon before its text. `name` is what a screen reader says and tests look for.
pub fn button(
    ui: &mut Ui,
    icon: Icon,
    text: &str,
    name: &str,
    style: impl FnOnce(Button<'static>) -> Button<'static>,
) -> Response {
    let slot = IdSalt::new("icon");
    let picture = Atom::custom(slot, vec2(SIDE, SIDE));
    let button = if text.is_empty() {
        Button::new(picture)
    } else {
        Button::new((picture, text.to_owned()))
    };
    let shown = style(button).atom_ui(ui);
    if let Some(rect) = shown.rect(slot) {
        let colour = if ui.is_enabled() {
            ui.style().interact(&shown.response).text_color()
        } else {
            ui.visuals().widgets.inactive.text_color()
        };
        paint(icon, ui.painter(), rect, colour);
    }
    shown.response.accessible_name(name)
}

/// Draws an icon into a rectangle.
pub fn paint(icon: Icon, painter: &Painter, rect: Rect, colour: Color32) {
    let pen = Pen { painter, rect, colour };
    match icon {
        Icon::Open => {
            pen.line(&[(1.5, 13.0), (1.5, 3.5), (6.0, 3.5), (7.5, 5.5), (13.0, 5.5), (13.0, 7.5)]);
            pen.line(&[(1.5, 13.0), (4.0, 7.5), (15.0, 7.5), (12.5, 13.0), (1.5, 13.0)]);
        }
        Icon::Export => {
            pen.line(&[(8.0, 2.0), (8.0, 10.0)]);
            pen.line(&[(4.5, 6.8), (8.0, 10.2), (11.5, 6.8)]);
            pen.line(&[(2.5, 10.5), (2.5, 13.5), (13.5, 13.5), (13.5, 10.5)]);
        }
        Icon::Run | Icon::Next => pen.area(&[(4.0, 2.5), (13.5, 8.0), (4.0, 13.5)]),
        Icon::Previous => pen.area(&[(12.0, 2.5), (12.0, 13.5), (2.5, 8.0)]),
        Icon::Pause => {
            pen.area(&[(4.0, 3.0), (7.0, 3.0), (7.0, 13.0), (4.0, 13.0)]);
            pen.area(&[(9.5, 3.0), (12.5, 3.0), (12.5, 13.0), (9.5, 13.0)]);
        }
        Icon::Step | Icon::Last => {
            pen.area(&[(3.0, 3.0), (11.0, 8.0), (3.0, 13.0)]);
            pen.area(&[(11.5, 3.0), (13.5, 3.0), (13.5, 13.0), (11.5, 13.0)]);
        }
        Icon::First => {
            pen.area(&[(13.0, 3.0), (13.0, 13.0), (5.0, 8.0)]);
            pen.area(&[(2.5, 3.0), (4.5, 3.0), (4.5, 13.0), (2.5, 13.0)]);
        }
        Icon::Reset => {
            pen.arc((8.0, 8.5), 5.2, -0.35 * PI, 1.4 * PI);
            pen.area(&[(6.4, 0.6), (6.4, 6.4), (2.4, 3.6)]);
        }
        Icon::Fit => {
            for (x, y) in [(2.5, 2.5), (13.5, 2.5), (13.5, 13.5), (2.5, 13.5)] {
                let inward = |v: f32| if v < 8.0 { v + 3.5 } else { v - 3.5 };
                pen.line(&[(inward(x), y), (x, y), (x, inward(y))]);
            }
        }
        Icon::Search => {
            pen.arc((6.8, 6.8), 4.3, 0.0, TAU);
            pen.line(&[(10.0, 10.0), (14.0, 14.0)]);
        }
        Icon::Sun => sun(&pen),
        Icon::Moon => moon(&pen),
        Icon::Star => star(&pen),
        Icon::Eye | Icon::EyeOff => eye(&pen, icon == Icon::Eye),
        Icon::Arrow => {
            pen.line(&[
                (3.5, 2.0),
                (3.5, 12.5),
                (6.4, 10.0),
                (8.4, 14.2),
                (10.2, 13.3),
                (8.3, 9.3),
                (12.0, 9.0),
                (3.5, 2.0),
            ]);
        }
        Icon::Ruler => {
            pen.line(&[(1.5, 11.0), (11.0, 1.5), (14.5, 5.0), (5.0, 14.5), (1.5, 11.0)]);
            for i in 1..4 {
                let t = 2.4 * i as f32;
                pen.line(&[(1.5 + t, 11.0 - t), (3.4 + t, 12.9 - t)]);
            }
        }
        Icon::Crop => {
            pen.line(&[(4.5, 1.0), (4.5, 11.5), (15.0, 11.5)]);
            pen.line(&[(1.0, 4.5), (11.5, 4.5), (11.5, 15.0)]);
        }
        Icon::Stack => {
            let sheet =
                |y: f32| [(8.0, y), (14.5, y + 3.2), (8.0, y + 6.4), (1.5, y + 3.2), (8.0, y)];
            pen.line(&sheet(1.5));
            pen.line(&[(1.5, 8.0), (8.0, 11.2), (14.5, 8.0)]);
            pen.line(&[(1.5, 11.2), (8.0, 14.4), (14.5, 11.2)]);
        }
        Icon::Slice => {
            pen.line(&[(1.5, 11.5), (14.5, 4.5)]);
            pen.line(&[(0.8, 9.0), (2.6, 13.6)]);
            pen.line(&[(13.4, 2.4), (15.2, 7.0)]);
        }
        Icon::Cross => {
            pen.line(&[(3.5, 3.5), (12.5, 12.5)]);
            pen.line(&[(12.5, 3.5), (3.5, 12.5)]);
        }
        Icon::Help => {
            pen.arc((8.0, 5.8), 3.0, PI, 2.45 * PI);
            pen.line(&[(8.6, 8.6), (8.0, 9.4), (8.0, 10.8)]);
            pen.dot((8.0, 13.2), 1.0);
        }
    }
}

fn sun(pen: &Pen<'_>) {
    pen.arc((8.0, 8.0), 3.0, 0.0, TAU);
    for i in 0..8 {
        let (sin, cos) = (i as f32 * TAU / 8.0).sin_cos();
        pen.line(&[(8.0 + 5.0 * cos, 8.0 + 5.0 * sin), (8.0 + 6.8 * cos, 8.0 + 6.8 * sin)]);
    }
}

/// Two arcs between the same tips: the outer one most of a circle, the inner one shallower.
fn moon(pen: &Pen<'_>) {
    let mut points = circle((8.0, 8.0), 6.0, 0.12 * PI, 1.38 * PI);
    let (first, last) = (points[0], points[points.len() - 1]);
    let middle = (9.6, 6.4);
    for i in 1..12 {
        let t = i as f32 / 12.0;
        let blend = |a: f32, m: f32, b: f32| {
            (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * m + t * t * b
        };
        let pulled = (middle.0 - 3.6, middle.1 + 3.6);
        points.push((blend(last.0, pulled.0, first.0), blend(last.1, pulled.1, first.1)));
    }
    points.push(first);
    pen.line(&points);
}

fn star(pen: &Pen<'_>) {
    let tip = |i: i32| {
        let radius = if i % 2 == 0 { 6.8 } else { 2.9 };
        let (sin, cos) = (i as f32 * PI / 5.0 - PI / 2.0).sin_cos();
        (8.0 + radius * cos, 8.4 + radius * sin)
    };
    pen.line(&(0..=10).map(tip).collect::<Vec<_>>());
}

fn eye(pen: &Pen<'_>, open: bool) {
    let lid = |up: f32| {
        (0..=12).map(move |i| {
            let t = i as f32 / 12.0;
            (1.0 + 14.0 * t, 8.0 - up * 4.6 * (PI * t).sin())
        })
    };
    if open {
        pen.line(&lid(1.0).collect::<Vec<_>>());
        pen.line(&lid(-1.0).collect::<Vec<_>>());
        pen.dot((8.0, 8.0), 2.2);
    } else {
        pen.line(&lid(-0.6).collect::<Vec<_>>());
    }
}

fn circle(centre: (f32, f32), radius: f32, from: f32, to: f32) -> Vec<(f32, f32)> {
    (0..=24)
        .map(|i| {
            let (sin, cos) = (from + (to - from) * i as f32 / 24.0).sin_cos();
            (centre.0 + radius * cos, centre.1 + radius * sin)
        })
        .collect()
}

struct Pen<'a> {
    painter: &'a Painter,
    rect: Rect,
    colour: Color32,
}

impl Pen<'_> {
    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.rect.min + vec2(x, y) * (self.rect.width() / 16.0)
    }

    fn line(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|p| self.at(*p)).collect();
        self.painter.add(Shape::line(points, Stroke::new(1.4, self.colour)));
    }

    fn arc(&self, centre: (f32, f32), radius: f32, from: f32, to: f32) {
        self.line(&circle(centre, radius, from, to));
    }

    fn area(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|p| self.at(*p)).collect();
        self.painter.add(Shape::convex_polygon(points, self.colour, Stroke::NONE));
    }

    fn dot(&self, centre: (f32, f32), radius: f32) {
        let radius = radius * self.rect.width() / 16.0;
        self.painter.circle_filled(self.at(centre), radius, self.colour);
    }
}
