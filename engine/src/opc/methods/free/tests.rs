//! The field's mathematics: shares and their slopes, and the gradient of the whole chain.

use super::*;
use crate::geometry::{Point, Rect};
use crate::imaging::Focus;
use crate::opc::methods::tests::run;

#[test]
fn shares_of_cells_have_the_slopes_they_say() {
    let opens: [fn(f32) -> (f32, f32); 2] = [|f| soft(f, 6.0), |f| inside(f, 8.0)];
    for f in [-7.9f32, -3.0, 0.0, 2.5, 7.0] {
        for open in opens {
            let h = 0.02;
            let finite = (open(f + h).0 - open(f - h).0) / (2.0 * h);
            assert!((finite - open(f).1).abs() < 1e-3, "{f}: {finite} against {}", open(f).1);
        }
    }
    assert!((inside(9.0, 8.0).0 - 1.0).abs() < 1e-6);
    assert!(inside(-9.0, 8.0).0.abs() < 1e-6);
}

#[test]
fn black_and_white_cells_image_as_their_polygons_do() {
    let mut run = run(OpcMethod::PixelIlt, 1);
    let imager = run.evaluator.imager();
    let grid = Grid { origin_nm: [160.0, 200.0], pixel_nm: 8.0, nx: 40, ny: 50 };
    let open =
        |x: usize, y: usize| (5..17).contains(&x) && (8..40).contains(&y) && (x + y) % 31 > 9;
    let cells = cells::Cells::from_fn(grid.nx, grid.ny, open);
    let shares: Vec<f32> = cells.on.iter().map(|on| f32::from(u8::from(*on))).collect();
    let mut plan = imager.cell_plan(&grid);
    imager.set_cells(&mut plan, &shares);
    let fast = imager.exact(Focus::Nominal).to_owned();
    imager.set_mask(&cells.polygons(Point::new(160, 200), 8));
    let slow = imager.exact(Focus::Nominal).to_owned();
    let worst = fast.iter().zip(&slow).fold(0.0f32, |w, (a, b)| w.max((a - b).abs()));
    // Both spectra are rounded to f32 once; intensities reach 1.
    assert!(worst < 2e-6, "{worst}");
    imager.set_mask(&[Polygon::rect(Rect::new(200, 264, 296, 520))]);
    let other = imager.exact(Focus::Nominal);
    assert!(fast.iter().zip(other).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn the_gradient_of_the_field_matches_finite_differences() {
    let mut run = run(OpcMethod::PixelIlt, 1);
    let recipe = run.recipe.clone();
    let mut free = run.free.take().unwrap();
    let sharpness = Sharpness { steepness: 30.0, quadratic: 0.7 };
    let manner = Manner { level: 1, sharpness, softness: 12.0, hard: false };
    free.evaluate(&mut run.evaluator, &recipe, manner);
    let gradient = free.gradient.clone();
    let largest = gradient.iter().fold(0.0f32, |w, g| w.max(g.abs()));
    assert!(largest > 0.0);
    let mut order: Vec<usize> = (0..gradient.len()).collect();
    order.sort_by(|a, b| gradient[*b].abs().total_cmp(&gradient[*a].abs()));
    for i in order.into_iter().step_by(97).take(12) {
        let mut loss = |d: f32| {
            free.now.field[i] += d;
            let loss = free.evaluate(&mut run.evaluator, &recipe, manner).0.total();
            free.now.field[i] -= d;
            loss
        };
        // Far more than one cell's rounding, far less than the softness.
        let h = 2.0f32;
        let finite = (loss(h) - loss(-h)) / f64::from(2.0 * h);
        let error = (finite - f64::from(gradient[i])).abs();
        assert!(
            error < 0.02 * finite.abs() + 0.01 * f64::from(largest),
            "cell {i}: {finite} against {}",
            gradient[i]
        );
    }
}

#[test]
fn a_field_of_too_many_cells_is_refused() {
    let mut run = run(OpcMethod::PixelIlt, 1);
    let recipe = run.recipe.clone();
    let large = Grid { origin_nm: [0.0; 2], pixel_nm: 8.0, nx: 3000, ny: 3000 };
    let made = FreeForm::new(run.evaluator.imager(), &recipe, &large, |_| Vec::new());
    let error = made.err().unwrap().to_string();
    assert!(error.contains("pixels.cell_nm") && error.contains("9000000"), "{error}");
}
