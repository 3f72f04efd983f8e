//! What the recipe panel says of a recipe beside its numbers.

use std::sync::LazyLock;

use lithoscope_engine::opc::{AssistMethod, KernelSource, OpcMethod, Recipe};
use lithoscope_engine::optics::{OpticalModel, Polarisation, Source};

/// What the method of a recipe is called.
pub fn method(recipe: &Recipe) -> &'static str {
    match recipe.method {
        OpcMethod::EdgeGradient => "Edge gradient",
        OpcMethod::Feedback => "EPE feedback",
        OpcMethod::Rules => "Rules",
        OpcMethod::PixelIlt => "Pixel ILT",
        OpcMethod::LevelSet => "Level-set ILT",
    }
}

/// Every way to place SRAFs with its name.
pub const ASSIST_METHODS: [(AssistMethod, &str); 3] = [
    (AssistMethod::None, "none"),
    (AssistMethod::Gradient, "by gradient"),
    (AssistMethod::Rules, "by rule"),
];

/// How a recipe places SRAFs, in a few words.
pub fn assists(recipe: &Recipe) -> &'static str {
    let used = ASSIST_METHODS.iter().find(|(method, _)| *method == recipe.assists.method);
    used.map_or("", |(_, name)| name)
}

/// A recipe that comes with the program, as the picker shows it.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// What it says of itself.
    pub summary: String,
    /// Its method.
    pub method: &'static str,
    /// How it places SRAFs.
    pub assists: &'static str,
}

/// The recipes that come with the program, by method, each method's in the order they come in.
pub fn known() -> &'static [Known] {
    static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
        let read = |name| {
            let recipe = Recipe::named(name).ok()?;
            let (method, assists) = (method(&recipe), assists(&recipe));
            Some(Known { name, summary: recipe.summary, method, assists })
        };
        let all: Vec<Known> = Recipe::names().filter_map(read).collect();
        let mut methods: Vec<&str> = all.iter().map(|k| k.method).collect();
        methods.dedup();
        let mut sorted = all;
        sorted.sort_by_key(|k| methods.iter().position(|m| *m == k.method));
        sorted
    });
    &KNOWN
}

/// Name and value of what is read, not edited, in the panel.
pub fn facts(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Method", method(recipe).to_owned())];
    lines.push(("SRAFs", assists(recipe).to_owned()));
    lines.extend(optics_facts(&recipe.optics.kernels));
    lines.push(("Schedule", format!("{} iterations", recipe.total_steps())));
    let output = &recipe.output;
    lines.push(("Written layers", format!("{}, {}, {}", output.target, output.main, output.sraf)));
    lines
}

fn optics_facts(kernels: &KernelSource) -> Vec<(&'static str, String)> {
    match kernels {
        KernelSource::Imported { period_nm } => {
            vec![("Kernels", "contest files".to_owned()), ("Field", format!("{period_nm} nm"))]
        }
        KernelSource::Preset { preset } => {
            let mut lines = vec![("Preset", preset.clone())];
            if let Some(model) = OpticalModel::preset(preset) {
                lines.extend(model_facts(&model));
            }
            lines
        }
        KernelSource::Model { model } => model_facts(model),
    }
}

fn model_facts(model: &OpticalModel) -> Vec<(&'static str, String)> {
    let source = match &model.source {
        Source::Circular { sigma } => format!("circular, σ {sigma}"),
        Source::Annular { inner, outer } => format!("annular, σ {inner}–{outer}"),
        Source::Dipole { inner, outer, .. } => format!("dipole, σ {inner}–{outer}"),
        Source::Quadrupole { inner, outer, .. } => format!("four poles, σ {inner}–{outer}"),
        Source::Point { x, y } => format!("point, σ ({x}, {y})"),
        Source::Map { rows } => format!("map, {0} × {0}", rows.len()),
    };
    let light = match model.polarisation {
        Polarisation::Scalar => "scalar",
        Polarisation::Unpolarised => "unpolarised",
        Polarisation::X => "polarised along x",
        Polarisation::Y => "polarised along y",
        Polarisation::Te => "TE (azimuthal)",
        Polarisation::Tm => "TM (radial)",
    };
    vec![
        ("Wavelength", format!("{} nm", model.wavelength_nm)),
        ("NA", model.na.to_string()),
        ("Immersion", format!("n = {}", model.immersion_index)),
        ("Source", source),
        ("Light", light.to_owned()),
        ("Energy kept", format!("{} %", model.energy * 100.0)),
    ]
}
