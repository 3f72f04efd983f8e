//! The developed resist in three dimensions against what must be seen, on whatever Vulkan driver is
//! there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::f32::consts::TAU;
use std::sync::Arc;

use eframe::egui::{Key, Modifiers, PointerButton};
use egui::{Pos2, Rect, Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use image::RgbaImage;
use lithoscope::window::orbit::{Across, Colouring, Kept, MAX_TRIANGLES, OrbitCamera, OrbitView};
use lithoscope_engine::resist::Surface;
use lithoscope_tests::has_vulkan;

const SIZE: Vec2 = vec2(640.0, 480.0);
/// The film of most tests, nm.
const EXTENT: [f64; 3] = [400.0, 400.0, 100.0];
/// The canvas of the dark theme, and the face of a cut on it.
const CANVAS_COLOUR: [u8; 3] = [0x11, 0x14, 0x18];
const INSIDE: [u8; 3] = [0xf0, 0x8a, 0x5d];

/// A window with nothing but the view.
struct Bench {
    view: OrbitView,
    canvas: Rect,
    /// Whether a processor draws.
    is_slow: bool,
}

impl eframe::App for Bench {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let frame = egui::Frame::new().fill(ui.visuals().panel_fill).inner_margin(4);
        self.canvas = frame.show(ui, |ui| self.view.show(ui).rect).inner;
    }
}

/// A bench, or `None` (with the reason) where there is no Vulkan driver.
fn bench<'a>(theme: Theme, size: Vec2) -> Option<Harness<'a, Bench>> {
    if !has_vulkan() {
        return None;
    }
    let build = |context: &mut eframe::CreationContext<'_>| {
        let graphics = context.wgpu_render_state.as_ref().unwrap();
        let is_slow = graphics.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        Bench { view: OrbitView::new(graphics), canvas: Rect::NOTHING, is_slow }
    };
    Some(
        Harness::builder()
            .with_size(size)
            .with_theme(theme)
            .with_render_cursor(false)
            .wgpu()
            .build_eframe(build),
    )
}

/// A bench that shows a surface, in the dark theme.
fn showing(surface: Surface) -> Option<Harness<'static, Bench>> {
    let mut bench = bench(Theme::Dark, SIZE)?;
    bench.state_mut().view.set_surface(Arc::new(surface), EXTENT);
    bench.run_steps(2);
    Some(bench)
}

fn picture(bench: &mut Harness<'_, Bench>) -> RgbaImage {
    bench.run_steps(2);
    bench.render().unwrap()
}

/// Colour of the picture where a place of the film (nm) is.
fn at(bench: &Harness<'_, Bench>, image: &RgbaImage, nm: [f64; 3]) -> [u8; 3] {
    at_pixel(image, bench.state().view.to_screen(nm).unwrap())
}

fn at_pixel(image: &RgbaImage, p: Pos2) -> [u8; 3] {
    rgb(image, p.x as u32, p.y as u32)
}

fn rgb(image: &RgbaImage, x: u32, y: u32) -> [u8; 3] {
    let [r, g, b, _] = image.get_pixel(x, y).0;
    [r, g, b]
}

/// Whether a colour is that of the top of the film: the end of viridis.
fn is_yellow([r, g, b]: [u8; 3]) -> bool {
    r > 160 && g > 150 && b < 120
}

/// Drags on the middle of the canvas.
fn drag(bench: &mut Harness<'_, Bench>, by: Vec2, button: PointerButton, modifiers: Modifiers) {
    let from = bench.state().canvas.center() - by / 2.0;
    let press =
        |pos: Pos2, pressed: bool| egui::Event::PointerButton { pos, button, pressed, modifiers };
    let send = |bench: &mut Harness<'_, Bench>, event: egui::Event| {
        bench.event_modifiers(event, modifiers);
        bench.step();
    };
    send(bench, egui::Event::PointerMoved(from));
    send(bench, press(from, true));
    for i in 1..=8 {
        send(bench, egui::Event::PointerMoved(from + by * (i as f32 / 8.0)));
    }
    send(bench, press(from + by, false));
    // Apart from the next press, lest two be a double click.
    bench.run_steps(4);
}

