//! The layout canvas against what it must show: pixel by pixel, on whatever Vulkan driver is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Color32, Rect, pos2, vec2};
use egui_kittest::Harness;
use image::RgbaImage;
use lithoscope::window::scene::{Camera, Detail, FrameStats, LayerPaint, Scene, SceneInput};
use lithoscope_engine::geometry::{self, Point};
use lithoscope_engine::layout::{
    Array, Bounds, Cell, CellId, Ends, Instance, Layer, Layout, Region, Repetition, Transform,
};
use lithoscope_tests::has_vulkan;

const PATIENCE: Duration = Duration::from_mins(2);
const SIZE: egui::Vec2 = vec2(420.0, 320.0);
/// Beside the edges of the window, so that a shift of the canvas would be seen.
const CANVAS: Rect = Rect { min: pos2(13.0, 7.0), max: pos2(413.0, 307.0) };
const RED: Layer = Layer::new(1, 0);
const GREEN: Layer = Layer::new(2, 0);

/// A window with nothing but a canvas.
struct Bench {
    scene: Scene,
    layout: Arc<Layout>,
    camera: Camera,
    looks: Vec<LayerPaint>,
    depth: usize,
    stats: FrameStats,
}

impl eframe::App for Bench {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        ui.painter().rect_filled(ui.max_rect(), 0.0, Color32::BLACK);
        let input = SceneInput {
            layout: &self.layout,
            root: self.layout.top_cells()[0],
            camera: &self.camera,
            layers: &self.looks,
            depth: self.depth,
            cell_frame: Color32::WHITE,
        };
        self.stats = self.scene.show(ui, CANVAS, &input);
    }
}

/// A bench, or `None` (with the reason) where there is no Vulkan driver. With a budget of nothing
/// everything is shown as density.
fn bench<'a>(
    layout: Layout,
    looks: Vec<LayerPaint>,
    budget: Option<usize>,
) -> Option<Harness<'a, Bench>> {
    if !has_vulkan() {
        return None;
    }
    let build = move |context: &mut eframe::CreationContext<'_>| Bench {
        scene: Scene::with_budget(context.wgpu_render_state.as_ref().unwrap(), budget),
        layout: Arc::new(layout),
        camera: Camera { centre_nm: [0.0; 2], nm_per_point: 1.0 },
        looks,
        depth: usize::MAX,
        stats: FrameStats::default(),
    };
    Some(Harness::builder().with_size(SIZE).wgpu().build_eframe(build))
}

