//! Exact area coverage of polygons on a pixel grid, by signed-area accumulation.
//!
//! Every edge hands each pixel row it crosses two numbers: the height it covers there, and how far
//! into its pixel. Written as differences along the row, a running sum turns them into the covered
//! area of each pixel, whatever the number of vertices. A counter-clockwise ring adds, a clockwise
//! one (a hole) takes away; rings are meant to be disjoint but for holes, as boolean merging
//! leaves them. The work is one visit a pixel row (and column) crossed by an edge, and one a pixel.

use std::fmt;

use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Rows that one task fills. Fixed, and every row is summed in the order of the edges, so the
/// number of threads changes nothing.
const BAND: usize = 32;

/// Sums closer to 0 than this are rounding: a pixel no shape touches is exactly 0.
const ROUNDING: f64 = 1e-12;

/// Farthest coordinate from the grid's origin, pixels: beyond, f64 would lose a millionth of one.
const FARTHEST: f64 = 4e9;

/// Most pixels on a grid (1 GiB of f32).
const MAX_PIXELS: usize = 1 << 28;

/// Where the pixels lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RasterGrid {
    /// The lower left corner of pixel (0, 0), in the unit of the polygons: x, y.
    pub origin: [f64; 2],
    /// Side of a pixel, in the same unit.
    pub pixel: f64,
    /// Columns.
    pub nx: usize,
    /// Rows.
    pub ny: usize,
}

/// What cannot be rasterised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RasterError {
    /// The grid's pixel is not positive, its origin not finite, or it has too many pixels.
    Grid(RasterGrid),
    /// A vertex is not finite or lies more than 4·10⁹ pixels from the grid's origin.
    Vertex([f64; 2]),
}

impl fmt::Display for RasterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid(RasterGrid { origin: [x, y], pixel, nx, ny }) => write!(
                out,
                "raster grid of {nx} x {ny} pixels of {pixel} at ({x}, {y}): must have a positive \
                 pixel, a finite origin and at most {MAX_PIXELS} pixels"
            ),
            Self::Vertex([x, y]) => write!(
                out,
                "raster: vertex ({x}, {y}) must be finite and within {FARTHEST:e} pixels of the \
                 grid's origin"
            ),
        }
    }
}

impl std::error::Error for RasterError {}

/// An edge in pixels from the grid's origin.
#[derive(Clone, Copy)]
struct Edge {
    from: [f64; 2],
    to: [f64; 2],
}

/// Covered share of each pixel, `[ny, nx]`, row 0 lowest: 1 where a counter-clockwise ring covers
/// it whole, exactly 0 where nothing touches it.
///
/// Rings are closed by themselves; parts outside the grid are cut off.
///
/// # Errors
/// A grid or a vertex out of range.
pub fn coverage<'a>(
    rings: impl IntoIterator<Item = &'a [[f64; 2]]>,
    grid: &RasterGrid,
) -> Result<Array2<f32>, RasterError> {
    check_grid(grid)?;
    let mut edges = Vec::new();
    for ring in rings {
        add_edges(ring, grid, &mut edges)?;
    }
    let mut image = Array2::zeros((grid.ny, grid.nx));
    if image.is_empty() {
        return Ok(image);
    }
    let bands = by_band(&edges, grid.ny);
    image.axis_chunks_iter_mut(Axis(0), BAND).into_par_iter().zip(&bands).enumerate().for_each(
        |(band, (mut rows, members))| {
            let mut sums = Array2::zeros((rows.nrows(), grid.nx + 1));
            for &member in members {
                accumulate(edges[member], band * BAND, &mut sums);
            }
            for (mut row, sums) in rows.outer_iter_mut().zip(sums.outer_iter()) {
                let mut sum = 0.0;
                for (pixel, change) in row.iter_mut().zip(sums) {
                    sum += change;
                    *pixel = if f64::abs(sum) < ROUNDING { 0.0 } else { sum as f32 };
                }
            }
        },
    );
    Ok(image)
}

/// Checks a grid against its range.
pub(crate) fn check_grid(grid: &RasterGrid) -> Result<(), RasterError> {
    let RasterGrid { origin, pixel, nx, ny } = grid;
    let finite = origin.iter().all(|at| at.is_finite());
    let fits = nx.checked_mul(*ny).is_some_and(|pixels| pixels <= MAX_PIXELS);
    if finite && fits && pixel.is_finite() && *pixel > 0.0 {
        Ok(())
    } else {
        Err(RasterError::Grid(*grid))
    }
}

