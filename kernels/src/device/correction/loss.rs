//! The loss on its grid and at probes, and its gradient on the exact grid.

use super::setup::{LossSetup, ProbeSetup};
use super::steps::{Member, Sampling, append_padded, bad, product, resample, step};
use crate::device::inner::{PIXEL_LOSS, PROBE_ADJOINT, PROBE_TERMS};
use crate::device::kernel::{GROUP_ROW, Step, in_rows};
use crate::device::{Buffer, Compute, DeviceError, Imaging, room, upload};

/// Memory and sizes of the loss.
pub(super) struct LossPart {
    pub(super) sampling: Sampling,
    pub(super) corners: usize,
    pub(super) is_pair: bool,
    pub(super) threshold: f32,
    pub(super) area: f32,
    /// Probes by clip: the first's place and their number.
    pub(super) probes: Vec<[usize; 2]>,
    pub(super) wanted: Buffer,
    pub(super) corner_words: Buffer,
    /// Pixels and columns of each clip's own grid.
    pub(super) shapes: Buffer,
    pub(super) settings: Buffer,
    /// `[clip, set, ny, N]`, also `[clip, set, N, nx]` on the way back.
    pub(super) half_way: Buffer,
    pub(super) images: Buffer,
    pub(super) gradients: Buffer,
    pub(super) sums: Buffer,
    pub(super) probe_words: Buffer,
    pub(super) probe_rows: Buffer,
    pub(super) probe_columns: Buffer,
    pub(super) probe_ranges: Buffer,
    pub(super) probe_settings: Buffer,
    pub(super) slopes: Buffer,
    pub(super) terms: Buffer,
}

impl LossPart {
    pub(super) fn new(
        device: &dyn Compute,
        setup: &LossSetup<'_>,
        imaging: &Imaging,
    ) -> Result<Self, DeviceError> {
        let (n, clips, sets) = (imaging.grid, imaging.clips, imaging.sets);
        let names = ["loss rows", "loss columns"];
        let sampling = Sampling::new(device, names, &setup.grids, n, clips)?;
        let [ny, nx] = sampling.shape;
        let wanted =
            setup.wanted.iter().zip(&sampling.own).all(|(w, own)| w.shape() == own.as_slice());
        let corners = setup.corners.iter().all(|c| c.set < sets);
        let in_clip =
            |p: &ProbeSetup<'_>| p.set < sets && p.rows.len() == n && p.columns.len() == n;
        let probes = setup.probes.iter().flatten().all(in_clip);
        let counts = setup.wanted.len() == clips && setup.probes.len() == clips;
        if !(wanted && corners && probes && counts) {
            return Err(bad(format!("loss of {ny} x {nx} pixels does not fit {clips} clips")));
        }
        let (mut words, mut rows, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ranges, mut by_clip) = (Vec::new(), Vec::new());
        for (clip, probes) in setup.probes.iter().enumerate() {
            let first = words.len();
            for set in 0..sets {
                let before = words.len();
                for probe in probes.iter().filter(|probe| probe.set == set) {
                    let side = if probe.prints { 1.0_f32 } else { -1.0 };
                    words.push([
                        (clip * sets + set) as u32,
                        side.to_bits(),
                        probe.dose2.to_bits(),
                        u32::from(probe.is_guard),
                    ]);
                    rows.extend_from_slice(probe.rows);
                    columns.extend_from_slice(probe.columns);
                }
                ranges.push([before as u32, (words.len() - before) as u32]);
            }
            by_clip.push([first, words.len() - first]);
        }
        let corner_words: Vec<[u32; 4]> = setup
            .corners
            .iter()
            .map(|c| [c.set as u32, c.dose2.to_bits(), c.weight.to_bits(), 0])
            .collect();
        let room = |what: &'static str, numbers: usize| room(device, what, numbers);
        let mut flat = Vec::with_capacity(clips * ny * nx);
        for wanted in &setup.wanted {
            append_padded(*wanted, [ny, nx], &mut flat);
        }
        let shape = |own: &[usize; 2]| [(own[0] * own[1]) as u32, own[1] as u32];
        let shapes: Vec<[u32; 2]> = sampling.own.iter().map(shape).collect();
        let groups = (ny * nx).div_ceil(PIXEL_LOSS.threads as usize);
        Ok(Self {
            sampling,
            corners: setup.corners.len(),
            is_pair: setup.is_pair,
            threshold: setup.threshold,
            area: setup.area,
            shapes: upload(device, "shapes of loss grids", &shapes)?,
            wanted: upload(device, "loss target", &flat)?,
            corner_words: upload(device, "corners", &corner_words)?,
            settings: room("loss settings", 8)?,
            half_way: room("half-way images", clips * sets * n * ny.max(nx))?,
            images: room("loss images", clips * sets * ny * nx)?,
            gradients: room("loss gradients", clips * sets * ny * nx)?,
            sums: room("loss sums", 2 * clips * groups)?,
            slopes: room("probe slopes", words.len())?,
            terms: room("probe terms", words.len())?,
            probe_words: upload(device, "probes", &words)?,
            probe_rows: upload(device, "probe rows", &rows)?,
            probe_columns: upload(device, "probe columns", &columns)?,
            probe_ranges: upload(device, "probe ranges", &ranges)?,
            probe_settings: room("probe settings", 8)?,
            probes: by_clip,
        })
    }