fn distance(a: [u8; 3], b: [u8; 3]) -> i32 {
    (0..3).map(|k| (i32::from(a[k]) - i32::from(b[k])).abs()).sum()
}

/// Pixels of the canvas that differ by more than a few levels.
fn differing(a: &RgbaImage, b: &RgbaImage) -> usize {
    let far =
        |(p, q): (&image::Rgba<u8>, &image::Rgba<u8>)| (0..3).any(|k| p.0[k].abs_diff(q.0[k]) > 8);
    a.pixels().zip(b.pixels()).filter(|&pair| far(pair)).count()
}

/// A mesh of quads over (columns + 1) × (rows + 1) corners, its normals from its triangles.
fn sheet(columns: u32, rows: u32, place: impl Fn(f32, f32) -> [f32; 3]) -> Surface {
    let mut surface = Surface::default();
    for j in 0..=rows {
        for i in 0..=columns {
            surface.positions.push(place(i as f32 / columns as f32, j as f32 / rows as f32));
        }
    }
    for j in 0..rows {
        for i in 0..columns {
            let a = j * (columns + 1) + i;
            let b = a + columns + 1;
            surface.triangles.extend([[a, a + 1, b + 1], [a, b + 1, b]]);
        }
    }
    with_normals(surface)
}

fn with_normals(mut surface: Surface) -> Surface {
    let mut sums = vec![[0.0_f32; 3]; surface.positions.len()];
    for t in &surface.triangles {
        let [a, b, c] = t.map(|i| surface.positions[i as usize]);
        let (u, v) = ([0, 1, 2].map(|k| b[k] - a[k]), [0, 1, 2].map(|k| c[k] - a[k]));
        let n = [0, 1, 2].map(|k| {
            let (i, j) = ((k + 1) % 3, (k + 2) % 3);
            u[i] * v[j] - u[j] * v[i]
        });
        for &i in t {
            (0..3).for_each(|k| sums[i as usize][k] += n[k]);
        }
    }
    surface.normals = sums
        .into_iter()
        .map(|n| {
            let length = n.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            n.map(|v| v / length)
        })
        .collect();
    surface
}

fn joined(parts: impl IntoIterator<Item = Surface>) -> Surface {
    let mut whole = Surface::default();
    for part in parts {
        let first = whole.positions.len() as u32;
        whole.positions.extend(part.positions);
        whole.normals.extend(part.normals);
        whole.triangles.extend(part.triangles.iter().map(|t| t.map(|i| i + first)));
    }
    whole
}

/// Half the width of a line at a share of its height: 7 nm more at the foot, less at the top, and
/// three standing waves of up to 3 nm.
fn half_width(width: f32, share: f32) -> f32 {
    let ripple = 12.0 * (TAU * share * 3.0).sin() * (1.0 - share).min(share).min(0.25);
    width / 2.0 + 14.0 * (0.5 - share) + ripple
}

/// Lines along y with sloped walls and standing waves in them, open below and at their ends.
fn lines(extent: [f32; 3], pitch: f32, width: f32, length_steps: u32) -> Surface {
    let [wide, deep, thick] = extent;
    let count = (wide / pitch) as usize;
    joined((0..count).map(|line| {
        let middle = (line as f32 + 0.5) * pitch;
        let columns = 48;
        sheet(columns, length_steps, move |s, t| {
            // Up the left wall, over the top, down the right wall.
            let (share, side) = if s < 0.4 {
                (s / 0.4, -1.0)
            } else if s > 0.6 {
                ((1.0 - s) / 0.4, 1.0)
            } else {
                (1.0, (s - 0.5) * 10.0)
            };
            let half = half_width(width, share);
            [middle + side.clamp(-1.0, 1.0) * half, t * deep, thick * share]
        })
    }))
}