/// The canvas once nothing better will come.
fn picture(bench: &mut Harness<'_, Bench>) -> RgbaImage {
    let started = Instant::now();
    bench.step();
    loop {
        bench.step();
        if bench.state().stats.settled() {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{:?}", bench.state().stats);
        std::thread::sleep(Duration::from_millis(2));
    }
    bench.step();
    let whole = bench.render().unwrap();
    let (at, size) = (CANVAS.min, CANVAS.size());
    image::imageops::crop_imm(&whole, at.x as u32, at.y as u32, size.x as u32, size.y as u32)
        .to_image()
}

fn solid(layer: Layer, fill: Color32) -> LayerPaint {
    LayerPaint {
        layer,
        fill,
        frame: Color32::TRANSPARENT,
        stipple: LayerPaint::SOLID,
        line_width: 0.0,
        visible: true,
    }
}

fn looks() -> Vec<LayerPaint> {
    vec![solid(RED, Color32::from_rgb(255, 0, 0)), solid(GREEN, Color32::from_rgb(0, 255, 0))]
}

fn place(
    cell: usize,
    x: i32,
    y: i32,
    angle_deg: f64,
    mirror_x: bool,
    magnification: f64,
) -> Instance {
    Instance {
        cell: CellId(cell),
        transform: Transform { mirror_x, magnification, angle_deg, origin: Point::new(x, y) },
        repetition: None,
        properties: None,
    }
}

/// Something of everything: rectangles, a polygon with slants, one that is wound twice, paths, arrays,
/// and a cell turned, mirrored and magnified.
fn zoo() -> Layout {
    let points =
        |list: &[(i32, i32)]| list.iter().map(|&(x, y)| Point::new(x, y)).collect::<Vec<_>>();
    let mut part = Cell::new("part");
    let red = part.on(RED);
    red.push_rect(geometry::Rect::new(0, 0, 40, 12)).unwrap();
    red.push_polygon(&points(&[(0, 20), (30, 20), (30, 30), (12, 30), (12, 44), (0, 44)])).unwrap();
    let green = part.on(GREEN);
    green.push_polygon(&points(&[(20, 4), (60, 16), (34, 40)])).unwrap();

    let mut top = Cell::new("top");
    let red = top.on(RED);
    let dot = red.push_rect(geometry::Rect::new(-190, -140, -184, -131)).unwrap();
    let array =
        Array { columns: 9, rows: 4, column_span: [9 * 14, 9 * 3], row_span: [-4 * 2, 4 * 17] };
    red.repeat(dot, Repetition::Grid(array));
    red.push_path(&points(&[(-180, 100), (-120, 100), (-80, 140), (-80, 60)]), 10, Ends::Round)
        .unwrap();
    let green = top.on(GREEN);
    green.push_polygon(&points(&[(100, -140), (190, -60), (100, -60), (190, -140)])).unwrap();
    let strewn = green.push_path(&points(&[(0, -100), (30, -100)]), 8, Ends::Square).unwrap();
    let offsets = [[0, 0], [7, -20], [50, 9]];
    green.repeat(strewn, Repetition::List(offsets.into()));
    top.instances = vec![
        place(0, 0, 0, 0.0, false, 1.0),
        place(0, -20, 10, 90.0, false, 1.0),
        place(0, 120, 20, 0.0, true, 1.0),
        place(0, 130, 60, 30.0, true, 1.5),
    ];
    Layout::new("zoo", 1.0, vec![part, top])
}

/// Whether a place (database units) is covered by a layer, the slow and obvious way: by the winding
/// number of every ring about it; and how far the nearest edge is.
fn is_covered(layout: &Layout, layer: Layer, at: [f64; 2]) -> (bool, f64) {
    let reach = Bounds { min: at.map(|v| v - 3.0), max: at.map(|v| v + 3.0) };
    let mut covered = false;
    let mut nearest = f64::INFINITY;
    for found in layout.shapes_in(layout.top_cells()[0], Region::new(reach, layer)) {
        let ring = found.ring();
        let mut winding = 0.0;
        for (p, q) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (a, b) = ([p[0] - at[0], p[1] - at[1]], [q[0] - at[0], q[1] - at[1]]);
            winding += (a[0] * b[1] - a[1] * b[0]).atan2(a[0] * b[0] + a[1] * b[1]);
            let run = [q[0] - p[0], q[1] - p[1]];
            let length = run[0].hypot(run[1]);
            let t = (-(a[0] * run[0] + a[1] * run[1]) / (length * length)).clamp(0.0, 1.0);
            nearest = nearest.min((a[0] + t * run[0]).hypot(a[1] + t * run[1]));
        }
        covered |= winding.abs() > 3.0;
    }
    (covered, nearest)
}

/// Pixels whose middle lies more than `margin` pixels from any edge and which show something else
/// than the layout has there; and the number of pixels that were judged.
fn wrong_pixels(image: &RgbaImage, layout: &Layout, camera: Camera, margin: f64) -> (usize, usize) {
    let (mut wrong, mut judged) = (0, 0);
    for (x, y, pixel) in image.enumerate_pixels() {
        let at = CANVAS.min + vec2(x as f32 + 0.5, y as f32 + 0.5);
        let at = camera.to_nm(CANVAS, at);
        let ((red, from_red), (green, from_green)) =
            (is_covered(layout, RED, at), is_covered(layout, GREEN, at));
        if from_red.min(from_green) / camera.nm_per_point < margin {
            continue;
        }
        judged += 1;
        let wanted = if green {
            [0, 255, 0]
        } else if red {
            [255, 0, 0]
        } else {
            [0, 0, 0]
        };
        wrong += usize::from(pixel.0[..3] != wanted);
    }
    (wrong, judged)
}

