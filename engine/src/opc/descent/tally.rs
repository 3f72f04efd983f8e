//! Shots of the polygons of a mask while fragments move.

use crate::geometry::Polygon;
use crate::mask::FragmentedTarget;
use crate::verify::shots;

/// Keeps count of shots, polygon by polygon.
pub(super) struct Tally<'a> {
    target: &'a FragmentedTarget,
    counts: Vec<u32>,
}

impl<'a> Tally<'a> {
    pub fn new(target: &'a FragmentedTarget, offsets: &[i16]) -> Self {
        let counts = (0..target.polygon_count)
            .map(|polygon| count(target.main_polygon(polygon, offsets).as_ref()))
            .collect();
        Self { target, counts }
    }

    /// Change of shots of a polygon with these offsets.
    pub fn change(&self, polygon: usize, offsets: &[i16]) -> i64 {
        match self.counts.get(polygon) {
            Some(&before) => {
                let now = count(self.target.main_polygon(polygon, offsets).as_ref());
                i64::from(now) - i64::from(before)
            }
            // An SRAF is one shot whatever it does.
            None => 0,
        }
    }

    /// Takes the count of a polygon anew.
    pub fn renew(&mut self, polygon: usize, offsets: &[i16]) {
        if let Some(slot) = self.counts.get_mut(polygon) {
            *slot = count(self.target.main_polygon(polygon, offsets).as_ref());
        }
    }
}

fn count(polygon: Option<&Polygon>) -> u32 {
    polygon.map_or(0, |p| shots(std::slice::from_ref(p)))
}