/// A film with a round hole through its middle, sloped, open below and at its sides.
fn contact(extent: [f32; 3], radius: f32) -> Surface {
    let [wide, deep, thick] = extent;
    sheet(192, 40, move |s, t| {
        let turn = TAU * s;
        let (sin, cos) = turn.sin_cos();
        let edge = 0.5 * (wide / cos.abs().max(1e-6)).min(deep / sin.abs().max(1e-6));
        // From the sides of the block inwards, then down the wall.
        let (r, z) = if t < 0.5 {
            (edge + (radius + 12.0 - edge) * t / 0.5, thick)
        } else {
            (radius + 12.0 * (1.0 - t) / 0.5, thick * (1.0 - t) / 0.5)
        };
        [0.5 * wide + r * cos, 0.5 * deep + r * sin, z]
    })
}

/// A closed box.
fn cuboid(low: [f32; 3], high: [f32; 3]) -> Surface {
    let faces = (0..3).flat_map(|axis| {
        [false, true].map(|top| {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            sheet(1, 1, move |s, t| {
                let (s, t) = if top { (s, t) } else { (t, s) };
                let mut p = [0.0; 3];
                p[axis] = if top { high[axis] } else { low[axis] };
                p[u] = low[u] + s * (high[u] - low[u]);
                p[v] = low[v] + t * (high[v] - low[v]);
                p
            })
        })
    });
    joined(faces)
}

#[test]
fn the_film_is_lit_and_the_background_is_the_canvas() {
    let Some(mut bench) = showing(lines([400.0, 400.0, 100.0], 100.0, 50.0, 40)) else {
        return;
    };
    let image = picture(&mut bench);
    let background = at_pixel(&image, bench.state().canvas.right_top() + vec2(-4.0, 4.0));
    assert_eq!(background, CANVAS_COLOUR, "the dark theme's canvas");
    // On top of every line the film is yellow, as viridis is at the full height, and bright.
    for line in 0..4 {
        let [r, g, b] = at(&bench, &image, [50.0 + 100.0 * f64::from(line), 120.0, 100.0]);
        assert!(r > 180 && g > 160 && b < 120, "line {line}: {r} {g} {b}");
    }
    // Between the first lines is the substrate, grey and darker.
    bench.state_mut().view.camera.pitch_deg = 90.0;
    bench.state_mut().view.camera.yaw_deg = 0.0;
    let image = picture(&mut bench);
    let space = at(&bench, &image, [100.0, 110.0, 0.0]);
    let most = *space.iter().max().unwrap();
    let least = *space.iter().min().unwrap();
    assert!(most < 120 && most - least < 40, "{space:?}");
}

#[test]
fn what_is_nearer_hides_what_is_farther() {
    // A wall of 60 nm before one of 100 nm: the foot of the high one is hidden from the front, and
    // the sight goes over the low one to its top.
    let high = || cuboid([50.0, 300.0, 0.0], [350.0, 350.0, 100.0]);
    let low = cuboid([50.0, 50.0, 0.0], [350.0, 100.0, 60.0]);
    let Some(mut both) = showing(joined([high(), low])) else { return };
    let Some(mut alone) = showing(high()) else { return };
    for (yaw_deg, face, is_hidden) in [(0.0, 300.0, true), (180.0, 350.0, false)] {
        let camera = OrbitCamera { yaw_deg, pitch_deg: 8.0, ..OrbitCamera::default() };
        let seen = |bench: &mut Harness<'_, Bench>| {
            bench.state_mut().view.camera = camera;
            bench.state_mut().view.fit();
            let image = picture(bench);
            [5.0, 98.0].map(|height| at(bench, &image, [200.0, face, height]))
        };
        let ([foot, top], [bare_foot, bare_top]) = (seen(&mut both), seen(&mut alone));
        assert!(distance(top, bare_top) < 20 && is_yellow(top), "{top:?} {bare_top:?}");
        assert_eq!(distance(foot, bare_foot) > 60, is_hidden, "{foot:?} {bare_foot:?}");
    }
}

