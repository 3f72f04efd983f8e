//! The recipe's parameters as a table: name, unit, range, help, and how to read and write each.

use std::ops::RangeInclusive;

use lithoscope_engine::opc::{KernelSource, Recipe, Stage};
use lithoscope_engine::optics::Source;

/// Groups of the recipe panel, in order.
pub const GROUPS: [&str; 7] =
    ["Optics", "Resist", "Corners", "Fragments", "Objective", "Optimiser", "Rules"];

type Get = Box<dyn Fn(&Recipe) -> f64>;
type Set = Box<dyn Fn(&mut Recipe, f64)>;

/// One number of a recipe.
pub struct Parameter {
    /// Group it is shown in.
    pub group: &'static str,
    /// Name, unique in the panel.
    pub label: String,
    /// Unit; empty for ratios.
    pub unit: &'static str,
    /// Allowed values.
    pub range: RangeInclusive<f64>,
    /// Change by dragging one point.
    pub speed: f64,
    /// Decimals shown at most.
    pub decimals: usize,
    /// One sentence.
    pub help: &'static str,
    /// Reads it.
    pub get: Get,
    /// Writes it.
    pub set: Set,
}

fn parameter(
    group: &'static str,
    label: impl Into<String>,
    unit: &'static str,
    range: RangeInclusive<f64>,
    help: &'static str,
    get: impl Fn(&Recipe) -> f64 + 'static,
    set: impl Fn(&mut Recipe, f64) + 'static,
) -> Parameter {
    let span = range.end() - range.start();
    let decimals = if span > 20.0 { 1 } else { 3 };
    Parameter {
        group,
        label: label.into(),
        unit,
        speed: span / 400.0,
        decimals,
        range,
        help,
        get: Box::new(get),
        set: Box::new(set),
    }
}

/// A parameter that is a plain field.
macro_rules! field {
    ($group:literal, $label:literal, $unit:literal, $range:expr, $help:literal, $($path:ident).+) => {
        parameter($group, $label, $unit, $range, $help, |r| r.$($path).+, |r, v| r.$($path).+ = v)
    };
}

/// Every parameter of a recipe that can be edited.
pub fn parameters(recipe: &Recipe) -> Vec<Parameter> {
    let mut all = vec![
        field!(
            "Resist",
            "Threshold",
            "",
            0.01..=1.0,
            "A point prints where intensity is at or above this; clear field = 1.",
            resist.threshold
        ),
        field!(
            "Corners",
            "Defocus",
            "nm",
            0.0..=200.0,
            "Defocus of the inner corner. Imported kernels bring their own.",
            corners.defocus_nm
        ),
        field!(
            "Corners",
            "Outer dose",
            "",
            1.0..=1.3,
            "Dose of the outer corner at best focus; scales the mask amplitude.",
            corners.outer_dose
        ),
        field!(
            "Corners",
            "Inner dose",
            "",
            0.7..=1.0,
            "Dose of the inner corner at defocus; scales the mask amplitude.",
            corners.inner_dose
        ),
        field!(
            "Fragments",
            "Corner length",
            "nm",
            5.0..=200.0,
            "Length of a fragment next to a corner.",
            fragments.corner_nm
        ),
        field!(
            "Fragments",
            "Run length",
            "nm",
            10.0..=400.0,
            "Aimed length of the fragments between corners.",
            fragments.run_nm
        ),
        field!(
            "Fragments",
            "Whole below",
            "nm",
            10.0..=400.0,
            "Edges shorter than this stay whole.",
            fragments.whole_below_nm
        ),
        field!(
            "Objective",
            "PV band weight",
            "",
            0.0..=10.0,
            "Weight of the PV band against the image difference.",
            objective.pv_band_weight
        ),
        field!(
            "Objective",
            "EPE weight",
            "nm²",
            0.0..=100_000.0,
            "Weight of the smooth EPE count for each gauge.",
            objective.epe_weight
        ),
        field!(
            "Objective",
            "Loss grid",
            "nm",
            1.0..=32.0,
            "Pixel of the grid the loss is taken on; finer is slower.",
            objective.grid_nm
        ),
        field!(
            "Objective",
            "Margin",
            "nm",
            0.0..=1000.0,
            "Margin of the loss grid around the target.",
            objective.margin_nm
        ),
        field!(
            "Optimiser",
            "Start offset",
            "nm",
            -100.0..=100.0,
            "Offset every fragment starts from, outward.",
            optimiser.initial_offset_nm
        ),
        field!(
            "Optimiser",
            "Largest offset",
            "nm",
            1.0..=200.0,
            "Largest offset either way.",
            optimiser.max_offset_nm
        ),
        field!(
            "Optimiser",
            "Beta 1",
            "",
            0.0..=0.999,
            "Adam's decay of the first moment.",
            optimiser.beta1
        ),
        field!(
            "Optimiser",
            "Beta 2",
            "",
            0.0..=0.9999,
            "Adam's decay of the second moment.",
            optimiser.beta2
        ),
        field!(
            "Rules",
            "Least width",
            "nm",
            1.0..=200.0,
            "Least width of a mask shape, kept at every step.",
            rules.min_width_nm
        ),
        field!(
            "Rules",
            "Least space",
            "nm",
            1.0..=200.0,
            "Least space between mask shapes, kept at every step.",
            rules.min_space_nm
        ),
        parameter(
            "Rules",
            "EPE tolerance",
            "nm",
            1.0..=100.0,
            "A gauge counts as violated beyond this.",
            |r| f64::from(r.scoring.epe_tolerance_nm),
            |r, v| r.scoring.epe_tolerance_nm = v.round() as u32,
        ),
    ];
    for i in 0..recipe.optimiser.stages.len() {
        all.extend(stage_parameters(i));
    }
    all
}

