//! Runs on devices against runs on the processor.

use std::sync::Arc;

use lithoscope_kernels::device::{Adapters, Compute, DeviceError, Reference, WgpuDevice};

use super::tests::with_srafs;
use super::*;
use crate::verify::check;

/// Every wgpu device of this machine; the tests of the kernels see to it that there is one.
fn devices() -> Vec<Arc<WgpuDevice>> {
    let adapters = Adapters::find();
    (0..adapters.infos().len()).map(|i| Arc::new(adapters.open(i).unwrap())).collect()
}

/// The same, and CUDA's texts on the processor.
fn devices_and_texts() -> Vec<Arc<dyn Compute>> {
    let devices = devices().into_iter().map(|device| device as _);
    devices.chain(lithoscope_emulated::devices()).collect()
}

/// Whether two numbers agree to a share of the second; NaN agrees with nothing.
fn near(found: f64, wanted: f64, share: f64) -> bool {
    (found - wanted).abs() <= share * wanted.abs()
}

/// Whether losses and gradients agree as a device's and the processor's should.
fn agree(found: (LossTerms, &[f64]), wanted: (LossTerms, &[f64])) -> bool {
    let most = wanted.1.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    let terms = |l: LossTerms| [l.l2, l.pv_band, l.epe];
    terms(found.0).into_iter().zip(terms(wanted.0)).all(|(a, b)| near(a, b, 2e-5))
        && found.1.iter().zip(wanted.1).all(|(a, b)| (a - b).abs() <= 1e-4 * most)
}

#[test]
fn every_iteration_of_a_recorded_run_has_the_processors_loss_gradient_and_prints() {
    let mut run = with_srafs();
    while run.step().unwrap().is_some() {}
    assert!(run.epochs.len() > 1, "the run has SRAFs");
    let mut every = devices_and_texts();
    every.push(Arc::new(Reference::new()));
    for device in every {
        // The twins are slow, and obvious.
        let stride = if device.info().name.contains("twins") { 20 } else { 4 };
        for index in (0..run.states.len()).step_by(stride) {
            let (state, sharpness) = (run.states[index].clone(), run.sharpness(index));
            let target = run.epochs[state.epoch].target.clone();
            let mut here = vec![0.0; state.offsets.len()];
            let mut there = here.clone();
            let terms = Terms::ALL;
            let wanted =
                run.evaluator.evaluate_here(&target, &state.offsets, sharpness, terms, &mut here);
            run.use_device(Arc::clone(&device)).unwrap();
            let found =
                run.evaluator.evaluate(&target, &state.offsets, sharpness, terms, &mut there);
            assert!(
                agree((found, &there), (wanted, &here)),
                "iteration {index}: {found:?} {wanted:?}"
            );
            for change in [f64::NAN, 1.0 + 1e-3] {
                let mut off = there.clone();
                let steepest =
                    (0..off.len()).max_by(|a, b| here[*a].abs().total_cmp(&here[*b].abs()));
                off[steepest.unwrap()] *= change;
                assert!(!agree((found, &off), (wanted, &here)));
            }
            let mask = run.mask(index).unwrap();
            let wanted = run.score(&mask);
            let prints = run.evaluator.prints(&mask).unwrap();
            let found = run.scorer.score_prints(&prints, &mask);
            assert!(found.l2_nm2.abs_diff(wanted.l2_nm2) <= 2, "{found:?} {wanted:?}");
            assert!(found.pvb_nm2.abs_diff(wanted.pvb_nm2) <= 2, "{found:?} {wanted:?}");
            assert_eq!(found.epe_violations, wanted.epe_violations);
            assert!(run.device_failure().is_none());
        }
    }
}

#[test]
fn a_whole_run_on_a_device_ends_as_good_and_as_clean() {
    let mut wanted = with_srafs();
    while wanted.step().unwrap().is_some() {}
    let best = wanted.history()[wanted.best()].metrics;
    for device in devices_and_texts() {
        let mut run = with_srafs();
        run.use_device(device).unwrap();
        while run.step().unwrap().is_some() {}
        assert!(run.device().is_some() && run.device_failure().is_none());
        let found = run.history()[run.best()].metrics;
        assert!(near(found.l2_nm2 as f64, best.l2_nm2 as f64, 0.005), "{found:?} {best:?}");
        assert!(near(found.pvb_nm2 as f64, best.pvb_nm2 as f64, 0.005), "{found:?} {best:?}");
        let srafs = run.assists(run.best()).unwrap().into_iter().map(Polygon::rect);
        let srafs: Vec<Polygon> = srafs.collect();
        let main = run.main_mask(run.best()).unwrap();
        let broken = check(&main, &srafs, &run.recipe.rules.values());
        assert_eq!(broken, []);
    }
}

#[test]
fn losing_the_device_in_the_middle_of_a_run_loses_nothing() {
    for device in devices() {
        let mut run = with_srafs();
        run.use_device(Arc::clone(&device) as _).unwrap();
        for _ in 0..7 {
            run.step().unwrap();
        }
        let before = run.history().to_vec();
        device.destroy();
        while run.step().unwrap().is_some() {}
        assert_eq!(run.history()[..before.len()], before);
        assert!(run.is_finished());
        assert!(matches!(run.device_failure(), Some(DeviceError::Lost { .. })));
        assert!(run.device().is_none());
        // Just as good as if there had never been a device.
        let mut wanted = with_srafs();
        while wanted.step().unwrap().is_some() {}
        let [found, wanted] = [&run, &wanted].map(|r| r.history()[r.best()].metrics.l2_nm2 as f64);
        assert!(near(found, wanted, 0.005), "{found} {wanted}");
    }
}

#[test]
fn what_devices_do_not_do_is_refused_and_stays_on_the_processor() {
    let run = with_srafs();
    let mut process = run.evaluator.process().clone();
    let mut set = (*process.focus).clone();
    set.flare = 0.03;
    process.focus = Arc::new(set);
    let mut scattered = OpcRun::new(&run.clip, &run.recipe, &process).unwrap();
    let error = scattered.use_device(Arc::new(Reference::new())).unwrap_err();
    assert!(error.to_string().contains("scattered light"), "{error}");
    assert!(scattered.device().is_none() && scattered.step().unwrap().is_some());
}