#[test]
fn a_cut_shows_the_inside_of_the_lines_and_nothing_between_them() {
    let Some(mut bench) = showing(lines([400.0, 400.0, 100.0], 100.0, 50.0, 40)) else {
        return;
    };
    let whole = picture(&mut bench);
    let look = &mut bench.state_mut().view.look;
    (look.cut, look.cut_nm[1], look.kept) = (Some(Across::Y), 150.0, Kept::Above);
    let image = picture(&mut bench);
    let inside = at(&bench, &image, [50.0, 150.0, 50.0]);
    assert_eq!(inside, INSIDE, "the face is flat");
    for line in 0..4 {
        let middle = 50.0 + 100.0 * f64::from(line);
        for height in [15.0, 50.0, 85.0] {
            let here = [middle, 150.0, height];
            assert_eq!(at(&bench, &image, here), inside, "line {line} at {height} nm");
            assert!(distance(at(&bench, &whole, here), inside) > 60, "nothing is open uncut");
        }
        let space = at(&bench, &image, [middle + 50.0, 150.0, 40.0]);
        assert!(distance(space, inside) > 60, "{space:?}");
    }
    // What was before the plane is gone: the substrate is seen there.
    let gone = at(&bench, &image, [150.0, 40.0, 100.0]);
    assert!(!is_yellow(gone) && is_yellow(at(&bench, &whole, [150.0, 40.0, 100.0])), "{gone:?}");
    // The other half shows no face to an eye in front of it.
    bench.state_mut().view.look.kept = Kept::Below;
    let image = picture(&mut bench);
    assert!(is_yellow(at(&bench, &image, [150.0, 40.0, 100.0])));
    assert!(image.pixels().filter(|p| p.0[..3] == INSIDE).count() < 40);
}

#[test]
fn the_face_of_a_cut_is_as_wide_as_the_walls_are_apart() {
    let Some(mut bench) = showing(lines([400.0, 400.0, 100.0], 100.0, 50.0, 40)) else { return };
    let look = &mut bench.state_mut().view.look;
    (look.cut, look.cut_nm[1], look.kept) = (Some(Across::Y), 0.0, Kept::Above);
    let view = &mut bench.state_mut().view;
    view.camera = OrbitCamera { yaw_deg: 0.0, pitch_deg: 0.0, ..OrbitCamera::default() };
    view.fit();
    let image = picture(&mut bench);
    for height in [10.0, 50.0, 90.0] {
        let end = |x: f64| bench.state().view.to_screen([x, 0.0, height]).unwrap();
        let (a, b) = (end(100.0), end(200.0));
        let is_face = |x: &u32| rgb(&image, *x, a.y as u32) == INSIDE;
        let pixels = (a.x as u32..b.x as u32).filter(is_face).count() as f32;
        let nm = 100.0 / (b.x - a.x);
        let wanted = 2.0 * half_width(50.0, height as f32 / 100.0);
        // The outline covers up to a pixel and a half on either side.
        let missing = (wanted - pixels * nm) / nm;
        assert!((-1.0..4.0).contains(&missing), "{height} nm: {missing} pixels of {pixels}");
    }
}

