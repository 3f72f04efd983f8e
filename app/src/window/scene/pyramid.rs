//! Tiles over a layout: one over all of it, four over that, and so on, as maps on the web have them.

use lithoscope_engine::layout::Bounds;

use super::density::SIDE;

/// Levels below the top one; more than any screen can tell apart.
const MOST_LEVELS: i32 = 40;

/// The tiles over a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pyramid {
    /// Lower left corner of all, database units.
    origin: [f64; 2],
    /// Level of the one tile over everything. Texels of level n are 2ⁿ database units long.
    top: i32,
}

/// One tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its level.
    pub level: i32,
    /// Column and row among the tiles of its level, from the lower left.
    pub at: [i64; 2],
}

impl Pyramid {
    /// The tiles over a box.
    pub fn over(area: &Bounds) -> Self {
        let size = (area.max[0] - area.min[0]).max(area.max[1] - area.min[1]).max(1.0);
        // A little more than the size: closed boxes end on their border.
        Self { origin: area.min, top: (size * 1.001 / SIDE as f64).log2().ceil() as i32 }
    }

    /// The tile over everything.
    pub fn root(&self) -> Place {
        Place { level: self.top, at: [0, 0] }
    }

    /// The level whose texels are closest to this many database units.
    pub fn level_near(&self, length: f64) -> i32 {
        (length.log2().round() as i32).clamp(self.top - MOST_LEVELS, self.top)
    }

    /// Length of a texel, database units.
    pub fn texel(level: i32) -> f64 {
        2.0_f64.powi(level)
    }

    /// What a tile covers, database units.
    pub fn bounds(&self, place: Place) -> Bounds {
        let size = Self::texel(place.level) * SIDE as f64;
        let low = [0, 1].map(|k| self.origin[k] + place.at[k] as f64 * size);
        Bounds { min: low, max: low.map(|v| v + size) }
    }

    /// The tiles of a level that touch a window, nearest to its middle first.
    pub fn visible(&self, level: i32, window: &Bounds) -> Vec<Place> {
        let size = Self::texel(level) * SIDE as f64;
        let last = (1i64 << (self.top - level).clamp(0, MOST_LEVELS)) - 1;
        let index = |v: f64, k: usize| ((v - self.origin[k]) / size).floor();
        let range = |k: usize| {
            let (low, high) = (index(window.min[k], k), index(window.max[k], k));
            let none = high < 0.0 || low > last as f64;
            if none { 0..0 } else { (low.max(0.0) as i64)..(high as i64).min(last) + 1 }
        };
        let mut places: Vec<Place> =
            range(1).flat_map(|y| range(0).map(move |x| Place { level, at: [x, y] })).collect();
        let middle = [0, 1].map(|k| f64::midpoint(window.min[k], window.max[k]));
        let away = |place: &Place| {
            let bounds = self.bounds(*place);
            let d = [0, 1].map(|k| f64::midpoint(bounds.min[k], bounds.max[k]) - middle[k]);
            d[0].hypot(d[1])
        };
        places.sort_by(|a, b| away(a).total_cmp(&away(b)));
        places
    }

    /// The tiles that hold a tile, the smallest first, each with the lower left corner and the
    /// length of the part in question, texels.
    pub fn above(&self, place: Place) -> impl Iterator<Item = (Place, [f32; 2], f32)> + use<> {
        (1..=self.top - place.level).map(move |up| {
            let above = Place { level: place.level + up, at: place.at.map(|v| v >> up) };
            let span = SIDE as f64 / 2.0_f64.powi(up);
            let part = [0, 1].map(|k| (((place.at[k] - (above.at[k] << up)) as f64) * span) as f32);
            (above, part, span as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Bounds = Bounds { min: [-100.0, 50.0], max: [9_900.0, 4_050.0] };

    #[test]
    fn one_tile_holds_everything_and_half_of_it_does_not() {
        let pyramid = Pyramid::over(&AREA);
        let root = pyramid.bounds(pyramid.root());
        assert!(root.max[0] >= AREA.max[0] && root.max[1] >= AREA.max[1]);
        assert!(root.max[0] - root.min[0] < 2.0 * 10_000.0 * 1.01);
        assert_eq!(pyramid.visible(pyramid.root().level, &AREA), [pyramid.root()]);
    }

    #[test]
    fn tiles_of_a_level_cover_the_window_without_overlap() {
        let pyramid = Pyramid::over(&AREA);
        let window = Bounds { min: [1_000.0, 1_000.0], max: [3_000.0, 1_700.0] };
        let places = pyramid.visible(0, &window);
        let area: f64 = places
            .iter()
            .map(|&p| pyramid.bounds(p))
            .map(|b| {
                let part = |k: usize| b.max[k].min(window.max[k]) - b.min[k].max(window.min[k]);
                part(0) * part(1)
            })
            .sum();
        assert!((area - 2_000.0 * 700.0).abs() < 1e-6, "{area}");
    }

    #[test]
    fn the_part_of_a_tile_above_is_where_the_tile_is() {
        let pyramid = Pyramid::over(&AREA);
        let place = Place { level: 1, at: [5, 3] };
        for (above, part, span) in pyramid.above(place) {
            let (whole, tile) = (pyramid.bounds(above), pyramid.bounds(place));
            let texel = Pyramid::texel(above.level);
            for ((low, part), wanted) in whole.min.into_iter().zip(part).zip(tile.min) {
                assert!((low + f64::from(part) * texel - wanted).abs() < 1e-9);
            }
            assert!((f64::from(span) * texel - (tile.max[0] - tile.min[0])).abs() < 1e-9);
        }
    }

    #[test]
    fn views_beside_the_layout_and_far_into_it_are_harmless() {
        let pyramid = Pyramid::over(&AREA);
        let beside = Bounds { min: [1e12, 1e12], max: [2e12, 2e12] };
        assert!(pyramid.visible(3, &beside).is_empty());
        let deep = pyramid.level_near(1e-300);
        let spot = Bounds { min: [500.0, 500.0], max: [500.0, 500.0] };
        assert_eq!(pyramid.visible(deep, &spot).len(), 1);
    }
}
