//! Shapes that may become smaller than the rule about areas allows.

use super::fragment::{Axis, FragmentedTarget};
use super::plan::Plan;
use super::standing::TOLERANCE;

/// A shape with its least area.
#[derive(Clone, Debug)]
pub(super) struct Area {
    /// Its edges that run along y, as indices into the plan's edges.
    edges: Vec<u32>,
    /// The fragments that move it.
    pub places: Vec<u32>,
    /// Least area, nm²: the rule's, or that of a main feature that is drawn smaller.
    pub least: f64,
}

impl Area {
    /// The shapes of a plan whose area may fall below `least` nm², in the order of their polygons.
    pub fn all(plan: &Plan, target: &FragmentedTarget, least: f64) -> Vec<Self> {
        if least <= 0.0 {
            return Vec::new();
        }
        let polygons = target.fragments.iter().map(|f| f.polygon + 1).max().unwrap_or(0);
        let none = Self { edges: Vec::new(), places: Vec::new(), least };
        let mut areas = vec![none; polygons];
        for (i, edge) in plan.edges.iter().enumerate() {
            let area = &mut areas[edge.polygon as usize];
            if edge.axis == Axis::Vertical {
                area.edges.push(i as u32);
            }
            if edge.outward != 0 {
                area.places.push(edge.at);
            }
        }
        areas.retain_mut(|area| {
            let drawn = area.of(plan, &plan.base);
            let shrink: f64 = area.places.iter().map(|&k| length(plan, &plan.base, k)).sum();
            let reach = area.places.iter().map(|&k| plan.reach_of(k as usize)).fold(0.0, f64::max);
            if area.places.iter().all(|&k| !plan.is_assist(k as usize)) {
                area.least = least.min(drawn);
            }
            // Moved corners take away or add a square of the reach each, two sides share one.
            let corners = area.places.len() as f64 * reach * reach;
            drawn - shrink * reach - corners < least
        });
        areas
    }

    /// Its area as it stands, nm²: the sum of x dy along its rings.
    pub fn of(&self, plan: &Plan, places: &[f64]) -> f64 {
        let edges = self.edges.iter().map(|&i| &plan.edges[i as usize]);
        let at = |k: u32| places[k as usize];
        edges.map(|e| at(e.at) * (at(e.to) - at(e.from))).sum()
    }

    /// What it lacks, nm²; `None` where it keeps the rule.
    pub fn lack(&self, plan: &Plan, places: &[f64]) -> Option<f64> {
        let lack = self.least - self.of(plan, places);
        // A thousandth of a nm of a usual shape's outline.
        (lack > TOLERANCE).then_some(lack)
    }

    /// Length of its outline, nm.
    pub fn outline(&self, plan: &Plan, places: &[f64]) -> f64 {
        self.places.iter().map(|&k| length(plan, places, k)).sum()
    }
}

fn length(plan: &Plan, places: &[f64], fragment: u32) -> f64 {
    let edge = &plan.edges[fragment as usize];
    (places[edge.to as usize] - places[edge.from as usize]).abs()
}
