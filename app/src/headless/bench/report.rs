//! The report of a bench: every run, the averages, what is published; as JSON and as CSV.

use std::fmt::Write as _;
use std::path::PathBuf;

use lithoscope_engine::opc::Recipe;
use serde::Serialize;

use super::{Averages, BenchOptions, ClipFile, Figures, Machine, Published, Suite};

/// One recipe on one clip.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Name of the recipe.
    pub recipe: String,
    /// What the clip is called.
    pub clip: String,
    /// Its file.
    pub file: PathBuf,
    /// The figures of the mask; absent where the run failed.
    #[serde(flatten)]
    pub figures: Option<Figures>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Entry {
    /// The entry of a run that ended either way.
    pub fn new(clip: &ClipFile, recipe: &Recipe, outcome: anyhow::Result<Figures>) -> Self {
        let (figures, failure) = match outcome {
            Ok(figures) => (Some(figures), None),
            Err(error) => (None, Some(format!("{error:#}").replace('\n', " "))),
        };
        let (recipe, file) = (recipe.name.clone(), clip.path.clone());
        Self { recipe, clip: clip.label.clone(), file, figures, failure }
    }
}

/// A whole bench.
#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    /// What the folder was taken for.
    pub suite: Suite,
    /// The folder.
    pub folder: PathBuf,
    /// Number of clips.
    pub clips: usize,
    /// What it ran on.
    pub machine: Machine,
    /// Averages, a recipe each.
    pub averages: Vec<Averages>,
    /// What is published for these clips.
    pub published: Vec<Published>,
    /// What a person should know of how it was run.
    pub notes: Vec<String>,
    /// Every run, clip by clip.
    pub runs: Vec<Entry>,
    /// The recipes.
    pub recipes: Vec<Recipe>,
}

impl BenchReport {
    /// The report of finished runs.
    pub fn new(options: &BenchOptions, clips: usize, runs: Vec<Entry>, notes: Vec<String>) -> Self {
        let suite = options.suite;
        let average = |recipe: &Recipe| Averages::new(suite, &recipe.name, &runs);
        Self {
            suite,
            folder: options.folder.clone(),
            clips,
            machine: Machine {
                batch: options.batch,
                ..Machine::here(options.threads, options.jobs, options.device.as_deref())
            },
            notes,
            averages: options.recipes.iter().map(average).collect(),
            published: suite.published().copied().collect(),
            recipes: options.recipes.clone(),
            runs,
        }
    }

    /// How many runs failed, and why the first did.
    pub fn failures(&self) -> Option<(usize, &Entry)> {
        let mut failed = self.runs.iter().filter(|run| run.failure.is_some());
        let first = failed.next()?;
        Some((1 + failed.count(), first))
    }

    /// One row a run.
    pub fn csv(&self) -> String {
        let mut text = COLUMNS.join(",") + "\n";
        for run in &self.runs {
            let mut cells = vec![quoted(&run.recipe), quoted(&run.clip)];
            match &run.figures {
                Some(figures) => cells.extend(values(figures)),
                None => cells.resize(COLUMNS.len() - 1, String::new()),
            }
            cells.push(quoted(run.failure.as_deref().unwrap_or_default()));
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

/// Columns of the table, in the order of [`values`] between the first two and the last.
const COLUMNS: [&str; 24] = [
    "recipe",
    "clip",
    "l2_nm2",
    "pvb_nm2",
    "epe_violations",
    "epe_inner",
    "epe_outer",
    "epe_gauges",
    "shots",
    "vsb_shots",
    "vsb_slivers",
    "vsb_cost",
    "rule_violations",
    "missing",
    "broken",
    "bridged",
    "extra",
    "target_shapes",
    "srafs",
    "iteration",
    "seconds_kernels",
    "seconds_per_step",
    "seconds",
    "failure",
];

fn values(figures: &Figures) -> Vec<String> {
    let (m, t) = (&figures.verdict.metrics, &figures.verdict.topology);
    let vsb = |of: fn(&lithoscope_engine::verify::VsbCount) -> u64| {
        figures.vsb.as_ref().map(|v| of(v).to_string()).unwrap_or_default()
    };
    let mut cells: Vec<String> = [m.l2_nm2, m.pvb_nm2].iter().map(u64::to_string).collect();
    let counts = [m.epe_violations, m.epe_inner, m.epe_outer];
    cells.extend(counts.iter().map(u32::to_string));
    cells.push(figures.verdict.epe_gauges.to_string());
    cells.push(m.shots.to_string());
    cells.extend([vsb(|v| v.shots), vsb(|v| v.slivers), vsb(|v| v.cost)]);
    cells.push(figures.rule_violations.to_string());
    cells.extend([t.missing, t.broken, t.bridged, t.extra].iter().map(u32::to_string));
    let counts = [figures.target_shapes, figures.srafs, figures.iteration];
    cells.extend(counts.iter().map(usize::to_string));
    let s = &figures.seconds;
    cells.extend([s.kernels, s.per_step, s.total].iter().map(f64::to_string));
    cells
}

/// A text as a CSV cell (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_or_quotes_are_quoted() {
        assert_eq!(quoted("plain text"), "plain text");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