#[test]
fn a_contact_hole_goes_down_to_the_substrate_in_the_middle_of_the_film() {
    let Some(mut bench) = showing(contact([400.0, 400.0, 100.0], 70.0)) else { return };
    bench.state_mut().view.camera =
        OrbitCamera { yaw_deg: 0.0, pitch_deg: 90.0, ..OrbitCamera::default() };
    bench.state_mut().view.fit();
    let image = picture(&mut bench);
    let hole = at(&bench, &image, [209.0, 191.0, 0.0]);
    assert!(hole[0] < 110 && hole[0].abs_diff(hole[2]) < 40, "{hole:?}");
    for turn in [0.0_f64, 1.1, 2.3, 3.9, 5.2] {
        let (sin, cos) = turn.sin_cos();
        let film = at(&bench, &image, [200.0 + 120.0 * cos, 200.0 + 120.0 * sin, 100.0]);
        assert!(is_yellow(film), "{film:?}");
    }
}

#[test]
fn a_full_turn_returns_the_same_picture_and_half_a_turn_does_not() {
    let surface = joined([
        cuboid([20.0, 20.0, 0.0], [120.0, 380.0, 100.0]),
        cuboid([200.0, 40.0, 0.0], [380.0, 120.0, 50.0]),
    ]);
    let Some(mut bench) = showing(surface) else { return };
    let first = picture(&mut bench);
    // A point is 0.4°.
    for quarter in 1..=4 {
        drag(&mut bench, vec2(225.0, 0.0), PointerButton::Primary, Modifiers::NONE);
        let now = picture(&mut bench);
        let differs = differing(&first, &now);
        if quarter == 4 {
            assert!(differs < 40, "{differs}");
        } else {
            assert!(differs > 5000, "{quarter} quarters: {differs}");
        }
    }
}

#[test]
fn nothing_is_drawn_again_while_nothing_changes() {
    let Some(mut bench) = showing(cuboid([0.0; 3], [400.0, 400.0, 100.0])) else { return };
    let first = picture(&mut bench);
    let drawn = bench.state().view.stats().drawn;
    bench.run_steps(5);
    assert_eq!(bench.state().view.stats().drawn, drawn);
    assert_eq!(first, bench.render().unwrap());
    let steps: [fn(&mut OrbitView); 4] = [
        |v| v.camera.yaw_deg += 5.0,
        |v| v.look.vertical = 2.0,
        |v| v.look.colouring = Colouring::Resist,
        |v| v.look.cut = Some(Across::X),
    ];
    for (i, change) in steps.iter().enumerate() {
        change(&mut bench.state_mut().view);
        bench.run_steps(3);
        assert_eq!(bench.state().view.stats().drawn, drawn + i + 1);
    }
}

#[test]
fn while_it_moves_a_processor_draws_a_coarser_film_and_the_whole_one_after() {
    let surface = lines([400.0, 400.0, 100.0], 100.0, 50.0, 160);
    assert_eq!(surface.triangles.len(), 61_440);
    let Some(mut moved) = showing(surface.clone()) else { return };
    let camera = OrbitCamera { yaw_deg: 70.0, ..moved.state().view.camera };
    assert!(!moved.state().view.stats().draft, "a film is whole at first");
    moved.state_mut().view.camera = camera;
    moved.step();
    assert_eq!(moved.state().view.stats().draft, moved.state().is_slow);
    let coarse = moved.render().unwrap();
    let whole = picture(&mut moved);
    assert!(!moved.state().view.stats().draft);

    let Some(mut still) = showing(surface) else { return };
    still.state_mut().view.camera = camera;
    assert_eq!(picture(&mut still), whole);
    // Coarser, but where the film is: most of the picture is the same.
    let pixels = (SIZE.x * SIZE.y) as usize;
    assert!(differing(&coarse, &whole) < pixels / 8, "{}", differing(&coarse, &whole));
}

