//! Losses, their gradients and the figures of masks.

use std::sync::Arc;

use lithoscope_kernels::corner_loss::{WeightedCorner, corner_loss};
use lithoscope_kernels::device::{
    Compute, Correction, CorrectionSetup, GridWeights, ImagingSetup, JudgeSetup, Judged, Loss,
    LossCorner, LossSettings, LossSetup, MaskEdge, MovingMask, ProbeSettings, ProbeSetup,
};
use lithoscope_kernels::fields::FieldPlan;
use lithoscope_kernels::loss::{LossShape, pixel_loss};
use lithoscope_kernels::printed::PrintPlan;
use lithoscope_kernels::resample::{Points, Resampler, weights};
use lithoscope_kernels::sigmoid;
use lithoscope_kernels::spectrum::{HalfSpectrum, SpectrumPlan};
use ndarray::{Array2, Array3, s};
use num_complex::Complex32;

use super::twins::compare;
use super::{HALF, PERIOD, WIDTH, devices, edges, kernels, masks, still};

const GRID: usize = 24;
const LOSS: [usize; 2] = [50, 44];
const JUDGED: [usize; 2] = [130, 150];
const THRESHOLD: f32 = 0.21;
const OUTER: f32 = 1.0404;
const INNER: f32 = 0.9604;
/// Judged pixels of a printed contour that rounding may decide.
const UNDECIDED: u64 = 2;

const SETTINGS: LossSettings = LossSettings {
    steepness: 40.0,
    quadratic: 0.3,
    pv_band_weight: 0.2,
    enters: [true; 3],
    epe: ProbeSettings { steepness: 150.0, margin: 0.004, weight: 13.0 },
    guard: ProbeSettings { steepness: 60.0, margin: 0.008, weight: 2.0 },
};

/// Everything a plan is made of, owned.
struct Bench {
    sets: Vec<(Array3<Complex32>, Vec<f32>)>,
    loss_at: [Vec<f64>; 2],
    judged_at: [Vec<f64>; 2],
    wanted: Array2<f32>,
    judged: Array2<bool>,
    /// (x, y), image, should print, is a guard.
    probes: Vec<([f64; 2], usize, bool, bool)>,
    probe_rows: Array2<f32>,
    probe_columns: Array2<f32>,
    masks: Vec<Vec<MaskEdge>>,
    is_pair: bool,
}

impl Bench {
    fn new(is_pair: bool) -> Self {
        let at = |count: usize, start: f64, step: f64| -> Vec<f64> {
            (0..count).map(|i| start + (i as f64 + 0.5) * step).collect()
        };
        let probes: Vec<_> = (0..9)
            .map(|i| {
                let t = f64::from(i);
                ([95.0 + 13.0 * t, 85.5 + 11.0 * t], (i % 2) as usize, i % 3 == 0, i % 4 == 1)
            })
            .collect();
        let of = |c: usize| probes.iter().map(|p| p.0[c]).collect::<Vec<_>>();
        let inside = |y: f64, x: f64| (100.0..160.0).contains(&x) && (80.0..300.0).contains(&y);
        let loss_at = [at(LOSS[0], 60.0, 5.0), at(LOSS[1], 70.0, 5.0)];
        let judged_at = [at(JUDGED[0], 70.0, 1.0), at(JUDGED[1], 60.0, 1.0)];
        let pixels = |at: &[Vec<f64>; 2]| {
            Array2::from_shape_fn((at[0].len(), at[1].len()), |(y, x)| inside(at[0][y], at[1][x]))
        };
        let mut masks = masks();
        // Another clip whose edges are like the first's.
        masks.push(edges(&[[104.0, 76.0, 158.0, 303.0]]));
        Self {
            sets: vec![kernels(8, 0.3), kernels(5, 1.9)],
            wanted: pixels(&loss_at).mapv(|p| f32::from(u8::from(p))),
            judged: pixels(&judged_at),
            probe_rows: weights(PERIOD, GRID, 2 * HALF, &of(1)),
            probe_columns: weights(PERIOD, GRID, 2 * HALF, &of(0)),
            loss_at,
            judged_at,
            probes,
            masks,
            is_pair,
        }
    }

