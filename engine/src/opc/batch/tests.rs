//! Batches against the same runs stepped alone.

use lithoscope_kernels::device::{Adapters, Reference, WgpuDevice};

use super::*;
use crate::geometry::{Polygon, Rect};
use crate::layout::{Clip, Layer};
use crate::opc::{AssistAction, Iteration, ProcessorStage, Recipe, load_process};

/// Every wgpu device of this machine; the tests of the kernels see to it that there is one.
fn devices() -> Vec<Arc<WgpuDevice>> {
    let adapters = Adapters::find();
    (0..adapters.infos().len()).map(|i| Arc::new(adapters.open(i).unwrap())).collect()
}

/// Targets of different extents: a line, a line and a contact, two bars.
fn targets() -> Vec<Vec<Rect>> {
    vec![
        vec![Rect::new(300, 200, 390, 700)],
        vec![Rect::new(200, 200, 290, 700), Rect::new(450, 300, 570, 420)],
        vec![Rect::new(150, 200, 750, 280), Rect::new(150, 400, 600, 480)],
    ]
}

/// A short schedule with a judged middle, SRAFs placed and taken away, and a pass of the last
/// descent.
fn recipe() -> Recipe {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(3);
    for (stage, (steps, assists)) in recipe.optimiser.stages.iter_mut().zip([
        (3, AssistAction::Keep),
        (3, AssistAction::Seed),
        (2, AssistAction::Prune),
    ]) {
        stage.steps = steps;
        stage.assists = assists;
    }
    recipe.scoring.judge_every = 2;
    recipe.descent.passes = 1;
    recipe.objective.grid_nm = 16.0;
    // Each is taken away on trial, by itself.
    recipe.assists.most = 3;
    recipe
}

fn run(target: &[Rect], recipe: &Recipe) -> OpcRun {
    let clip = Clip {
        name: "clip".to_owned(),
        layer: Layer::new(1, 0),
        window: Rect::new(0, 0, 900, 900),
        polygons: target.iter().copied().map(Polygon::rect).collect(),
        rounding_nm: 0.0,
    };
    let process = load_process(recipe, clip.window, None, None).unwrap();
    OpcRun::new(&clip, recipe, &process).unwrap()
}

fn runs(recipe: &Recipe) -> Vec<OpcRun> {
    targets().iter().map(|target| run(target, recipe)).collect()
}

/// Steps a batch to its end.
fn finish(batch: &mut OpcBatch) {
    while batch.step() > 0 {}
}

#[test]
fn runs_of_a_batch_have_bit_for_bit_the_histories_they_have_alone() {
    let recipe = recipe();
    for device in devices() {
        let mut batch = OpcBatch::new(runs(&recipe), Arc::clone(&device) as _);
        assert_eq!(batch.parts(), [3], "targets of different extents share a plan");
        finish(&mut batch);
        for (mut alone, batched) in runs(&recipe).into_iter().zip(batch.into_runs()) {
            alone.use_device(Arc::clone(&device) as _).unwrap();
            while alone.step().unwrap().is_some() {}
            assert!(alone.device_failure().is_none());
            assert!(batched.failure.is_none() && batched.device_failure.is_none());
            assert_eq!(batched.run.history(), alone.history());
            assert!(batched.run.is_finished());
        }
    }
}

#[test]
fn the_twins_of_all_kernels_give_a_batch_the_histories_of_runs_alone() {
    let mut recipe = recipe();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 2;
    recipe.descent.passes = 0;
    let mut batch = OpcBatch::new(runs(&recipe), Arc::new(Reference::new()));
    finish(&mut batch);
    let losses: Vec<f64> = batch.runs().map(|run| run.history()[2].loss.total()).collect();
    assert!(losses[0] != losses[1] && losses[1] != losses[2], "clips that differ prove something");
    for (mut alone, batched) in runs(&recipe).into_iter().zip(batch.into_runs()) {
        alone.use_device(Arc::new(Reference::new())).unwrap();
        while alone.step().unwrap().is_some() {}
        assert_eq!(batched.run.history(), alone.history());
    }
}