/// A vertex in pixels from the grid's origin.
pub(crate) fn in_pixels(vertex: [f64; 2], grid: &RasterGrid) -> Result<[f64; 2], RasterError> {
    let [x, y] = [0, 1].map(|axis| (vertex[axis] - grid.origin[axis]) / grid.pixel);
    if x.abs() <= FARTHEST && y.abs() <= FARTHEST {
        Ok([x, y])
    } else {
        Err(RasterError::Vertex(vertex))
    }
}

/// The ring's edges that rise or fall somewhere on the grid and are not wholly to its right.
fn add_edges(
    ring: &[[f64; 2]],
    grid: &RasterGrid,
    edges: &mut Vec<Edge>,
) -> Result<(), RasterError> {
    let (right, top) = (grid.nx as f64, grid.ny as f64);
    let Some(&last) = ring.last() else { return Ok(()) };
    let mut from = in_pixels(last, grid)?;
    for &vertex in ring {
        let to = in_pixels(vertex, grid)?;
        let beside = from[1] == to[1]
            || from[1].max(to[1]) <= 0.0
            || from[1].min(to[1]) >= top
            || from[0].min(to[0]) >= right;
        if !beside {
            edges.push(Edge { from, to });
        }
        from = to;
    }
    Ok(())
}

/// The edges that cross each band of rows, in their order.
fn by_band(edges: &[Edge], ny: usize) -> Vec<Vec<usize>> {
    let mut bands = vec![Vec::new(); ny.div_ceil(BAND)];
    for (index, Edge { from, to }) in edges.iter().enumerate() {
        let (first, end) = rows(from[1].min(to[1]), from[1].max(to[1]), 0, ny);
        for band in &mut bands[first / BAND..end.div_ceil(BAND)] {
            band.push(index);
        }
    }
    bands
}

/// The rows from `first` to `end` that the heights `low`…`high` meet.
fn rows(low: f64, high: f64, first: usize, end: usize) -> (usize, usize) {
    let from = (low.max(0.0) as usize).clamp(first, end);
    let to = (high.max(0.0).ceil() as usize).clamp(from, end);
    (from, to)
}

/// Adds an edge to the rows of one band, `sums`, whose first row is `first`.
fn accumulate(Edge { from, to }: Edge, first: usize, sums: &mut Array2<f64>) {
    let (low, high, direction) = if from[1] < to[1] { (from, to, 1.0) } else { (to, from, -1.0) };
    let slope = (high[0] - low[0]) / (high[1] - low[1]);
    // The ends are met exactly, so that edges that share a vertex leave no gap.
    let x_at = |y: f64| match () {
        () if y <= low[1] => low[0],
        () if y >= high[1] => high[0],
        () => low[0] + (y - low[1]) * slope,
    };
    let (start, end) = rows(low[1], high[1], first, first + sums.nrows());
    for row in start..end {
        let bottom = low[1].max(row as f64);
        let top = high[1].min((row + 1) as f64);
        // A left edge falls and everything right of it is covered.
        let cover = -direction * (top - bottom);
        if let Some(sums) = sums.row_mut(row - first).as_slice_mut() {
            add_across(sums, x_at(bottom), x_at(top), cover);
        }
    }
}

