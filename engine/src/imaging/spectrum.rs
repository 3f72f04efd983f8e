//! The low bins of a mask's transmittance on a periodic field.

use num_complex::Complex32;

use lithoscope_kernels::cells::CellPlan;
use lithoscope_kernels::spectrum::{Edge, SpectrumPlan};

use super::{MaskTone, SpectrumForm, Transmittance};
use crate::geometry::{Polygon, Rect};

/// Turns shapes in clip nm into the bins of a mask.
///
/// A mask of shapes S on a background b is M = b + Σ (t − b)·S; its share of light let through is
/// the same sum with intensities.
#[derive(Clone)]
pub(super) struct MaskSpectrum {
    pub plan: SpectrumPlan,
    field: Rect,
    half: usize,
    /// Bins of the shapes of one layer.
    shape: Vec<Complex32>,
    /// Bins of the mask, `[2K+1 (n), 2K+1 (m)]`.
    pub bins: Vec<Complex32>,
    /// Mean of |M|² over the field.
    pub mean_transmission: f64,
}

impl MaskSpectrum {
    /// `field`: the period in clip nm; `period` its exact side, nm.
    pub fn new(field: Rect, period: f64, half: usize, form: SpectrumForm) -> Self {
        let bins = vec![Complex32::default(); (2 * half + 1) * (2 * half + 1)];
        Self {
            plan: SpectrumPlan::new(period, half, form.pixel_nm()),
            field,
            half,
            shape: bins.clone(),
            bins,
            mean_transmission: 0.0,
        }
    }

    /// A mask of one kind of feature.
    pub fn set_polygons(&mut self, mask: &[Polygon], tone: &MaskTone) {
        self.start(tone.background);
        self.plan.clear();
        self.add_polygons(mask);
        self.add_layer(tone.feature, tone.background);
    }

    /// A mask of Manhattan features given by their edges parallel to y.
    pub fn set_vertical_edges(&mut self, edges: impl IntoIterator<Item = Edge>, tone: &MaskTone) {
        let origin = self.field.min;
        self.start(tone.background);
        self.plan.clear();
        self.plan.add_vertical(edges.into_iter().map(|e| to_field(e, origin.x, origin.y)));
        self.add_layer(tone.feature, tone.background);
    }

    /// A mask of square cells that are features to these shares.
    pub fn set_cells(&mut self, plan: &mut CellPlan, cells: &[f32], tone: &MaskTone) {
        self.start(tone.background);
        plan.forward(cells, &mut self.shape);
        self.add_shape(tone.feature, tone.background);
    }

    /// A mask of rings in field coordinates.
    pub fn set_rings(&mut self, rings: &[Vec<[f64; 2]>], tone: &MaskTone) {
        self.start(tone.background);
        self.plan.clear();
        for ring in rings {
            self.plan.add_ring(ring);
        }
        self.add_layer(tone.feature, tone.background);
    }

    /// A mask of layers of any transmittance.
    pub fn set_layers(
        &mut self,
        layers: &[(Transmittance, &[Polygon])],
        background: Transmittance,
    ) {
        self.start(background);
        for (transmittance, polygons) in layers {
            self.plan.clear();
            self.add_polygons(polygons);
            self.add_layer(*transmittance, background);
        }
    }

    /// What moving every edge of a mask of rings outward by 1 nm adds to it, in first order: bins
    /// of M and the mean of |M|². Edges on the border of the field stay.
    pub fn boundary(&mut self, rings: &[Vec<[f64; 2]>], tone: &MaskTone) -> (Vec<Complex32>, f64) {
        self.plan.clear();
        for ring in rings {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                if !self.on_border(*a, *b) {
                    self.plan.add_edge_move(*a, *b);
                }
            }
        }
        self.plan.write(&mut self.shape);
        let change = tone.feature.amplitude() - tone.background.amplitude();
        let light = tone.feature.transmission - tone.background.transmission;
        let mean = light * f64::from(self.shape[self.zero_bin()].re);
        (self.shape.iter().map(|s| s * change).collect(), mean)
    }

    /// Whether an edge lies on the border of the field: there the mask goes on in the next period,
    /// and it is no edge.
    pub fn on_border(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        let sides = [self.field.width() as f64, self.field.height() as f64];
        (0..2).any(|c| a[c] == b[c] && (a[c] == 0.0 || a[c] == sides[c]))
    }

    /// The rings of polygons in field coordinates.
    pub fn rings(&self, mask: &[Polygon]) -> Vec<Vec<[f64; 2]>> {
        let origin = self.field.min;
        let local = |p: &crate::geometry::Point| {
            [f64::from(p.x) - f64::from(origin.x), f64::from(p.y) - f64::from(origin.y)]
        };
        let rings = mask.iter().flat_map(Polygon::rings);
        rings.map(|ring| ring.iter().map(local).collect()).collect()
    }

    fn start(&mut self, background: Transmittance) {
        self.bins.fill(Complex32::default());
        let zero = self.zero_bin();
        self.bins[zero] = background.amplitude();
        self.mean_transmission = background.transmission;
    }

    fn zero_bin(&self) -> usize {
        2 * self.half * (self.half + 1)
    }

    fn add_polygons(&mut self, mask: &[Polygon]) {
        for polygon in mask {
            let manhattan = polygon.is_manhattan();
            for ring in self.rings(std::slice::from_ref(polygon)) {
                if manhattan {
                    self.plan.add_vertical(vertical_edges(&ring));
                } else {
                    self.plan.add_ring(&ring);
                }
            }
        }
    }

    /// Adds the shapes in the plan.
    fn add_layer(&mut self, feature: Transmittance, background: Transmittance) {
        self.plan.write(&mut self.shape);
        self.add_shape(feature, background);
    }

    /// Adds a layer's bins. Clear features on an opaque mask need no arithmetic.
    fn add_shape(&mut self, feature: Transmittance, background: Transmittance) {
        let change = feature.amplitude() - background.amplitude();
        for (bin, shape) in self.bins.iter_mut().zip(&self.shape) {
            *bin += if change == Complex32::new(1.0, 0.0) { *shape } else { shape * change };
        }
        let share = f64::from(self.shape[self.zero_bin()].re);
        self.mean_transmission += (feature.transmission - background.transmission) * share;
    }
}

/// What flare makes of an image: I·scale + offset, the light scattered being that of the whole
/// mask, spread evenly. `None` for a lens without flare.
pub(super) fn scattered(flare: f64, mean_transmission: f64) -> Option<(f32, f32)> {
    (flare > 0.0).then_some(((1.0 - flare) as f32, (flare * mean_transmission) as f32))
}

/// An edge in field coordinates.
pub(super) fn to_field(edge: Edge, at0: i32, along0: i32) -> Edge {
    let (at0, along0) = (f64::from(at0), f64::from(along0));
    Edge { at: edge.at - at0, from: edge.from - along0, to: edge.to - along0 }
}

/// The edges parallel to y of a Manhattan ring.
pub(super) fn vertical_edges(ring: &[[f64; 2]]) -> impl Iterator<Item = Edge> + '_ {
    ring.iter().enumerate().filter_map(move |(i, a)| {
        let b = ring[(i + 1) % ring.len()];
        (a[0] == b[0] && a[1] != b[1]).then_some(Edge { at: a[0], from: a[1], to: b[1] })
    })
}