#[test]
fn drags_wheel_and_keys_move_the_eye_as_in_cad() {
    let Some(mut bench) = showing(cuboid([0.0; 3], [400.0, 400.0, 100.0])) else { return };
    let before = bench.state().view.camera;
    drag(&mut bench, vec2(50.0, 25.0), PointerButton::Primary, Modifiers::NONE);
    let turned = bench.state().view.camera;
    assert!((turned.yaw_deg - (before.yaw_deg - 20.0).rem_euclid(360.0)).abs() < 1e-3);
    assert!((turned.pitch_deg - before.pitch_deg - 10.0).abs() < 1e-3);
    assert_eq!(turned.target_nm, before.target_nm);

    for (button, modifiers) in
        [(PointerButton::Primary, Modifiers::SHIFT), (PointerButton::Middle, Modifiers::NONE)]
    {
        let target = bench.state().view.camera.target_nm;
        let from = bench.state().view.to_screen(target).unwrap();
        drag(&mut bench, vec2(80.0, -56.0), button, modifiers);
        let to = bench.state().view.to_screen(target).unwrap();
        assert!((to - from - vec2(80.0, -56.0)).length() < 0.1, "{from} {to}");
        assert_eq!(bench.state().view.camera.yaw_deg, turned.yaw_deg);
    }

    drag(&mut bench, vec2(0.0, -400.0), PointerButton::Primary, Modifiers::NONE);
    assert_eq!(bench.state().view.camera.pitch_deg, 0.0, "not below the substrate");
    drag(&mut bench, vec2(0.0, -50.0), PointerButton::Primary, Modifiers::CTRL);
    assert!((bench.state().view.camera.pitch_deg + 20.0).abs() < 1e-3);

    for (key, yaw, pitch) in [(Key::Num1, 0.0, 0.0), (Key::Num3, 90.0, 0.0), (Key::Num7, 0.0, 90.0)]
    {
        bench.hover_at(bench.state().canvas.center());
        bench.key_press(key);
        bench.run_steps(2);
        let camera = bench.state().view.camera;
        assert_eq!((camera.yaw_deg, camera.pitch_deg), (yaw, pitch), "{key:?}");
    }
    let fitted = bench.state().view.camera;
    let pointer = bench.state().canvas.center() + vec2(60.0, 35.0);
    bench.hover_at(pointer);
    bench.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, 80.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    bench.run_steps(30);
    assert!(bench.state().view.camera.distance_nm < 0.9 * fitted.distance_nm);
    bench.key_press(Key::F);
    bench.run_steps(2);
    let again = bench.state().view.camera;
    assert!((again.distance_nm / fitted.distance_nm - 1.0).abs() < 1e-3);
}

#[test]
fn heights_are_drawn_out_by_their_scale_and_widths_are_not() {
    let Some(mut bench) = showing(cuboid([0.0; 3], [400.0, 400.0, 100.0])) else { return };
    bench.state_mut().view.camera =
        OrbitCamera { yaw_deg: 0.0, pitch_deg: 0.0, ..OrbitCamera::default() };
    bench.state_mut().view.fit();
    bench.run_steps(1);
    let size = |bench: &Harness<'_, Bench>, image: &RgbaImage| {
        let middle = bench.state().view.to_screen([200.0, 0.0, 50.0]).unwrap();
        let (x, y) = (middle.x as u32, middle.y as u32);
        let is_film = |x: u32, y: u32| distance(rgb(image, x, y), CANVAS_COLOUR) > 100;
        let count = |f: &dyn Fn(i32) -> bool| {
            let to = |sign: i32| (1..200).take_while(|i| f(sign * i)).count();
            to(1) + to(-1) + 1
        };
        let wide = count(&|i| is_film((x as i32 + i) as u32, y));
        let high = count(&|i| is_film(x, (y as i32 + i) as u32));
        (wide as f64, high as f64)
    };
    // From far away, so that nearness does not matter.
    bench.state_mut().view.look.colouring = Colouring::Resist;
    let image = picture(&mut bench);
    let (wide, high) = size(&bench, &image);
    bench.state_mut().view.look.vertical = 2.0;
    let image = picture(&mut bench);
    let (wide_2, high_2) = size(&bench, &image);
    assert!((wide_2 - wide).abs() <= 2.0, "{wide} {wide_2}");
    assert!((high_2 / high - 2.0).abs() < 0.15, "{high} {high_2}");
}