#[test]
fn every_pixel_of_the_shapes_is_what_point_in_polygon_says() {
    let Some(mut bench) = bench(zoo(), looks(), None) else { return };
    for (centre_nm, nm_per_point) in
        [([0.0, 0.0], 1.0), ([31.0, 22.5], 0.21), ([140.0, 55.0], 0.11)]
    {
        let camera = Camera { centre_nm, nm_per_point };
        bench.state_mut().camera = camera;
        let image = picture(&mut bench);
        assert_eq!(bench.state().stats.detail, Detail::Shapes);
        let (wrong, judged) = wrong_pixels(&image, &zoo(), camera, 0.02);
        assert!(judged > 110_000, "{judged}");
        // Drivers round places to 1/256 of a pixel; a shape of some pixels' size would be far more.
        assert!(wrong <= 4, "{wrong} of {judged} at {nm_per_point} nm a pixel");

        let beside =
            Camera { centre_nm: [centre_nm[0] + 1.5 * nm_per_point, centre_nm[1]], ..camera };
        let (shifted, _) = wrong_pixels(&image, &zoo(), beside, 0.02);
        assert!(shifted > 300, "a picture of a place 1.5 pixels away must not pass: {shifted}");
    }
}

#[test]
fn density_is_the_area_of_the_shapes_in_every_pixel() {
    let Some(mut bench) = bench(zoo(), looks()[..1].to_vec(), Some(0)) else { return };
    // Texels of 2 nm are 2 pixels long, so a pixel shows what is within 2 nm of it.
    for nm_per_point in [1.0, 4.0] {
        let camera = Camera { centre_nm: [0.0, 0.0], nm_per_point };
        bench.state_mut().camera = camera;
        let image = picture(&mut bench);
        assert_eq!(bench.state().stats.detail, Detail::Density);
        let layout = zoo();
        let area: f64 =
            image.pixels().map(|p| f64::from(p.0[0]) / 255.0).sum::<f64>() * nm_per_point.powi(2);
        let wanted = covered_area(&layout, RED);
        assert!((area / wanted - 1.0).abs() < 0.02, "{area} nm² of {wanted} at {nm_per_point}");
        assert!(
            (area / covered_area(&layout, GREEN) - 1.0).abs() > 0.05,
            "the wrong layer must not pass"
        );
        // A pixel deep inside is full, one far outside is empty.
        for (x, y, pixel) in image.enumerate_pixels() {
            let at = camera.to_nm(CANVAS, CANVAS.min + vec2(x as f32 + 0.5, y as f32 + 0.5));
            let (inside, away) = is_covered(&layout, RED, at);
            if away > 2.5 * nm_per_point {
                let wanted = if inside { 250..=255 } else { 0..=5 };
                assert!(wanted.contains(&pixel.0[0]), "{at:?} shows {pixel:?}");
            }
        }
    }
}

/// Area that a layer covers, nm², counted on a grid of a quarter of a nm.
fn covered_area(layout: &Layout, layer: Layer) -> f64 {
    let b = layout.bounds(layout.top_cells()[0], Some(layer)).unwrap();
    let shapes: Vec<_> = layout
        .shapes_in(layout.top_cells()[0], Region::new(b, layer))
        .map(|f| {
            geometry::Polygon::simple(
                f.ring()
                    .iter()
                    .map(|p| Point::new((p[0] * 64.0).round() as i32, (p[1] * 64.0).round() as i32))
                    .collect(),
            )
        })
        .collect();
    geometry::merge(&shapes).iter().map(|p| p.area2() as f64).sum::<f64>() / 2.0 / 64.0_f64.powi(2)
}

