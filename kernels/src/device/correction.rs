//! An OPC iteration on a device: edges of masks in, loss and its gradient by edge out, and the
//! figures of whole-nm masks. No image leaves the device.

use ndarray::ArrayView2;

use super::inner::{
    COUNT_EPE, COUNT_METRICS, PIXEL_LOSS, PRINT_BITS, PROBE_ADJOINT, PROBE_TERMS, PRODUCT, TILE,
};
use super::kernel::{Kernel, Step, Value};
use super::{
    Buffer, Compute, DeviceError, Imaging, ImagingSetup, MaskEdge, Program, download, upload,
};

/// Groups that share the counting of one clip.
const COUNT_GROUPS: usize = 64;

/// A process corner in the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossCorner {
    /// Which image it dims or brightens.
    pub set: usize,
    /// Squared dose.
    pub dose2: f32,
    /// Weight in the quadratic loss.
    pub weight: f32,
}

/// The loss grid.
#[derive(Clone, Debug)]
pub struct LossSetup<'a> {
    /// Weights that take the exact grid to the rows of the loss grid, `[N, ny]`.
    pub rows: ArrayView2<'a, f32>,
    /// The same for its columns, `[N, nx]`.
    pub columns: ArrayView2<'a, f32>,
    /// Target coverage `[ny, nx]`, clip by clip.
    pub wanted: Vec<ArrayView2<'a, f32>>,
    /// Process corners beside the nominal one.
    pub corners: Vec<LossCorner>,
    /// Whether the corners are the contest's pair, whose band is the first's print less the
    /// second's ([`crate::loss`]); else it is the largest less the least ([`crate::corner_loss`]).
    pub is_pair: bool,
    /// Area of a pixel of the loss grid.
    pub area: f32,
    /// Intensity that prints.
    pub threshold: f32,
    /// Probes, clip by clip.
    pub probes: Vec<Vec<ProbeSetup<'a>>>,
}

/// A place whose intensity the loss watches.
#[derive(Clone, Copy, Debug)]
pub struct ProbeSetup<'a> {
    /// Which image it is read from.
    pub set: usize,
    /// Whether it should print.
    pub prints: bool,
    /// Squared dose.
    pub dose2: f32,
    /// Whether it guards against a bridge or break; else it counts an EPE violation.
    pub is_guard: bool,
    /// Weights of the exact grid's rows, N of them.
    pub rows: &'a [f32],
    /// Weights of its columns.
    pub columns: &'a [f32],
}

/// How masks are judged.
#[derive(Clone, Debug)]
pub struct JudgeSetup<'a> {
    /// Weights that take the exact grid to the rows of 1 nm pixels, `[N, NY]`.
    pub rows: ArrayView2<'a, f32>,
    /// The same for columns, `[N, NX]`.
    pub columns: ArrayView2<'a, f32>,
    /// Which pixels should print, `[NY, NX]`, clip by clip.
    pub wanted: Vec<ArrayView2<'a, bool>>,
    /// Of each image: the intensities that print at its corners. The nominal corner is the first of
    /// the first.
    pub levels: Vec<Vec<f32>>,
    /// By clip: row and column of the pixel that should print, then of that which should not.
    pub gauges: Vec<Vec<[u32; 4]>>,
}

/// A correction plan's inputs.
#[derive(Clone, Debug)]
pub struct CorrectionSetup<'a> {
    /// What images are formed by.
    pub imaging: ImagingSetup<'a>,
    /// What is minimised.
    pub loss: LossSetup<'a>,
    /// What is reported.
    pub judge: JudgeSetup<'a>,
}

/// How probes count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeSettings {
    /// Steepness in intensity.
    pub steepness: f32,
    /// Intensity a probe should be clear by.
    pub margin: f32,
    /// Weight of a violation.
    pub weight: f32,
}