    fn corners(&self) -> Vec<LossCorner> {
        let mut corners = vec![
            LossCorner { set: 0, dose2: OUTER, weight: 0.5 },
            LossCorner { set: 1, dose2: INNER, weight: 0.5 },
        ];
        if !self.is_pair {
            corners.push(LossCorner { set: 1, dose2: 1.1, weight: 0.25 });
        }
        corners
    }

    fn masks(&self) -> Vec<&[MaskEdge]> {
        self.masks.iter().map(Vec::as_slice).collect()
    }

    /// The losses of its masks.
    fn evaluate(
        &self,
        plan: &mut Correction,
        device: &dyn Compute,
        settings: &LossSettings,
    ) -> Vec<Loss> {
        let masks: Vec<_> = self.masks.iter().map(|mask| still(mask)).collect();
        plan.evaluate(device, &masks, &vec![&[][..]; masks.len()], settings).unwrap()
    }

    fn levels(&self) -> Vec<Vec<f32>> {
        let of = |set: usize| {
            let own = self.corners().into_iter().filter(move |c| c.set == set);
            own.map(|c| THRESHOLD / c.dose2).collect::<Vec<f32>>()
        };
        vec![[vec![THRESHOLD], of(0)].concat(), of(1)]
    }

    fn gauges() -> Vec<[u32; 4]> {
        vec![[20, 50, 20, 20], [60, 60, 60, 130], [100, 90, 129, 149], [5, 5, 500, 500]]
    }

    /// A plan for these things on a device, whose clips share their grids.
    fn plan(&self, device: &dyn Compute) -> Correction {
        let clips: Vec<usize> = (0..self.masks.len()).collect();
        self.plan_of(device, &clips, |_| 0, 1)
    }

    /// A plan for some of the clips; `cut` tells how much smaller than usual the grids of a clip
    /// are, of which there are `grids`.
    fn plan_of(
        &self,
        device: &dyn Compute,
        clips: &[usize],
        cut: impl Fn(usize) -> usize,
        grids: usize,
    ) -> Correction {
        let weights =
            |at: &[f64]| weights(PERIOD, GRID, 2 * HALF, at).t().as_standard_layout().into_owned();
        let all = [&self.loss_at, &self.judged_at].map(|[ys, xs]| [weights(ys), weights(xs)]);
        let from = |which: usize, clip: usize| {
            let [rows, columns] = &all[which];
            let cut = cut(clip) as isize;
            let (rows, columns) = (rows.slice(s![.., cut..]), columns.slice(s![.., 2 * cut..]));
            GridWeights { rows, columns }
        };
        let grids_of = |which: usize| clips.iter().take(grids).map(|c| from(which, *c)).collect();
        let probe = |p: usize| ProbeSetup {
            set: self.probes[p].1,
            prints: self.probes[p].2,
            dose2: if p.is_multiple_of(2) { OUTER } else { 1.0 },
            is_guard: self.probes[p].3,
            rows: self.probe_rows.row(p).to_slice().unwrap(),
            columns: self.probe_columns.row(p).to_slice().unwrap(),
        };
        let setup = CorrectionSetup {
            imaging: ImagingSetup {
                period: PERIOD,
                half: HALF,
                grid: GRID,
                pixel: Some(1.0),
                sets: self.sets.iter().map(|s| (s.0.view(), s.1.as_slice())).collect(),
                change: Complex32::new(1.0, 0.0),
                background: Complex32::default(),
                clips: clips.len(),
            },
            loss: LossSetup {
                grids: grids_of(0),
                wanted: clips
                    .iter()
                    .map(|c| self.wanted.slice(s![cut(*c).., 2 * cut(*c)..]))
                    .collect(),
                corners: self.corners(),
                is_pair: self.is_pair,
                area: 25.0,
                threshold: THRESHOLD,
                // Every other clip has probes.
                probes: clips
                    .iter()
                    .map(|c| (0..if c.is_multiple_of(2) { 9 } else { 0 }).map(probe).collect())
                    .collect(),
            },
            judge: JudgeSetup {
                grids: grids_of(1),
                wanted: clips
                    .iter()
                    .map(|c| self.judged.slice(s![cut(*c).., 2 * cut(*c)..]))
                    .collect(),
                levels: self.levels(),
                gauges: clips.iter().map(|_| Self::gauges()).collect(),
            },
        };
        Correction::new(device, &setup).unwrap()
    }

