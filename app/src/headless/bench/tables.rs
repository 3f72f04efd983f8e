//! The tables of a bench for people: averages beside what is published, then clip by clip.

use std::fmt::Write as _;

use super::sheet::Sheet;
use super::{Averages, BenchReport, Entry, Figures, Published};

/// Heads of the figures, in every table.
const FIGURES: [&str; 9] =
    ["L2 nm²", "PV band nm²", "EPE", "shots", "VSB shots", "rules", "shapes", "SRAFs", "s"];

/// What the heads mean, below the tables.
const LEGEND: &str = "Shots: least number of rectangles. VSB shots: shots of at most 1000 nm, where one under 20 nm counts \
twice. Rules: places where a mask rule is broken. Shapes: missing, broken, bridged or extra at the worst \
corner. s: wall time of a whole run, kernels and judged iterations included";

/// What that time is of clips in lock-step.
const BATCHED: &str = "; of clips in lock-step, the wall time of their batch over its clips";

impl BenchReport {
    /// The tables for a terminal.
    pub fn text(&self) -> String {
        format!(
            "{}\n\n{}\n{}\n{}\n{}{}",
            self.heading(),
            self.averages_sheet("", "").text(),
            self.runs_sheet("", "").text(),
            self.legend(),
            self.noted(),
            self.failed(),
        )
    }

    /// The tables as a section of a document: averages first, published rows in italics.
    pub fn markdown(&self) -> String {
        let command = format!("lithoscope bench {} DIR", self.suite_name());
        let mut text = format!("`{command}`: {}.\n\n", self.heading());
        text += &self.averages_sheet("`", "*").markdown();
        let sources = self.published.iter().fold(Vec::new(), |mut all, row| {
            if !all.contains(&row.source) {
                all.push(row.source);
            }
            all
        });
        if !sources.is_empty() {
            let _ = writeln!(text, "\nPublished: {}.", sources.join("; "));
        }
        let sheet = self.runs_sheet("`", "**").markdown();
        let _ = write!(text, "\n{}\n\n{sheet}", self.legend());
        text + &self.noted() + &self.failed()
    }

    /// What the heads mean.
    fn legend(&self) -> String {
        format!("{LEGEND}{}.", if self.machine.batch > 1 { BATCHED } else { "" })
    }

    /// A line for every note.
    fn noted(&self) -> String {
        self.notes.iter().fold(String::new(), |text, note| format!("{text}\n- {note}\n"))
    }

    /// A line for every run that failed.
    fn failed(&self) -> String {
        let failed = self.runs.iter().filter_map(|run| Some((run, run.failure.as_ref()?)));
        failed.fold(String::new(), |text, (run, reason)| {
            format!("{text}\n- {} with {} failed: {reason}\n", run.clip, run.recipe)
        })
    }

    fn suite_name(&self) -> String {
        serde_json::to_value(self.suite)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// What was run, and on what, in one line.
    fn heading(&self) -> String {
        let m = &self.machine;
        let plural = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let processor = m.processor.as_deref().map(|p| format!(" of {p}")).unwrap_or_default();
        let mut tolerances: Vec<u32> =
            self.recipes.iter().map(|r| r.scoring.epe_tolerance_nm).collect();
        tolerances.sort_unstable();
        tolerances.dedup();
        let tolerances: Vec<String> = tolerances.iter().map(u32::to_string).collect();
        let unit = if self.suite.is_by_shape() { "; averages a target shape" } else { "" };
        format!(
            "{}, EPE at {} nm{unit}; {}, {}{processor}, {} a clip, {}",
            plural(self.clips, "clip"),
            tolerances.join(" or "),
            m.program,
            plural(m.cores, "core"),
            plural(m.threads, "thread"),
            if m.batch > 1 {
                format!("{} in lock-step on {}", m.batch, m.device)
            } else {
                format!("{} at a time", m.jobs)
            },
        )
    }

    /// Averages and published rows; names stand between `own` or `others` marks.
    fn averages_sheet(&self, own: &str, others: &str) -> Sheet {
        let mut heads = vec!["average".to_owned()];
        heads.extend(FIGURES.iter().filter(|head| **head != "SRAFs").map(ToString::to_string));
        heads.push("better in every published column than".into());
        let mut rows: Vec<Vec<String>> =
            self.averages.iter().map(|a| average_row(a, own)).collect();
        rows.extend(self.published.iter().map(|p| published_row(p, others)));
        Sheet { heads, rows, names: 1 }
    }

    fn runs_sheet(&self, code: &str, strong: &str) -> Sheet {
        let mut heads = vec!["clip".to_owned(), "recipe".into()];
        heads.extend(FIGURES.map(str::to_owned));
        let rows = self.runs.iter().map(|run| run_row(run, code, strong)).collect();
        Sheet { heads, rows, names: 2 }
    }
}

fn average_row(a: &Averages, code: &str) -> Vec<String> {
    let failed = if a.failed > 0 { format!(" ({} failed)", a.failed) } else { String::new() };
    let mut row = vec![format!("{code}{}{code}{failed}", a.recipe)];
    if a.clips == 0 {
        row.resize(10, "-".into());
        return row;
    }
    row.extend([format!("{:.0}", a.l2_nm2), format!("{:.0}", a.pvb_nm2)]);
    row.extend([a.epe_violations, a.shots, a.vsb_cost].map(|v| format!("{v:.1}")));
    row.extend([a.rule_violations, a.topology_faults].map(|v| format!("{v:.1}")));
    row.push(format!("{:.2}", a.seconds));
    row.push(if a.better_than.is_empty() { "-".into() } else { a.better_than.join(", ") });
    row
}

fn published_row(p: &Published, mark: &str) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let machine = p.machine.map(|m| format!(", {m}")).unwrap_or_default();
    let name = format!("{mark}{} ({}), published{machine}{mark}", p.method, p.kind);
    let mut row = vec![name, format!("{:.0}", p.l2_nm2), format!("{:.0}", p.pvb_nm2)];
    row.push(format!("{:.1}", p.epe_violations));
    row.push(or_dash(p.shots.map(|shots| format!("{shots:.1}"))));
    row.extend(["-"; 3].map(str::to_owned));
    row.push(or_dash(p.seconds.map(|s| format!("{s:.2}"))));
    row.push(String::new());
    row
}

fn run_row(run: &Entry, code: &str, strong: &str) -> Vec<String> {
    let mut row = vec![run.clip.clone(), format!("{code}{}{code}", run.recipe)];
    if let Some(figures) = &run.figures {
        row.extend(figure_cells(figures));
    } else {
        row.push(format!("{strong}failed{strong}"));
        row.resize(2 + FIGURES.len(), "-".into());
    }
    row
}

fn figure_cells(figures: &Figures) -> Vec<String> {
    let (m, t) = (&figures.verdict.metrics, &figures.verdict.topology);
    vec![
        m.l2_nm2.to_string(),
        m.pvb_nm2.to_string(),
        m.epe_violations.to_string(),
        m.shots.to_string(),
        figures.vsb_cost().to_string(),
        figures.rule_violations.to_string(),
        t.faults().to_string(),
        figures.srafs.to_string(),
        format!("{:.2}", figures.seconds.total),
    ]
}
