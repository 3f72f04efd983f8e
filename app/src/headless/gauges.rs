//! Where widths are measured when nobody says: across the shapes nearest the clip's middle.

use lithoscope_engine::geometry::{Point, Polygon, Rect, edges, rectangles};
use lithoscope_engine::imaging::CutLine;
use lithoscope_engine::layout::Clip;
use lithoscope_engine::verify::{CdGauge, Prints};

/// Most gauges that are placed without being asked for.
const MOST: usize = 6;
/// Where a bar is tried, from its middle, in shares of its length.
const PLACES: [f64; 7] = [0.0, 0.15, -0.15, 0.25, -0.25, 0.35, -0.35];
/// A gauge reaches this far beyond its shape on both sides, nm.
const REACH_NM: f64 = 60.0;

/// Gauges across the narrow side of the shapes nearest the middle of a clip, at most six.
///
/// Each lies across the largest rectangle of one polygon, at that rectangle's middle, or beside it
/// where something joins the bar there. A shape that has no such place gets none.
pub fn default_gauges(clip: &Clip, prints: Prints) -> Vec<CdGauge> {
    let w = clip.window;
    let middle = [
        f64::midpoint(w.min.x.into(), w.max.x.into()),
        f64::midpoint(w.min.y.into(), w.max.y.into()),
    ];
    let mut bars: Vec<Rect> = clip.polygons.iter().filter_map(largest_bar).collect();
    let away = |r: &Rect| {
        let [x, y] = centre(r);
        ((x - middle[0]).hypot(y - middle[1]) * 1e3) as i64
    };
    bars.sort_by_key(|r| (away(r), r.min.x, r.min.y));
    let cuts = bars.iter().filter_map(|r| across(r, &clip.polygons)).take(MOST).enumerate();
    cuts.map(|(i, (cut, width))| CdGauge {
        prints,
        ..CdGauge::new(format!("G{}", i + 1), cut, width)
    })
    .collect()
}

/// The rectangle of a polygon with most area.
fn largest_bar(polygon: &Polygon) -> Option<Rect> {
    let rects = rectangles(std::slice::from_ref(polygon));
    rects.into_iter().max_by_key(|r| (r.width() * r.height(), -r.min.x, -r.min.y))
}

fn centre(r: &Rect) -> [f64; 2] {
    [f64::midpoint(r.min.x.into(), r.max.x.into()), f64::midpoint(r.min.y.into(), r.max.y.into())]
}

/// A cut across the narrow side of a rectangle where nothing joins it, and the width there.
fn across(r: &Rect, polygons: &[Polygon]) -> Option<(CutLine, f64)> {
    let [x, y] = centre(r);
    let upright = r.width() <= r.height();
    let width = r.width().min(r.height()) as f64;
    let length = r.width().max(r.height()) as f64;
    let reach = width / 2.0 + REACH_NM.max(width / 2.0);
    PLACES.iter().find_map(|share| {
        let along = share * length;
        let cut = if upright {
            CutLine::new([x - reach, y + along], [x + reach, y + along])
        } else {
            CutLine::new([x + along, y - reach], [x + along, y + reach])
        };
        (drawn_width(polygons, &cut) == Some(width)).then_some((cut, width))
    })
}

/// Width of the drawn shape, or of the space, that the middle of a cut lies in, nm; `None` where
/// it is open to one end of the cut.
pub fn drawn_width(polygons: &[Polygon], cut: &CutLine) -> Option<f64> {
    let length = cut.length_nm();
    let mut places: Vec<f64> = polygons
        .iter()
        .flat_map(Polygon::rings)
        .flat_map(edges)
        .filter_map(|edge| crossing(cut, edge))
        .collect();
    places.sort_by(f64::total_cmp);
    let after = places.iter().position(|at| *at > length / 2.0)?;
    Some(places[after] - places[after.checked_sub(1)?])
}

/// Where an edge crosses a cut, nm from the cut's start. Half-open, so that a corner counts once.
fn crossing(cut: &CutLine, (a, b): (Point, Point)) -> Option<f64> {
    let [x, y] = cut.from_nm;
    let length = cut.length_nm();
    let (ux, uy) = ((cut.to_nm[0] - x) / length, (cut.to_nm[1] - y) / length);
    let local = |p: Point| {
        let (dx, dy) = (f64::from(p.x) - x, f64::from(p.y) - y);
        (dx * ux + dy * uy, dy * ux - dx * uy)
    };
    let ((along_a, side_a), (along_b, side_b)) = (local(a), local(b));
    if (side_a > 0.0) == (side_b > 0.0) {
        return None;
    }
    let at = along_a + (along_b - along_a) * side_a / (side_a - side_b);
    (0.0..=length).contains(&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::layout::Layer;

    fn clip(rects: &[Rect]) -> Clip {
        Clip {
            name: "c".into(),
            layer: Layer::new(1, 0),
            window: Rect::new(0, 0, 1000, 1000),
            polygons: rects.iter().map(|r| Polygon::rect(*r)).collect(),
            rounding_nm: 0.0,
        }
    }

    #[test]
    fn gauges_lie_across_the_narrow_side_of_the_nearest_shapes() {
        let rects = [
            Rect::new(460, 100, 540, 900),
            Rect::new(0, 0, 300, 50),
            Rect::new(700, 100, 760, 900),
        ];
        let gauges = default_gauges(&clip(&rects), Prints::Bright);
        assert_eq!(gauges.iter().map(|g| g.target_nm).collect::<Vec<_>>(), [80.0, 60.0, 50.0]);
        assert_eq!(gauges[0].cut, CutLine::new([400.0, 500.0], [600.0, 500.0]));
        assert_eq!(gauges[2].cut.from_nm[0], gauges[2].cut.to_nm[0]);
    }

    #[test]
    fn a_gauge_keeps_clear_of_what_joins_its_bar() {
        let tee = Polygon::simple(
            [(0, 0), (900, 0), (900, 80), (490, 80), (490, 400), (410, 400), (410, 80), (0, 80)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec(),
        );
        let tee = Clip { polygons: vec![tee], ..clip(&[]) };
        let gauges = default_gauges(&tee, Prints::Bright);
        assert_eq!(gauges.len(), 1);
        assert_eq!((gauges[0].target_nm, gauges[0].cut.from_nm[0]), (80.0, 585.0));
    }

    #[test]
    fn the_drawn_width_is_that_of_the_shape_or_space_in_the_middle() {
        let shapes = clip(&[Rect::new(100, 0, 180, 500), Rect::new(250, 0, 330, 500)]).polygons;
        let width =
            |x0: f64, x1: f64| drawn_width(&shapes, &CutLine::new([x0, 200.0], [x1, 200.0]));
        assert_eq!(width(80.0, 200.0), Some(80.0));
        assert_eq!(width(140.0, 300.0), Some(70.0));
        assert_eq!(width(0.0, 150.0), None);
        let slanted = drawn_width(&shapes, &CutLine::new([100.0, 160.0], [180.0, 240.0]));
        assert!(slanted.is_none() || (slanted.unwrap() - 80.0 * 2f64.sqrt()).abs() < 1e-9);
    }
}