#[test]
fn the_row_of_controls_cuts_and_colours() {
    let Some(mut bench) = showing(cuboid([0.0; 3], [400.0, 400.0, 100.0])) else { return };
    let click = |bench: &mut Harness<'static, Bench>, name: &str| {
        bench.get_by_label(name).click();
        bench.run_steps(2);
    };
    click(&mut bench, "At x");
    let look = bench.state().view.look;
    assert_eq!((look.cut, look.cut_nm[0], look.kept), (Some(Across::X), 200.0, Kept::Below));
    click(&mut bench, "Other side");
    assert_eq!(bench.state().view.look.kept, Kept::Above);
    click(&mut bench, "Resist");
    click(&mut bench, "5×");
    let look = bench.state().view.look;
    assert_eq!((look.colouring, look.vertical), (Colouring::Resist, 5.0));
    click(&mut bench, "Top");
    assert_eq!(bench.state().view.camera.pitch_deg, 90.0);
    click(&mut bench, "None");
    assert_eq!(bench.state().view.look.cut, None);
}

#[test]
fn too_many_triangles_and_damaged_surfaces_are_refused_in_words() {
    let Some(mut bench) = bench(Theme::Dark, SIZE) else { return };
    let canvas = |bench: &mut Harness<'_, Bench>| {
        let (image, area) = (picture(bench), bench.state().canvas);
        let [x, y, w, h] = [area.min.x, area.min.y, area.width(), area.height()].map(|v| v as u32);
        image::imageops::crop_imm(&image, x, y, w, h).to_image()
    };
    let empty = canvas(&mut bench);
    let good = cuboid([0.0; 3], [400.0, 400.0, 100.0]);
    let too_many = Surface { triangles: vec![[0, 1, 2]; MAX_TRIANGLES + 1], ..good.clone() };
    let mut nowhere = good.clone();
    nowhere.positions[3][1] = f32::NAN;
    let mut broken = good.clone();
    broken.triangles[2][0] = 1_000_000;
    for (surface, word) in [
        (too_many, "coarser"),
        (nowhere, "Corner 3"),
        (broken, "Triangle 2"),
        (Surface::default(), "Nothing"),
    ] {
        let view = &mut bench.state_mut().view;
        view.set_surface(Arc::new(surface), EXTENT);
        assert!(view.problem().is_some_and(|p| p.contains(word)), "{:?}", view.problem());
        let said = canvas(&mut bench);
        assert!(differing(&empty, &said) > 100, "the words stand where the film would");
        assert_eq!(bench.state().view.stats().drawn, 0);
    }
    let view = &mut bench.state_mut().view;
    view.set_surface(Arc::new(good), EXTENT);
    assert_eq!(view.problem(), None);
    picture(&mut bench);
    assert_eq!(bench.state().view.stats().drawn, 1);
    bench.state_mut().view.clear();
    assert!(differing(&empty, &canvas(&mut bench)) == 0, "empty again");
}

#[test]
fn film_and_substrate_stand_out_from_the_canvas_in_both_themes() {
    for theme in [Theme::Dark, Theme::Light] {
        let Some(mut bench) = bench(theme, SIZE) else { return };
        let surface = contact([400.0, 400.0, 100.0], 70.0);
        bench.state_mut().view.set_surface(Arc::new(surface), EXTENT);
        let image = picture(&mut bench);
        let canvas = at_pixel(&image, bench.state().canvas.right_top() + vec2(-4.0, 4.0));
        let slab = at(&bench, &image, [150.0, -18.0, 0.0]);
        let film = at(&bench, &image, [60.0, 60.0, 100.0]);
        for (a, b) in [(canvas, slab), (slab, film), (canvas, film)] {
            assert!(distance(a, b) > 60, "{theme:?}: {a:?} {b:?}");
        }
    }
}