/// What changes from one evaluation to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossSettings {
    /// Steepness of the resist sigmoid.
    pub steepness: f32,
    /// Share of the quadratic loss.
    pub quadratic: f32,
    /// Weight of the linear PV-band term.
    pub pv_band_weight: f32,
    /// Which terms enter the gradient: image, PV band, probes.
    pub enters: [bool; 3],
    /// EPE probes.
    pub epe: ProbeSettings,
    /// Guards.
    pub guard: ProbeSettings,
}

/// The loss of one mask by term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LossTerms {
    /// Image difference, in units of area.
    pub image: f64,
    /// PV band, in units of area.
    pub pv_band: f64,
    /// What probes count.
    pub probes: f64,
}

/// The loss of one mask and its gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loss {
    /// By term.
    pub terms: LossTerms,
    /// Change of the loss for each edge moved outward by a unit of length, in the order of the edges.
    pub gradient: Vec<f32>,
}

/// The figures of one mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Pixels in which the nominal print differs from the target.
    pub l2: u64,
    /// Pixels that print at some process corner and not at all.
    pub pv_band: u64,
    /// EPE violations inside and outside.
    pub epe: [u32; 2],
}

/// A plan that corrects a batch of clips on one device.
pub struct Correction {
    imaging: Imaging,
    loss: LossPart,
    judge: JudgePart,
    evaluate: Option<Program>,
    score: Option<Program>,
    /// Numbers read back.
    gradients: Vec<f32>,
    sums: Vec<[f32; 2]>,
    terms: Vec<f32>,
}

struct LossPart {
    shape: [usize; 2],
    corners: usize,
    is_pair: bool,
    threshold: f32,
    area: f32,
    /// Probes by clip: the first's place and their number.
    probes: Vec<[usize; 2]>,
    rows: Buffer,
    columns: Buffer,
    wanted: Buffer,
    corner_words: Buffer,
    settings: Buffer,
    /// `[clip, set, ny, N]`, also `[clip, set, N, nx]` on the way back.
    half_way: Buffer,
    images: Buffer,
    gradients: Buffer,
    sums: Buffer,
    probe_words: Buffer,
    probe_rows: Buffer,
    probe_columns: Buffer,
    probe_ranges: Buffer,
    probe_settings: Buffer,
    slopes: Buffer,
    terms: Buffer,
}

struct JudgePart {
    shape: [usize; 2],
    levels: Vec<usize>,
    rows: Buffer,
    columns: Buffer,
    level_words: Buffer,
    wanted: Buffer,
    half_way: Buffer,
    bits: Buffer,
    counts: Buffer,
    gauges: Buffer,
    gauge_ranges: Buffer,
    epe: Buffer,
}

fn bad(reason: String) -> DeviceError {
    DeviceError::Input { what: "correction", reason }
}