/// Adds a piece of an edge within one row, from `x0` to `x1`, that covers `cover` of its height
/// for all that lies right of it.
fn add_across(sums: &mut [f64], x0: f64, x1: f64, cover: f64) {
    let right = (sums.len() - 1) as f64;
    let (left_end, right_end) = (x0.min(x1), x0.max(x1));
    if right_end <= 0.0 {
        sums[0] += cover;
        return;
    }
    if left_end >= right {
        return;
    }
    let width = right_end - left_end;
    if left_end < 0.0 {
        // What lies left of the grid covers whole rows of it.
        sums[0] += cover * (-left_end / width);
    }
    let (mut x, stop) = (left_end.max(0.0), right_end.min(right));
    loop {
        let column = (x as usize).min(sums.len() - 2);
        let next = stop.min((column + 1) as f64);
        let share = if width > 0.0 { cover * ((next - x) / width) } else { cover };
        // The piece's mean distance into its pixel is the part of the pixel it leaves uncovered.
        let into = 0.5 * (x + next) - column as f64;
        sums[column] += share * (1.0 - into);
        sums[column + 1] += share * into;
        x = next;
        if x >= stop {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use proptest::prelude::*;

    use super::*;

    const GRID: RasterGrid = RasterGrid { origin: [-3.0, 5.0], pixel: 2.0, nx: 9, ny: 7 };

    /// Largest difference a comparison lets through, of a pixel: f32 rounds 1 by 6e-8.
    const TOLERANCE: f64 = 1e-6;

    /// The part of a polygon with inside(vertex) ≥ 0 (Sutherland and Hodgman 1974).
    fn clip(polygon: &[[f64; 2]], inside: impl Fn([f64; 2]) -> f64) -> Vec<[f64; 2]> {
        let mut kept = Vec::new();
        for (index, &to) in polygon.iter().enumerate() {
            let from = polygon[(index + polygon.len() - 1) % polygon.len()];
            let (a, b) = (inside(from), inside(to));
            if (a < 0.0) != (b < 0.0) {
                let t = a / (a - b);
                kept.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
            }
            if b >= 0.0 {
                kept.push(to);
            }
        }
        kept
    }

    /// Signed area, counter-clockwise positive (Gauss's trapezium formula).
    fn area(polygon: &[[f64; 2]]) -> f64 {
        let next = polygon.iter().cycle().skip(1);
        polygon.iter().zip(next).map(|(a, b)| 0.5 * (a[0] * b[1] - b[0] * a[1])).sum()
    }

    /// The slow twin: every ring clipped to every pixel.
    fn twin(rings: &[Vec<[f64; 2]>], grid: &RasterGrid) -> Array2<f64> {
        Array2::from_shape_fn((grid.ny, grid.nx), |(row, column)| {
            let low = [
                grid.origin[0] + grid.pixel * column as f64,
                grid.origin[1] + grid.pixel * row as f64,
            ];
            let share = |ring: &Vec<[f64; 2]>| {
                let mut part: Vec<_> =
                    ring.iter().map(|v| [0, 1].map(|i| (v[i] - low[i]) / grid.pixel)).collect();
                for axis in 0..2 {
                    part = clip(&part, |vertex| vertex[axis]);
                    part = clip(&part, |vertex| 1.0 - vertex[axis]);
                }
                area(&part)
            };
            rings.iter().map(share).sum()
        })
    }

    fn raster(rings: &[Vec<[f64; 2]>], grid: &RasterGrid) -> Array2<f32> {
        coverage(rings.iter().map(Vec::as_slice), grid).unwrap()
    }

    /// Whether two images agree at every pixel; NaN agrees with nothing.
    fn agree(image: &Array2<f32>, twin: &Array2<f64>) -> bool {
        image.dim() == twin.dim()
            && image.iter().zip(twin).all(|(a, b)| (f64::from(*a) - b).abs() <= TOLERANCE)
    }

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Vec<[f64; 2]> {
        vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    /// Places on and around the grid, some exactly on pixel edges.
    fn place() -> impl Strategy<Value = f64> {
        prop_oneof![-12.0..30.0_f64, (-12..30_i32).prop_map(f64::from)]
    }

    fn vertex() -> impl Strategy<Value = [f64; 2]> {
        (place(), place()).prop_map(|(x, y)| [x, y])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_polygon_covers_what_clipping_it_to_each_pixel_leaves(
            ring in prop::collection::vec(vertex(), 3..9)
        ) {
            let rings = [ring];
            prop_assert!(agree(&raster(&rings, &GRID), &twin(&rings, &GRID)));
        }

        #[test]
        fn manhattan_stairs_with_a_hole_cover_what_clipping_leaves(
            steps in prop::collection::vec((0.1..4.0_f64, 0.1..4.0_f64), 1..6),
            corner in vertex(),
        ) {
            let mut ring = vec![corner];
            let [mut x, mut y] = corner;
            for (dx, dy) in &steps {
                x += dx;
                ring.push([x, y]);
                y += dy;
                ring.push([x, y]);
            }
            ring.push([corner[0] - 1.0, y]);
            ring.push([corner[0] - 1.0, corner[1]]);
            let mut hole = rectangle(corner[0] - 0.7, corner[1] + 0.02, corner[0] - 0.2, y - 0.03);
            hole.reverse();
            let rings = [ring, hole];
            prop_assert!(agree(&raster(&rings, &GRID), &twin(&rings, &GRID)));
        }

        #[test]
        fn area_is_conserved_where_all_of_a_shape_is_on_the_grid(
            ring in prop::collection::vec((-3.0..15.0_f64, 5.0..19.0_f64), 3..9)
        ) {
            let ring: Vec<_> = ring.into_iter().map(|(x, y)| [x, y]).collect();
            let pixels: f64 = raster(slice::from_ref(&ring), &GRID).iter().map(|v| f64::from(*v)).sum();
            prop_assert!((pixels * 4.0 - area(&ring)).abs() <= 1e-4);
        }
    }

    #[test]
    fn pixel_aligned_rectangles_are_exactly_one_and_zero() {
        let image = raster(&[rectangle(-1.0, 7.0, 5.0, 11.0)], &GRID);
        for ((row, column), value) in image.indexed_iter() {
            let inside = (1..3).contains(&row) && (1..4).contains(&column);
            assert_eq!(*value, f32::from(u8::from(inside)), "row {row}, column {column}");
        }
    }

    #[test]
    fn a_shape_around_the_grid_covers_it_whole_and_one_beside_it_not_at_all() {
        assert!(raster(&[rectangle(-1e6, -1e6, 1e6, 1e6)], &GRID).iter().all(|v| *v == 1.0));
        let triangle = |x: f64, y: f64| vec![[x, y], [x + 3.0, y + 1.0], [x + 1.0, y + 3.0]];
        for (x, y) in [(-20.0, 9.0), (20.0, 9.0), (3.0, -9.0), (3.0, 30.0), (-9.0, -9.0)] {
            assert!(raster(&[triangle(x, y)], &GRID).iter().all(|v| *v == 0.0), "({x}, {y})");
        }
    }

    #[test]
    fn slivers_keep_their_area() {
        let sliver = vec![[-2.9, 5.1], [14.9, 18.9], [14.9, 18.9 + 1e-3]];
        let image = raster(slice::from_ref(&sliver), &GRID);
        assert!(agree(&image, &twin(slice::from_ref(&sliver), &GRID)));
        let pixels: f64 = image.iter().map(|v| f64::from(*v)).sum();
        assert!((pixels * 4.0 / area(&sliver) - 1.0).abs() < 1e-5);
        let flat = vec![[0.0, 6.0], [8.0, 9.0], [0.0, 6.0]];
        assert!(raster(&[flat], &GRID).iter().all(|v| *v == 0.0));
    }

    #[test]
    fn the_comparison_fails_on_a_small_change_and_on_nan() {
        let rings = [vec![[-1.0, 6.0], [11.0, 8.0], [4.0, 18.0]]];
        let (image, twin) = (raster(&rings, &GRID), twin(&rings, &GRID));
        assert!(agree(&image, &twin));
        for wrong in [image[[3, 4]] + 1e-5, f32::NAN] {
            let mut changed = image.clone();
            changed[[3, 4]] = wrong;
            assert!(!agree(&changed, &twin));
        }
    }

    #[test]
    fn one_thread_and_many_give_the_same_bits() {
        let grid = RasterGrid { origin: [0.0, 0.0], pixel: 0.7, nx: 120, ny: 200 };
        let star: Vec<_> = (0..41)
            .map(|i| f64::from(i) * 2.4)
            .map(|turn| [40.0 + 50.0 * turn.cos(), 70.0 + 80.0 * turn.sin()])
            .collect();
        let image = raster(slice::from_ref(&star), &grid);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| raster(slice::from_ref(&star), &grid)), image);
        assert!(agree(&image, &twin(&[star], &grid)));
    }

    #[test]
    fn wrong_grids_and_vertices_are_named() {
        let wrong = [
            RasterGrid { pixel: 0.0, ..GRID },
            RasterGrid { pixel: f64::NAN, ..GRID },
            RasterGrid { origin: [f64::INFINITY, 0.0], ..GRID },
            RasterGrid { nx: usize::MAX, ..GRID },
        ];
        for grid in wrong {
            assert!(matches!(coverage([], &grid), Err(RasterError::Grid(_))), "{grid:?}");
        }
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            let ring = [[0.0, 0.0], [bad, 1.0], [1.0, 2.0]];
            let message = coverage([ring.as_slice()], &GRID).unwrap_err().to_string();
            assert!(message.contains("vertex"), "{message}");
        }
        let nothing = coverage([[].as_slice()], &RasterGrid { nx: 0, ..GRID }).unwrap();
        assert_eq!(nothing.dim(), (7, 0));
    }
}
