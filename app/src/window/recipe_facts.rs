//! What the recipe panel says of a recipe beside its numbers.

use lithoscope_engine::opc::{KernelSource, Recipe};
use lithoscope_engine::optics::{OpticalModel, Polarisation, Source};

/// Name and value of what is read, not edited, in the panel.
pub fn facts(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let mut lines = optics_facts(&recipe.optics.kernels);
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