impl LossPart {
    fn new(
        device: &dyn Compute,
        setup: &LossSetup<'_>,
        imaging: &Imaging,
    ) -> Result<Self, DeviceError> {
        let (n, clips, sets) = (imaging.grid, imaging.clips, imaging.sets);
        let (ny, nx) = (setup.rows.ncols(), setup.columns.ncols());
        let fits = setup.rows.nrows() == n && setup.columns.nrows() == n;
        let wanted = setup.wanted.iter().all(|w| w.dim() == (ny, nx));
        let corners = setup.corners.iter().all(|c| c.set < sets);
        let in_clip =
            |p: &ProbeSetup<'_>| p.set < sets && p.rows.len() == n && p.columns.len() == n;
        let probes = setup.probes.iter().flatten().all(in_clip);
        let counts = setup.wanted.len() == clips && setup.probes.len() == clips;
        if !(fits && wanted && corners && probes && counts) {
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
        let room = |what: &'static str, numbers: usize| device.allocate(what, 4 * numbers as u64);
        let flat: Vec<f32> = setup.wanted.iter().flat_map(|w| w.iter().copied()).collect();
        let groups = (ny * nx).div_ceil(PIXEL_LOSS.threads as usize);
        Ok(Self {
            shape: [ny, nx],
            corners: setup.corners.len(),
            is_pair: setup.is_pair,
            threshold: setup.threshold,
            area: setup.area,
            rows: upload(device, "loss rows", &standard(setup.rows))?,
            columns: upload(device, "loss columns", &standard(setup.columns))?,
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

    fn groups(&self) -> usize {
        (self.shape[0] * self.shape[1]).div_ceil(PIXEL_LOSS.threads as usize)
    }

    fn probe_count(&self) -> usize {
        self.probes.last().map_or(0, |[first, count]| first + count)
    }

    /// From exact images to the gradient on the exact grid.
    fn steps(&self, imaging: &Imaging) -> Vec<Step> {
        let (n, sets, clips) = (imaging.grid, imaging.sets, imaging.clips);
        let [ny, nx] = self.shape;
        let images = sets * clips;
        let mut steps = resample(
            imaging.images(),
            [&self.rows, &self.columns, &self.half_way, &self.images],
            [n, ny, nx],
            images,
        );
        let value = |name, number: usize| (name, number as u32);
        steps.push(step(
            &PIXEL_LOSS,
            vec![
                value("PIXELS", ny * nx),
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
                &self.gradients,
                &self.sums,
            ],
            [self.groups(), clips, 1],
        ));
        // [ny, nx]·[N, nx]ᵀ, then [N, ny]·[ny, N].
        steps.push(product(
            [&self.gradients, &self.columns, &self.half_way],
            [ny, n, nx],
            [false, true],
            [ny * nx, 0, ny * n],
            images,
        ));
        steps.push(product(
            [&self.rows, &self.half_way, imaging.gradients()],
            [n, n, ny],
            [false, false],
            [0, ny * n, n * n],
            images,
        ));
        let probes = self.probe_count();
        if probes > 0 {
            let values = vec![value("N", n), value("PROBES", probes), value("IMAGES", images)];
            steps.push(step(
                &PROBE_TERMS,
                values.clone(),
                &[
                    imaging.images(),
                    &self.probe_words,
                    &self.probe_rows,
                    &self.probe_columns,
                    &self.probe_settings,
                    &self.slopes,
                    &self.terms,
                ],
                [probes, 1, 1],
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

impl JudgePart {
    fn new(
        device: &dyn Compute,
        setup: &JudgeSetup<'_>,
        imaging: &Imaging,
    ) -> Result<Self, DeviceError> {
        let (n, clips, sets) = (imaging.grid, imaging.clips, imaging.sets);
        let (ny, nx) = (setup.rows.ncols(), setup.columns.ncols());
        let fits = setup.rows.nrows() == n && setup.columns.nrows() == n;
        let wanted =
            setup.wanted.len() == clips && setup.wanted.iter().all(|w| w.dim() == (ny, nx));
        let images = setup.levels.len() == sets && !setup.levels[0].is_empty();
        if !(fits && wanted && images && setup.gauges.len() == clips) {
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
        let room = |what: &'static str, numbers: usize| device.allocate(what, 4 * numbers as u64);
        Ok(Self {
            shape: [ny, nx],
            levels: setup.levels.iter().map(Vec::len).collect(),
            rows: upload(device, "judged rows", &standard(setup.rows))?,
            columns: upload(device, "judged columns", &standard(setup.columns))?,
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

    fn corners(&self) -> usize {
        self.levels.iter().sum()
    }

    fn words(&self) -> usize {
        self.shape[0] * self.shape[1].div_ceil(32)
    }

    fn steps(&self, imaging: &Imaging) -> Vec<Step> {
        let (n, sets, clips) = (imaging.grid, imaging.sets, imaging.clips);
        let [ny, nx] = self.shape;
        let mut steps = vec![product(
            [&self.rows, imaging.images(), &self.half_way],
            [ny, n, n],
            [true, false],
            [0, n * n, ny * n],
            sets * clips,
        )];
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
                ],
                &[&self.half_way, &self.columns, &self.level_words, &self.bits],
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

impl Correction {
    /// A plan on a device.
    ///
    /// # Errors
    /// Parts that do not fit each other, or too little memory.
    pub fn new(device: &dyn Compute, setup: &CorrectionSetup<'_>) -> Result<Self, DeviceError> {
        let imaging = Imaging::new(device, &setup.imaging)?;
        let loss = LossPart::new(device, &setup.loss, &imaging)?;
        let judge = JudgePart::new(device, &setup.judge, &imaging)?;
        Ok(Self {
            sums: vec![[0.0; 2]; imaging.clips * loss.groups()],
            terms: vec![0.0; loss.probe_count()],
            gradients: Vec::new(),
            imaging,
            loss,
            judge,
            evaluate: None,
            score: None,
        })
    }

    /// Images and edges of the plan.
    pub fn imaging(&self) -> &Imaging {
        &self.imaging
    }

    /// From edges to the loss and back to them.
    pub fn evaluation_steps(&self) -> Vec<Step> {
        let imaging = &self.imaging;
        [imaging.forward_steps(), self.loss.steps(imaging), imaging.adjoint_steps()].concat()
    }

    /// From edges to figures.
    pub fn judging_steps(&self) -> Vec<Step> {
        [self.imaging.forward_steps(), self.judge.steps(&self.imaging)].concat()
    }

    /// The loss of a batch of masks given by all their edges, and its gradient by edge.
    ///
    /// # Errors
    /// Another number of clips than the plan has, or a device that fails.
    pub fn evaluate(
        &mut self,
        device: &dyn Compute,
        masks: &[&[MaskEdge]],
        settings: &LossSettings,
    ) -> Result<Vec<Loss>, DeviceError> {
        self.hand_in(device, masks)?;
        self.write_settings(device, settings)?;
        let program = match self.evaluate.take() {
            Some(program) => program,
            None => device.record(&self.evaluation_steps())?,
        };
        device.run(&program)?;
        self.evaluate = Some(program);
        self.gradients.resize(self.imaging.capacity, 0.0);
        device.read(&mut [
            (self.imaging.edge_gradients(), bytemuck::cast_slice_mut(&mut self.gradients)),
            (&self.loss.sums, bytemuck::cast_slice_mut(&mut self.sums)),
            (&self.loss.terms, bytemuck::cast_slice_mut(&mut self.terms)),
        ])?;
        let area = f64::from(self.loss.area);
        let groups = self.loss.groups().max(1);
        let clips = self.sums.chunks(groups).zip(&self.loss.probes).enumerate();
        Ok(clips
            .map(|(clip, (sums, [first, count]))| {
                let total = |i: usize| sums.iter().map(|s| f64::from(s[i])).sum::<f64>() * area;
                let terms = &self.terms[*first..first + count];
                let terms = LossTerms {
                    image: total(0),
                    pv_band: total(1),
                    probes: terms.iter().map(|t| f64::from(*t)).sum(),
                };
                let mut gradient = Vec::new();
                self.imaging.sorted(clip, &self.gradients, &mut gradient);
                Loss { terms, gradient }
            })
            .collect())
    }

    /// The figures of a batch of masks given by their edges.
    ///
    /// # Errors
    /// As [`Correction::evaluate`].
    pub fn judge(
        &mut self,
        device: &dyn Compute,
        masks: &[&[MaskEdge]],
    ) -> Result<Vec<Judged>, DeviceError> {
        self.hand_in(device, masks)?;
        let program = match self.score.take() {
            Some(program) => program,
            None => device.record(&self.judging_steps())?,
        };
        device.run(&program)?;
        self.score = Some(program);
        let clips = self.imaging.clips;
        let mut counts = vec![[0_u32; 2]; clips * COUNT_GROUPS];
        let mut epe = vec![[0_u32; 2]; clips];
        device.read(&mut [
            (&self.judge.counts, bytemuck::cast_slice_mut(&mut counts)),
            (&self.judge.epe, bytemuck::cast_slice_mut(&mut epe)),
        ])?;
        let total = |sums: &[[u32; 2]], i: usize| sums.iter().map(|s| u64::from(s[i])).sum();
        let figures = counts.chunks(COUNT_GROUPS).zip(epe);
        Ok(figures
            .map(|(sums, epe)| Judged { l2: total(sums, 0), pv_band: total(sums, 1), epe })
            .collect())
    }

    /// What the masks judged last print, `[clip, corner, NY, words]` with 32 pixels to a word from
    /// the left: corners in the order of [`JudgeSetup::levels`].
    ///
    /// # Errors
    /// A device that fails.
    pub fn prints(&self, device: &dyn Compute) -> Result<Vec<u32>, DeviceError> {
        let mut bits = vec![0; self.imaging.clips * self.judge.corners() * self.judge.words()];
        download(device, &self.judge.bits, &mut bits)?;
        Ok(bits)
    }

    fn hand_in(&mut self, device: &dyn Compute, masks: &[&[MaskEdge]]) -> Result<(), DeviceError> {
        if self.imaging.set_edges(device, masks)? {
            (self.evaluate, self.score) = (None, None);
        }
        Ok(())
    }

    fn write_settings(
        &self,
        device: &dyn Compute,
        settings: &LossSettings,
    ) -> Result<(), DeviceError> {
        let LossSettings { epe, guard, .. } = settings;
        let enters = settings.enters.map(|enters| f32::from(u8::from(enters)));
        let loss = [
            settings.steepness,
            self.loss.threshold,
            settings.quadratic,
            settings.pv_band_weight,
            enters[0],
            enters[1],
            self.loss.area,
        ];
        let probes = [
            self.loss.threshold,
            epe.steepness,
            epe.margin,
            epe.weight,
            guard.steepness,
            guard.margin,
            guard.weight,
            enters[2],
        ];
        device.write(&self.loss.settings, 0, bytemuck::cast_slice(&loss))?;
        device.write(&self.loss.probe_settings, 0, bytemuck::cast_slice(&probes))
    }
}

/// Exact images to a finer or coarser grid: rowsᵀ·I·columns.
fn resample(
    images: &Buffer,
    [rows, columns, half_way, out]: [&Buffer; 4],
    [n, ny, nx]: [usize; 3],
    batch: usize,
) -> Vec<Step> {
    let down = [0, n * n, ny * n];
    let across = [ny * n, 0, ny * nx];
    vec![
        product([rows, images, half_way], [ny, n, n], [true, false], down, batch),
        product([half_way, columns, out], [ny, nx, n], [false, false], across, batch),
    ]
}

/// C = op(A)·op(B): `[rows, columns, inner]`, which of A and B are turned, and strides.
fn product(
    buffers: [&Buffer; 3],
    [rows, columns, inner]: [usize; 3],
    [turn_a, turn_b]: [bool; 2],
    strides: [usize; 3],
    batch: usize,
) -> Step {
    let value = |name, number: usize| (name, number as u32);
    let values = vec![
        value("ROWS", rows),
        value("COLUMNS", columns),
        value("INNER", inner),
        value("TURN_A", usize::from(turn_a)),
        value("TURN_B", usize::from(turn_b)),
        value("STRIDE_A", strides[0]),
        value("STRIDE_B", strides[1]),
        value("STRIDE_C", strides[2]),
        value("BATCH", batch),
    ];
    let tiles = |length: usize| length.div_ceil(TILE as usize);
    step(&PRODUCT, values, &buffers, [tiles(columns), tiles(rows), batch])
}

fn step(
    kernel: &'static Kernel,
    values: Vec<Value>,
    buffers: &[&Buffer],
    groups: [usize; 3],
) -> Step {
    Step {
        kernel,
        values,
        buffers: buffers.iter().map(|b| (*b).clone()).collect(),
        groups: groups.map(|count| count as u32),
    }
}

/// The numbers of a matrix row by row.
fn standard(matrix: ArrayView2<'_, f32>) -> Vec<f32> {
    matrix.iter().copied().collect()
}
