//! The `[optics]` table: which of its keys are needed depends on `source`.

use serde::{Deserialize, Serialize};

use crate::imaging::SpectrumForm;
use crate::optics::OpticalModel;

/// Where the kernels come from and how the mask enters them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "OpticsTable", into = "OpticsTable")]
pub struct Optics {
    /// Kernel source.
    pub kernels: KernelSource,
    /// Mask spectrum form.
    pub spectrum: SpectrumForm,
}

/// Where the kernels come from.
#[derive(Clone, Debug, PartialEq)]
pub enum KernelSource {
    /// Contest kernels: four `.npy` files in a folder given at run time.
    Imported {
        /// Period of the field the kernels were made for, nm.
        period_nm: f64,
    },
    /// A named preset from `assets/optics`.
    Preset {
        /// Its name, like `contest-like`.
        preset: String,
    },
    /// A model written out in the recipe.
    Model {
        /// The model.
        model: OpticalModel,
    },
}

/// The table as it stands in the file. (A flattened enum would let unknown keys pass.)
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpticsTable {
    source: SourceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period_nm: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preset: Option<String>,
    #[serde(default)]
    spectrum: SpectrumForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<OpticalModel>,
}

/// The values `source` may take.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SourceName {
    Imported,
    Preset,
    Model,
}

impl SourceName {
    /// As it stands in the file.
    fn text(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Preset => "preset",
            Self::Model => "model",
        }
    }
}

/// The value of the key that `source` calls for.
fn needed<T>(value: Option<T>, source: SourceName, key: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("optics.source = \"{}\" needs optics.{key}", source.text()))
}

impl TryFrom<OpticsTable> for Optics {
    type Error = String;

    fn try_from(table: OpticsTable) -> Result<Self, String> {
        let source = table.source;
        let belongs = [
            ("period_nm", table.period_nm.is_some(), SourceName::Imported),
            ("preset", table.preset.is_some(), SourceName::Preset),
            ("model", table.model.is_some(), SourceName::Model),
        ];
        for (key, given, owner) in belongs {
            if given && owner != source {
                return Err(format!(
                    "optics.{key} goes with optics.source = \"{}\", not \"{}\"; remove one",
                    owner.text(),
                    source.text()
                ));
            }
        }
        let kernels = match source {
            SourceName::Imported => {
                KernelSource::Imported { period_nm: needed(table.period_nm, source, "period_nm")? }
            }
            SourceName::Preset => {
                KernelSource::Preset { preset: needed(table.preset, source, "preset")? }
            }
            SourceName::Model => {
                KernelSource::Model { model: needed(table.model, source, "model")? }
            }
        };
        Ok(Self { kernels, spectrum: table.spectrum })
    }
}

impl From<Optics> for OpticsTable {
    fn from(optics: Optics) -> Self {
        let (mut period_nm, mut preset, mut model) = (None, None, None);
        let source = match optics.kernels {
            KernelSource::Imported { period_nm: period } => {
                period_nm = Some(period);
                SourceName::Imported
            }
            KernelSource::Preset { preset: name } => {
                preset = Some(name);
                SourceName::Preset
            }
            KernelSource::Model { model: written } => {
                model = Some(written);
                SourceName::Model
            }
        };
        Self { source, period_nm, preset, spectrum: optics.spectrum, model }
    }
}