fn stage_parameters(i: usize) -> [Parameter; 6] {
    let number = i + 1;
    let of = move |label: &str| format!("Stage {number} {label}");
    let stage = move |label: &str,
                      unit: &'static str,
                      range: RangeInclusive<f64>,
                      help: &'static str,
                      read: fn(&Stage) -> f64,
                      write: fn(&mut Stage, f64)| {
        parameter(
            "Optimiser",
            of(label),
            unit,
            range,
            help,
            move |r| r.optimiser.stages.get(i).map_or(0.0, read),
            move |r, v| {
                if let Some(stage) = r.optimiser.stages.get_mut(i) {
                    write(stage, v);
                }
            },
        )
    };
    [
        stage(
            "iterations",
            "",
            1.0..=1000.0,
            "Number of iterations of this stage.",
            |s| s.steps as f64,
            |s, v| s.steps = v.round() as usize,
        ),
        stage(
            "first step",
            "nm",
            0.01..=20.0,
            "Adam's step at the start of this stage.",
            |s| s.step_nm[0],
            |s, v| s.step_nm[0] = v,
        ),
        stage(
            "last step",
            "nm",
            0.01..=20.0,
            "Adam's step at the end of this stage.",
            |s| s.step_nm[1],
            |s, v| s.step_nm[1] = v,
        ),
        stage(
            "first steepness",
            "",
            1.0..=400.0,
            "Steepness of the resist sigmoid at the start.",
            |s| s.steepness[0],
            |s, v| s.steepness[0] = v,
        ),
        stage(
            "last steepness",
            "",
            1.0..=400.0,
            "Steepness of the resist sigmoid at the end.",
            |s| s.steepness[1],
            |s, v| s.steepness[1] = v,
        ),
        stage(
            "quadratic share",
            "",
            0.0..=1.0,
            "Share of the quadratic three-corner loss; the rest is linear.",
            |s| s.quadratic,
            |s, v| s.quadratic = v,
        ),
    ]
}

/// Lines of a group that are read, not edited here.
pub fn facts(group: &str, recipe: &Recipe) -> Vec<(&'static str, String)> {
    match group {
        "Optics" => optics_facts(&recipe.optics.kernels),
        "Optimiser" => vec![("Schedule", format!("{} iterations", recipe.total_steps()))],
        "Rules" => vec![(
            "Written layers",
            format!("{}, {}, {}", recipe.output.target, recipe.output.main, recipe.output.sraf),
        )],
        _ => Vec::new(),
    }
}

fn optics_facts(kernels: &KernelSource) -> Vec<(&'static str, String)> {
    match kernels {
        KernelSource::Imported { period_nm } => {
            vec![("Kernels", "contest files".to_owned()), ("Field", format!("{period_nm} nm"))]
        }
        KernelSource::Preset { preset } => {
            let mut lines = vec![("Preset", preset.clone())];
            if let Some(model) = lithoscope_engine::optics::OpticalModel::preset(preset) {
                lines.extend(model_facts(&model));
            }
            lines
        }
        KernelSource::Model { model } => model_facts(model),
    }
}

fn model_facts(model: &lithoscope_engine::optics::OpticalModel) -> Vec<(&'static str, String)> {
    let source = match &model.source {
        Source::Circular { sigma } => format!("circular, σ {sigma}"),
        Source::Annular { inner, outer } => format!("annular, σ {inner}–{outer}"),
        Source::Dipole { inner, outer, .. } => format!("dipole, σ {inner}–{outer}"),
        Source::Quadrupole { inner, outer, .. } => format!("four poles, σ {inner}–{outer}"),
    };
    vec![
        ("Wavelength", format!("{} nm", model.wavelength_nm)),
        ("NA", model.na.to_string()),
        ("Immersion", format!("n = {}", model.immersion_index)),
        ("Source", source),
        ("Energy kept", format!("{} %", model.energy * 100.0)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_reads_back_what_it_wrote() {
        let recipe = Recipe::named("iccad13-no-sraf").unwrap();
        for p in parameters(&recipe) {
            let mut edited = recipe.clone();
            let value = p.range.end().floor().max(*p.range.start());
            (p.set)(&mut edited, value);
            assert_eq!((p.get)(&edited), value, "{}", p.label);
        }
    }

    #[test]
    fn labels_are_unique_and_values_of_built_in_recipes_lie_in_range() {
        for name in Recipe::names() {
            let recipe = Recipe::named(name).unwrap();
            let all = parameters(&recipe);
            for (i, p) in all.iter().enumerate() {
                assert!(p.range.contains(&(p.get)(&recipe)), "{name}: {}", p.label);
                assert!(all[i + 1..].iter().all(|q| q.label != p.label), "{}", p.label);
                assert!(GROUPS.contains(&p.group));
            }
        }
    }
}