#[test]
fn losing_the_device_in_the_middle_of_a_batch_loses_nothing() {
    let mut recipe = recipe();
    recipe.descent.passes = 0;
    for device in devices() {
        let mut batch = OpcBatch::new(runs(&recipe), Arc::clone(&device) as _);
        assert_eq!([batch.step(), batch.step()], [3, 3]);
        let before: Vec<Vec<Iteration>> = batch.runs().map(|r| r.history().to_vec()).collect();
        device.destroy();
        assert_eq!(batch.step(), 3, "the very step that fails is made on the processor");
        assert!(batch.parts().is_empty());
        finish(&mut batch);
        for ((batched, before), mut wanted) in
            batch.into_runs().into_iter().zip(before).zip(runs(&recipe))
        {
            assert!(matches!(batched.device_failure, Some(DeviceError::Lost { .. })));
            assert!(batched.failure.is_none() && batched.run.is_finished());
            assert_eq!(batched.run.history()[..before.len()], before);
            while wanted.step().unwrap().is_some() {}
            let [found, wanted] =
                [&batched.run, &wanted].map(|r| r.history()[r.best()].metrics.l2_nm2 as f64);
            assert!((found - wanted).abs() <= 0.005 * wanted, "{found} {wanted}");
        }
    }
}

#[test]
fn runs_of_other_schedules_and_those_devices_refuse_go_on_beside_the_others() {
    let mut short = recipe();
    short.optimiser.stages.truncate(1);
    short.descent.passes = 0;
    let mut steep = short.clone();
    steep.optimiser.stages[0].steps = 2;
    steep.optimiser.stages[0].steepness = [30.0, 60.0];
    let mut fine = short.clone();
    fine.objective.grid_nm = 12.0;
    let free = Recipe::named("contest-like").unwrap().with([("method", "pixel-ilt")]).unwrap();
    let mut free = free;
    free.optimiser.stages.truncate(1);
    free.optimiser.stages[0].steps = 2;
    free.descent.passes = 0;
    let recipes = [&short, &steep, &fine, &free];
    let every = || recipes.iter().map(|recipe| run(&targets()[1], recipe)).collect::<Vec<_>>();
    for device in devices() {
        let mut batch = OpcBatch::new(every(), Arc::clone(&device) as _);
        assert_eq!(batch.parts(), [2, 1], "another loss pixel is another plan");
        finish(&mut batch);
        assert!(batch.parts().is_empty(), "plans go when nobody needs them");
        for (mut alone, batched) in every().into_iter().zip(batch.into_runs()) {
            let refused = alone.use_device(Arc::clone(&device) as _).err();
            assert_eq!(batched.device_failure, refused);
            while alone.step().unwrap().is_some() {}
            assert_eq!(batched.run.history(), alone.history());
        }
    }
}

#[test]
fn every_stage_of_the_processor_is_one_of_the_devices_and_can_be_repeated() {
    let mut recipe = recipe();
    recipe.scoring.judge_every = 1;
    let mut batch = OpcBatch::new(runs(&recipe), Arc::new(Reference::new()));
    assert_eq!(batch.step(), 3);
    let device = Reference::new();
    let there = batch.stages();
    for stage in &there {
        assert!(stage.bytes() > 0, "{stage:?}");
        device.run(&device.record(&stage.steps).unwrap()).unwrap();
    }
    let mut alone = run(&targets()[0], &recipe);
    for stage in ProcessorStage::ALL {
        assert!(there.iter().any(|own| own.name == stage.words()), "{stage:?}");
        alone.repeat_stage(stage);
    }
    let mut wanted = run(&targets()[0], &recipe);
    assert_eq!(alone.step().unwrap(), wanted.step().unwrap(), "repeating changes nothing");
}