#[test]
fn a_hidden_layer_is_gone_at_once_and_stipples_and_frames_are_on_the_screen_s_pixels() {
    let mut cell = Cell::new("top");
    cell.on(RED).push_rect(geometry::Rect::new(-50, -50, 50, 50)).unwrap();
    let mut stipple = LayerPaint::HOLLOW;
    stipple[0] = 0b101;
    let look = LayerPaint {
        layer: RED,
        fill: Color32::RED,
        frame: Color32::WHITE,
        stipple,
        line_width: 1.0,
        visible: true,
    };
    let layout = Layout::new("box", 1.0, vec![cell]);
    let Some(mut bench) = bench(layout, vec![look], None) else { return };
    let image = picture(&mut bench);
    let (width, height) = image.dimensions();
    let of = |x: u32, y: u32| image.get_pixel(x, y).0;
    // 100 pixels square in the middle of 400 × 300.
    let white = image.pixels().filter(|p| p.0 == [255; 4]).count();
    assert_eq!((width, height, white), (400, 300, 4 * 99));
    assert_eq!([of(150, 100), of(249, 199)], [[255; 4]; 2], "corners of the frame");
    for (x, y, pixel) in image.enumerate_pixels() {
        let inside = (151..249).contains(&x) && (101..199).contains(&y);
        let dot = (299 - y) % 32 == 0 && (x % 32 == 0 || x % 32 == 2);
        assert_eq!(pixel.0 == [255, 0, 0, 255], inside && dot, "{x} {y}");
    }
    bench.state_mut().looks[0].visible = false;
    bench.step();
    assert_eq!(bench.state().stats.primitives, 0);
    let hidden = bench.render().unwrap();
    assert!(hidden.pixels().all(|p| p.0 == [0, 0, 0, 255]));
    bench.state_mut().looks[0].visible = true;
    bench.step();
    let stats = bench.state().stats;
    assert!(stats.settled() && stats.detail == Detail::Shapes, "shown as fast: {stats:?}");
}

#[test]
fn cells_below_the_depth_are_frames_and_far_places_are_as_sharp_as_near_ones() {
    let mut part = Cell::new("part");
    part.on(RED).push_rect(geometry::Rect::new(0, 0, 60, 40)).unwrap();
    let mut top = Cell::new("top");
    let far = 1_500_000_000;
    top.instances = vec![place(0, far, far, 0.0, false, 1.0), place(0, -far, 0, 0.0, false, 1.0)];
    let layout = Layout::new("far", 1.0, vec![part, top]);
    let Some(mut bench) = bench(layout, looks(), None) else { return };
    let middle = f64::from(far);
    bench.state_mut().camera =
        Camera { centre_nm: [middle + 30.0, middle + 20.0], nm_per_point: 0.25 };
    let image = picture(&mut bench);
    let red = |image: &RgbaImage| image.pixels().filter(|p| p.0 == [255, 0, 0, 255]).count();
    assert_eq!(red(&image), 240 * 160);
    bench.state_mut().depth = 0;
    let image = picture(&mut bench);
    assert_eq!(red(&image), 0);
    assert_eq!(image.pixels().filter(|p| p.0 == [255; 4]).count(), 2 * (240 + 160) - 4);
}

#[test]
fn a_layout_of_any_size_is_drawn_with_the_same_few_calls() {
    let mut part = Cell::new("part");
    for i in 0..50 {
        let (x, y) = (i % 10 * 30, i / 10 * 30);
        part.on(RED).push_rect(geometry::Rect::new(x, y, x + 20, y + 10)).unwrap();
    }
    let tiled = |count: u32| {
        let mut top = Cell::new("top");
        let span = i64::from(count) * 300;
        let array =
            Array { columns: count, rows: 2 * count, column_span: [span, 0], row_span: [0, span] };
        let mut instance = place(0, 0, 0, 0.0, false, 1.0);
        instance.repetition = Some(Repetition::Grid(array));
        top.instances = vec![instance];
        Layout::new("tiled", 1.0, vec![part.clone(), top])
    };
    let Some(mut bench) = bench(tiled(30), looks(), None) else { return };
    let mut calls = Vec::new();
    for count in [30, 120] {
        bench.state_mut().layout = Arc::new(tiled(count));
        let size = f64::from(count) * 300.0;
        bench.state_mut().camera =
            Camera { centre_nm: [size / 2.0; 2], nm_per_point: size / 280.0 };
        let image = picture(&mut bench);
        let stats = bench.state().stats;
        assert_eq!(stats.detail, Detail::Density);
        calls.push((stats.draw_calls, stats.primitives));
        // 50 boxes of 20 × 10 in 300 × 150.
        let middle = image::imageops::crop_imm(&image, 100, 50, 200, 200).to_image();
        let mean = middle.pixels().map(|p| f64::from(p.0[0])).sum::<f64>() / 40_000.0 / 255.0;
        assert!((mean - 10_000.0 / 45_000.0).abs() < 0.01, "{mean}");
    }
    assert!(calls.iter().all(|&(draws, tiles)| draws == 1 && tiles <= 16), "{calls:?}");
}
