//! What masks print at 1 nm, and their figures.

use super::setup::JudgeSetup;
use super::steps::{Member, Sampling, bad, product, step};
use crate::device::inner::{COUNT_EPE, COUNT_METRICS, PRINT_BITS, TILE};
use crate::device::kernel::Step;
use crate::device::{Buffer, Compute, DeviceError, Imaging, room, upload};

/// Groups that share the counting of one clip.
pub(super) const COUNT_GROUPS: usize = 64;

/// Memory and sizes of judging.
pub(super) struct JudgePart {
    pub(super) sampling: Sampling,
    pub(super) levels: Vec<usize>,
    pub(super) level_words: Buffer,
    pub(super) wanted: Buffer,
    pub(super) half_way: Buffer,
    pub(super) bits: Buffer,
    pub(super) counts: Buffer,
    pub(super) gauges: Buffer,
    pub(super) gauge_ranges: Buffer,
    pub(super) epe: Buffer,
}

impl JudgePart {
    pub(super) fn new(
        device: &dyn Compute,
        setup: &JudgeSetup<'_>,
        imaging: &Imaging,
    ) -> Result<Self, DeviceError> {
        let (n, clips, sets) = (imaging.grid, imaging.clips, imaging.sets);
        let names = ["judged rows", "judged columns"];
        let sampling = Sampling::new(device, names, &setup.grids, n, clips)?;
        let [ny, nx] = sampling.shape;
        let wanted = setup.wanted.len() == clips
            && setup.wanted.iter().zip(&sampling.own).all(|(w, own)| w.shape() == own.as_slice());
        let images = setup.levels.len() == sets && !setup.levels[0].is_empty();
        if !(wanted && images && setup.gauges.len() == clips) {
            return Err(bad(format!("{ny} x {nx} judged pixels do not fit {clips} clips")));
        }
        let words = nx.div_ceil(32);
        let mut bits = vec![0_u32; clips * ny * words];
        for (clip, wanted) in setup.wanted.iter().enumerate() {
            for ((y, x), _) in wanted.indexed_iter().filter(|(_, prints)| **prints) {
                bits[(clip * ny + y) * words + x / 32] |= 1 << (x % 32);
            }
        }
        let levels: Vec<f32> = setup.levels.iter().flatten().copied().collect();
        let gauges: Vec<[u32; 4]> = setup.gauges.iter().flatten().copied().collect();
        let mut first = 0;
        let ranges: Vec<[u32; 2]> = setup
            .gauges
            .iter()
            .map(|own| {
                let range = [first, own.len() as u32];
                first += own.len() as u32;
                range
            })
            .collect();
        let room = |what: &'static str, numbers: usize| room(device, what, numbers);
        Ok(Self {
            sampling,
            levels: setup.levels.iter().map(Vec::len).collect(),
            level_words: upload(device, "printing levels", &levels)?,
            wanted: upload(device, "judged target", &bits)?,
            half_way: room("half-way judged images", clips * sets * ny * n)?,
            bits: room("prints", clips * levels.len() * ny * words)?,
            counts: room("counts", 2 * clips * COUNT_GROUPS)?,
            gauges: upload(device, "gauges", &gauges)?,
            gauge_ranges: upload(device, "gauge ranges", &ranges)?,
            epe: room("EPE counts", 2 * clips)?,
        })
    }

    pub(super) fn corners(&self) -> usize {
        self.levels.iter().sum()
    }

    pub(super) fn words(&self) -> usize {
        let [ny, nx] = self.sampling.shape;
        ny * nx.div_ceil(32)
    }

    /// What each clip prints on its own pixels, of what all print.
    pub(super) fn cropped(&self, bits: &[u32]) -> Vec<Vec<u32>> {
        let row = self.sampling.shape[1].div_ceil(32).max(1);
        let clips = bits.chunks((self.corners() * self.words()).max(1)).zip(&self.sampling.own);
        let own = clips.map(|(bits, [ny, nx])| {
            let planes = bits.chunks(self.words().max(1)).map(|plane| plane.chunks(row).take(*ny));
            planes.flatten().flat_map(|row| &row[..nx.div_ceil(32)]).copied().collect()
        });
        own.collect()
    }

    pub(super) fn steps(&self, imaging: &Imaging) -> Vec<Step> {
        let (n, sets, clips) = (imaging.grid, imaging.sets, imaging.clips);
        let [ny, nx] = self.sampling.shape;
        let from = [self.sampling.rows(sets), Member::own(imaging.images(), n * n)];
        let to = Member::own(&self.half_way, ny * n);
        let mut steps = vec![product(from, to, [ny, n, n], [true, false], sets * clips)];
        let value = |name, number: usize| (name, number as u32);
        let tiles = |length: usize| length.div_ceil(TILE as usize);
        let mut first = 0;
        for (set, levels) in self.levels.iter().enumerate().filter(|(_, levels)| **levels > 0) {
            steps.push(step(
                &PRINT_BITS,
                vec![
                    value("NY", ny),
                    value("NX", nx),
                    value("N", n),
                    value("CLIPS", clips),
                    value("SETS", sets),
                    value("SET", set),
                    value("CORNERS", self.corners()),
                    value("FIRST", first),
                    value("LEVELS", *levels),
                    value("STRIDE", self.sampling.strides[1]),
                ],
                &[&self.half_way, &self.sampling.columns, &self.level_words, &self.bits],
                [tiles(nx), tiles(ny), clips],
            ));
            first += levels;
        }
        steps.push(step(
            &COUNT_METRICS,
            vec![
                value("WORDS", self.words()),
                value("CORNERS", self.corners()),
                value("CLIPS", clips),
                value("GROUPS", COUNT_GROUPS),
            ],
            &[&self.bits, &self.wanted, &self.counts],
            [COUNT_GROUPS, clips, 1],
        ));
        steps.push(step(
            &COUNT_EPE,
            vec![
                value("NY", ny),
                value("NX", nx),
                value("CORNERS", self.corners()),
                value("CLIPS", clips),
            ],
            &[&self.bits, &self.gauges, &self.gauge_ranges, &self.epe],
            [clips, 1, 1],
        ));
        steps
    }
}