    pub(super) fn groups(&self) -> usize {
        let [ny, nx] = self.sampling.shape;
        (ny * nx).div_ceil(PIXEL_LOSS.threads as usize)
    }

    pub(super) fn probe_count(&self) -> usize {
        self.probes.last().map_or(0, |[first, count]| first + count)
    }

    /// From exact images to the gradient on the exact grid.
    pub(super) fn steps(&self, imaging: &Imaging) -> Vec<Step> {
        let (n, sets, clips) = (imaging.grid, imaging.sets, imaging.clips);
        let [ny, nx] = self.sampling.shape;
        let images = sets * clips;
        let to = [&self.half_way, &self.images];
        let mut steps = resample(imaging.images(), &self.sampling, to, n, [sets, clips]);
        let value = |name, number: usize| (name, number as u32);
        steps.push(step(
            &PIXEL_LOSS,
            vec![
                value("PIXELS", ny * nx),
                value("NX", nx),
                value("SETS", sets),
                value("CLIPS", clips),
                value("CORNERS", self.corners),
                value("PAIR", usize::from(self.is_pair)),
                value("GROUPS", self.groups()),
            ],
            &[
                &self.images,
                &self.wanted,
                &self.settings,
                &self.corner_words,
                &self.shapes,
                &self.gradients,
                &self.sums,
            ],
            [self.groups(), clips, 1],
        ));
        // [ny, nx]·[N, nx]ᵀ, then [N, ny]·[ny, N].
        let half = Member::own(&self.half_way, ny * n);
        let from = [Member::own(&self.gradients, ny * nx), self.sampling.columns(sets)];
        steps.push(product(from, half, [ny, n, nx], [false, true], images));
        let from = [self.sampling.rows(sets), half];
        let to = Member::own(imaging.gradients(), n * n);
        steps.push(product(from, to, [n, n, ny], [false, false], images));
        let probes = self.probe_count();
        if probes > 0 {
            let values = vec![value("N", n), value("PROBES", probes), value("IMAGES", images)];
            let with_row = [values.clone(), vec![value("ROW", GROUP_ROW)]].concat();
            steps.push(step(
                &PROBE_TERMS,
                with_row,
                &[
                    imaging.images(),
                    &self.probe_words,
                    &self.probe_rows,
                    &self.probe_columns,
                    &self.probe_settings,
                    &self.slopes,
                    &self.terms,
                ],
                in_rows(probes),
            ));
            steps.push(step(
                &PROBE_ADJOINT,
                values,
                &[
                    &self.slopes,
                    &self.probe_rows,
                    &self.probe_columns,
                    &self.probe_ranges,
                    &self.probe_settings,
                    imaging.gradients(),
                ],
                [(n * n).div_ceil(PROBE_ADJOINT.threads as usize), images, 1],
            ));
        }
        steps
    }
}