    /// The processor's own plans, clip by clip.
    fn processor(&self) -> (Vec<Loss>, Vec<Judged>) {
        let [ys, xs] = &self.loss_at;
        let mut sampler = Resampler::new(PERIOD, GRID, 2 * HALF, ys, xs);
        let corner = [60.0, 70.0];
        let mut prints =
            PrintPlan::new(PERIOD, GRID, 2 * HALF, corner, 1.0, (JUDGED[0], JUDGED[1]));
        let (mut losses, mut figures) = (Vec::new(), Vec::new());
        for (clip, mask) in self.masks.iter().enumerate() {
            let mut spectrum = SpectrumPlan::new(PERIOD, HALF, Some(1.0));
            spectrum.clear();
            spectrum.add_vertical(mask.iter().filter(|e| !e.is_horizontal).map(|e| e.edge));
            let mut bins = vec![Complex32::default(); WIDTH * WIDTH];
            spectrum.write(&mut bins);
            let mut fields: Vec<FieldPlan> =
                self.sets.iter().map(|set| FieldPlan::new(set.0.view(), &set.1, GRID)).collect();
            for plan in &mut fields {
                plan.forward(&bins);
            }
            let mut images = vec![Array2::<f32>::zeros((LOSS[0], LOSS[1])); 2];
            for (plan, image) in fields.iter().zip(&mut images) {
                sampler.forward(plan.intensity(), image.view_mut());
            }
            let mut gradients = images.clone();
            let terms = self.pixel_terms(&images, &mut gradients);
            let mut exact = vec![Array2::<f32>::zeros((GRID, GRID)); 2];
            for (gradient, exact) in gradients.iter().zip(&mut exact) {
                sampler.adjoint_add(gradient.view(), exact.view_mut());
                *exact *= 25.0;
            }
            let mut loss = Loss::default();
            (loss.terms.image, loss.terms.pv_band) = (terms.0 * 25.0, terms.1 * 25.0);
            if clip.is_multiple_of(2) {
                loss.terms.probes = self.probe_terms(&fields, &mut exact);
            }
            let mut adjoint = vec![Complex32::default(); WIDTH * WIDTH];
            for (plan, exact) in fields.iter_mut().zip(&exact) {
                let part = plan.adjoint(exact.view());
                adjoint.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
            let mut half = HalfSpectrum::default();
            half.load(&adjoint, HALF);
            for e in mask {
                loss.gradient.push(if e.is_horizontal {
                    spectrum.horizontal_gradient(&half, e.edge) as f32
                } else {
                    spectrum.vertical_gradient(&half, e.edge) as f32
                });
            }
            losses.push(loss);
            figures.push(self.figures(&fields, &mut prints));
        }
        (losses, figures)
    }

    fn pixel_terms(&self, images: &[Array2<f32>], gradients: &mut [Array2<f32>]) -> (f64, f64) {
        let shape = LossShape {
            steepness: SETTINGS.steepness,
            threshold: THRESHOLD,
            outer: OUTER,
            inner: INNER,
            quadratic: SETTINGS.quadratic,
            pv_band_weight: SETTINGS.pv_band_weight,
            image_share: 1.0,
            pv_band_share: 1.0,
        };
        let images: Vec<&[f32]> = images.iter().map(|i| i.as_slice().unwrap()).collect();
        let mut gradients: Vec<&mut [f32]> =
            gradients.iter_mut().map(|g| g.as_slice_mut().unwrap()).collect();
        let wanted = self.wanted.as_slice().unwrap();
        if self.is_pair {
            let [gf, gd] = &mut gradients[..] else { unreachable!() };
            pixel_loss(&shape, images[0], images[1], wanted, gf, gd)
        } else {
            let weighted: Vec<WeightedCorner> = self
                .corners()
                .iter()
                .map(|c| WeightedCorner { set: c.set, dose2: c.dose2, weight: c.weight })
                .collect();
            corner_loss(&shape, &weighted, &images, wanted, &mut gradients)
        }
    }

    fn probe_terms(&self, fields: &[FieldPlan], exact: &mut [Array2<f32>]) -> f64 {
        let mut total = 0.0;
        for (p, (at, set, prints, is_guard)) in self.probes.iter().enumerate() {
            let mut points = Points::new(PERIOD, GRID, 2 * HALF, &[*at]);
            let mut value = [0.0];
            points.read(fields[*set].intensity(), &mut value);
            let side = if *prints { 1.0 } else { -1.0 };
            let dose2 = if p.is_multiple_of(2) { OUTER } else { 1.0 };
            let wrong = side * (THRESHOLD - dose2 * value[0]);
            let (term, slope) = if *is_guard {
                let x = SETTINGS.guard.steepness * (wrong + SETTINGS.guard.margin);
                let by = SETTINGS.guard.weight;
                (by * x.exp().ln_1p(), by * SETTINGS.guard.steepness * sigmoid(x))
            } else {
                let z = sigmoid(SETTINGS.epe.steepness * (wrong + SETTINGS.epe.margin));
                let by = SETTINGS.epe.weight;
                (by * z, by * SETTINGS.epe.steepness * z * (1.0 - z))
            };
            total += f64::from(term);
            points.adjoint_add(&[-side * dose2 * slope], exact[*set].view_mut());
        }
        total
    }

    fn figures(&self, fields: &[FieldPlan], prints: &mut PrintPlan) -> Judged {
        use lithoscope_kernels::printed::Bits;
        let mut all = Vec::new();
        for (plan, levels) in fields.iter().zip(self.levels()) {
            let mut bits = vec![Bits::zeros(JUDGED[0], JUDGED[1]); levels.len()];
            prints.print(plan.intensity(), &levels, &mut bits);
            all.extend(bits);
        }
        let wanted = Bits::from_fn(JUDGED[0], JUDGED[1], |y, x| self.judged[[y, x]]);
        let (mut anywhere, mut everywhere) = (all[1].clone(), all[1].clone());
        for bits in &all[2..] {
            anywhere.unite(bits);
            everywhere.intersect(bits);
        }
        let printed = |y: u32, x: u32| all[0].get(y as usize, x as usize);
        let gauges = Self::gauges();
        Judged {
            l2: all[0].differing(&wanted),
            pv_band: anywhere.differing(&everywhere),
            epe: [
                gauges.iter().filter(|g| !printed(g[0], g[1])).count() as u32,
                gauges.iter().filter(|g| printed(g[2], g[3])).count() as u32,
            ],
        }
    }
}

/// Whether losses agree; NaN agrees with nothing.
fn agree(found: &[Loss], wanted: &[Loss]) -> Result<(), String> {
    let every = wanted.iter().flat_map(|loss| &loss.gradient);
    let all = every.fold(0.0_f32, |most, g| most.max(g.abs()));
    for (clip, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let terms = |l: &Loss| [l.terms.image, l.terms.pv_band, l.terms.probes];
        for (a, b) in terms(found).into_iter().zip(terms(wanted)) {
            let close = (a - b).abs() <= 1e-5 * b.abs().max(1.0);
            if !close {
                return Err(format!("loss of clip {clip}: {found:?} {wanted:?}"));
            }
        }
        let own = wanted.gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
        // The whole field open has no gradient but rounding's.
        let most = own.max(1e-4 * all);
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-4 * most;
        let pairs = found.gradient.iter().zip(&wanted.gradient);
        if found.gradient.len() != wanted.gradient.len() || !pairs.into_iter().all(close) {
            return Err(format!("gradient of clip {clip}: {found:?} {wanted:?}"));
        }
    }
    if found.len() == wanted.len() { Ok(()) } else { Err("number of clips".to_owned()) }
}

#[test]
fn losses_and_gradients_are_the_processors_on_every_device() {
    for is_pair in [true, false] {
        let bench = Bench::new(is_pair);
        let (wanted, _) = bench.processor();
        for device in devices() {
            let mut plan = bench.plan(&*device);
            // Twice, as a run does: what the first leaves must not reach the second.
            let first = bench.evaluate(&mut plan, &*device, &SETTINGS);
            let found = bench.evaluate(&mut plan, &*device, &SETTINGS);
            assert_eq!(first, found);
            agree(&found, &wanted).unwrap_or_else(|e| panic!("{device:?}: {e}"));
            for change in [f64::NAN, 1.0 + 1e-4] {
                let mut off = found.clone();
                off[0].terms.image *= change;
                assert!(agree(&off, &wanted).is_err());
                let mut off = found.clone();
                let most = wanted[1].gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
                off[1].gradient[0] += most * (change as f32 - 1.0) * 3.0;
                assert!(agree(&off, &wanted).is_err());
            }
        }
    }
}

#[test]
fn figures_are_the_processors_on_every_device() {
    for is_pair in [true, false] {
        let bench = Bench::new(is_pair);
        let (_, wanted) = bench.processor();
        assert!(wanted.iter().any(|j| j.l2 > 500) && wanted.iter().any(|j| j.pv_band > 100));
        for device in devices() {
            let mut plan = bench.plan(&*device);
            let found = plan.judge(&*device, &bench.masks()).unwrap();
            for (a, b) in found.iter().zip(&wanted) {
                assert!(a.l2.abs_diff(b.l2) <= UNDECIDED, "{device:?}: {found:?} {wanted:?}");
                assert!(a.pv_band.abs_diff(b.pv_band) <= UNDECIDED, "{found:?} {wanted:?}");
                assert_eq!(a.epe, b.epe);
            }
            let bits = plan.prints(&*device).unwrap();
            let words = JUDGED[1].div_ceil(32) * JUDGED[0];
            assert!(bits.iter().all(|clip| clip.len() == words * (1 + bench.corners().len())));
            let nominal = bits.iter().map(|clip| {
                let mut differing = 0;
                for ((y, x), wanted) in bench.judged.indexed_iter() {
                    let word = clip[y * JUDGED[1].div_ceil(32) + x / 32];
                    differing += u64::from((word >> (x % 32) & 1 == 1) != *wanted);
                }
                differing
            });
            assert_eq!(nominal.collect::<Vec<_>>(), found.iter().map(|j| j.l2).collect::<Vec<_>>());
        }
    }
}

#[test]
fn clips_with_grids_of_their_own_are_computed_bit_for_bit_as_alone() {
    let bench = Bench::new(true);
    let clips = [0, 4, 2];
    let cut = |clip: usize| 3 * clip;
    let mine: Vec<&[MaskEdge]> = clips.iter().map(|c| bench.masks[*c].as_slice()).collect();
    let masks: Vec<_> = mine.iter().map(|mask| still(mask)).collect();
    let none = [&[][..]; 3];
    for device in devices() {
        let mut together = bench.plan_of(&*device, &clips, cut, clips.len());
        let losses = together.evaluate(&*device, &masks, &none, &SETTINGS).unwrap();
        let figures = together.judge(&*device, &mine).unwrap();
        let prints = together.prints(&*device).unwrap();
        assert!(losses[0].terms.image > 0.0 && losses[0].terms != losses[1].terms);
        for (place, clip) in clips.into_iter().enumerate() {
            let mut alone = bench.plan_of(&*device, &[clip], cut, 1);
            let mask = &masks[place..=place];
            let loss = alone.evaluate(&*device, mask, &none[..1], &SETTINGS).unwrap();
            assert_eq!(loss[0], losses[place], "{device:?}");
            let own = alone.judge(&*device, &mine[place..=place]).unwrap();
            assert_eq!(own[0], figures[place], "{device:?}");
            assert_eq!(alone.prints(&*device).unwrap()[0], prints[place], "{device:?}");
        }
    }
}

#[test]
fn every_kernel_of_a_correction_is_its_twin() {
    let devices = devices();
    let twins = &*devices[0];
    for is_pair in [true, false] {
        let bench = Bench::new(is_pair);
        for device in &devices[1..] {
            // A pair of corners with grids for all, a list of them with a grid for each clip.
            let clips: Vec<usize> = (0..bench.masks.len()).collect();
            let grids = if is_pair { 1 } else { clips.len() };
            let steps = |device: &dyn Compute| {
                let mut plan =
                    bench.plan_of(device, &clips, |c| if is_pair { 0 } else { c }, grids);
                bench.evaluate(&mut plan, device, &SETTINGS);
                (plan.evaluation_steps(), plan.judging_steps())
            };
            let (own, twin) = (steps(&**device), steps(twins));
            compare(&**device, &own.0, twins, &twin.0, &[]);
            let counts = ["print_bits", "count_metrics", "count_epe"];
            compare(&**device, &own.1, twins, &twin.1, &counts);
        }
    }
}

#[test]
fn a_term_left_out_leaves_its_gradient_out() {
    let bench = Bench::new(true);
    for device in devices() {
        let mut plan = bench.plan(&*device);
        let mut sum = vec![0.0_f32; bench.masks[0].len()];
        for term in 0..3 {
            let mut settings = SETTINGS;
            settings.enters = std::array::from_fn(|i| i == term);
            let part = &bench.evaluate(&mut plan, &*device, &settings)[0];
            sum.iter_mut().zip(&part.gradient).for_each(|(sum, part)| *sum += part);
        }
        let whole = &bench.evaluate(&mut plan, &*device, &SETTINGS)[0];
        let most = whole.gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
        for (sum, whole) in sum.iter().zip(&whole.gradient) {
            assert!((sum - whole).abs() <= 1e-4 * most, "{sum} {whole}");
        }
    }
}

#[test]
fn masks_move_by_their_offsets_whatever_else_was_handed_in() {
    let bench = Bench::new(true);
    let clips: Vec<usize> = (0..bench.masks.len()).collect();
    // Every edge parallel to y follows an offset of its own, every second one against it.
    let moving = |mask: &[MaskEdge]| {
        let mut moving = MovingMask::clone(&still(mask));
        for edge in moving.edges.iter_mut().filter(|edge| !edge.is_horizontal) {
            edge.at.offset = Some((moving.offsets as u32, moving.offsets % 2 == 1));
            moving.offsets += 1;
        }
        Arc::new(moving)
    };
    let masks: Vec<Arc<MovingMask>> = bench.masks.iter().map(|mask| moving(mask)).collect();
    let gone = |clip: usize, i: usize| ((clip * 7 + i * 5) % 23) as f32 * 0.37 - 4.0;
    let offsets: Vec<Vec<f32>> = clips
        .iter()
        .map(|clip| (0..masks[*clip].offsets).map(|i| gone(*clip, i)).collect())
        .collect();
    let offsets: Vec<&[f32]> = offsets.iter().map(Vec::as_slice).collect();
    let mut moved = Bench::new(true);
    for (clip, mask) in moved.masks.iter_mut().enumerate() {
        let upright = mask.iter_mut().filter(|edge| !edge.is_horizontal).enumerate();
        for (i, edge) in upright {
            let by = f64::from(gone(clip, i));
            edge.edge.at += if i % 2 == 1 { -by } else { by };
        }
    }
    let many = edges(&vec![[10.0, 10.0, 20.0, 20.0]; 400]);
    let many: Vec<&[MaskEdge]> = clips.iter().map(|_| many.as_slice()).collect();
    for device in devices() {
        let wanted = moved.evaluate(&mut moved.plan(&*device), &*device, &SETTINGS);
        let mut plan = bench.plan(&*device);
        let found = plan.evaluate(&*device, &masks, &offsets, &SETTINGS).unwrap();
        agree(&found, &wanted).unwrap_or_else(|e| panic!("{device:?}: {e}"));
        // More edges than there was room for, then the same masks again.
        plan.judge(&*device, &many).unwrap();
        assert_eq!(plan.evaluate(&*device, &masks, &offsets, &SETTINGS).unwrap(), found);
        // The comparison sees an edge elsewhere; other numbers of offsets are refused.
        let mut off = offsets[0].to_vec();
        off[0] += 0.05;
        let mut other = offsets.clone();
        other[0] = &off;
        let other = plan.evaluate(&*device, &masks, &other, &SETTINGS).unwrap();
        assert!(agree(&other, &wanted).is_err());
        let error = plan.evaluate(&*device, &masks, &offsets[1..], &SETTINGS).unwrap_err();
        assert!(error.to_string().contains("clips"), "{error}");
        let mut fewer = offsets.clone();
        fewer[0] = &offsets[0][1..];
        let error = plan.evaluate(&*device, &masks, &fewer, &SETTINGS).unwrap_err();
        assert!(error.to_string().contains("numbers of offsets"), "{error}");
        let mut lost = masks.clone();
        let mut mask = MovingMask::clone(&masks[0]);
        mask.offsets -= 1;
        lost[0] = Arc::new(mask);
        let error = plan.evaluate(&*device, &lost, &offsets, &SETTINGS).unwrap_err();
        assert!(error.to_string().contains("not there"), "{error}");
    }
}
