//! The field's mathematics: shares and their slopes, and the gradient of the whole chain.

use super::*;

#[test]
fn shares_of_cells_have_the_slopes_they_say() {
    for f in [-7.9f32, -3.0, 0.0, 2.5, 7.0] {
        for open in [|f: f32| soft(f, 6.0), |f: f32| inside(f, 8.0)] {
            let h = 0.02;
            let finite = (open(f + h).0 - open(f - h).0) / (2.0 * h);
            assert!((finite - open(f).1).abs() < 1e-3, "{f}: {finite} against {}", open(f).1);
        }
    }
    assert_eq!(inside(9.0, 8.0).0, 1.0);
    assert_eq!(inside(-9.0, 8.0), (0.0, 0.0));
}
