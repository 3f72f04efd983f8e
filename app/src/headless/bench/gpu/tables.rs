//! The rows as a table, for people and as markdown.

use std::fmt::Write as _;

use super::{GpuReport, GpuRow};

const HEADS: [&str; 9] = [
    "stage",
    "input",
    "on",
    "ms",
    "GB/s",
    "of copy",
    "over processor",
    "over per-pixel",
    "clips/s",
];

fn cells(row: &GpuRow) -> [String; 9] {
    let times = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |r| format!("{r:.2}×"));
    let moved = row.bytes.map(|bytes| bytes as f64 / row.seconds / 1e9);
    [
        row.stage.to_owned(),
        row.input.clone(),
        row.on.clone(),
        format!("{:.3}", row.seconds * 1e3),
        moved.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}")),
        row.share_of_copy.map_or_else(|| "–".to_owned(), |v| format!("{:.0} %", v * 100.0)),
        times(row.over_processor),
        times(row.over_per_pixel),
        row.clips_per_second.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}")),
    ]
}

impl GpuReport {
    /// A table for people.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(cells).collect();
        let width = |i: usize| {
            let own = rows.iter().map(|row| row[i].chars().count());
            own.chain([HEADS[i].chars().count()]).max().unwrap_or(0)
        };
        let line = |cells: &[String; 9]| {
            let padded = cells.iter().enumerate().map(|(i, cell)| {
                let room = width(i);
                if i < 3 { format!("{cell:room$}") } else { format!("{cell:>room$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        let mut text = line(&HEADS.map(str::to_owned));
        text.extend(rows.iter().map(line));
        let _ = writeln!(
            text,
            "\nBytes are the least that must move; of the stages of a correction, each buffer of each step once. On a device the \
             edges of a raster lie there already, and no image leaves it. clips/s are iterations of clips in lock-step; the \
             processor's are clip beside clip."
        );
        for reason in &self.left_out {
            let _ = writeln!(text, "not timed: {reason}");
        }
        text
    }

    /// The same as markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String; 9]| format!("| {} |\n", cells.join(" | "));
        let mut text = line(&HEADS.map(str::to_owned));
        text.push_str("|---|---|---|---:|---:|---:|---:|---:|---:|\n");
        text.extend(self.rows.iter().map(|row| line(&cells(row))));
        for reason in &self.left_out {
            let _ = writeln!(text, "\nNot timed: {reason}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Machine;
    use super::*;

    #[test]
    fn columns_line_up_and_what_is_unknown_is_a_dash() {
        let row = |stage, seconds: f64, bytes| GpuRow {
            stage,
            input: "1000 edges, Manhattan, 1024²".to_owned(),
            on: "processor".to_owned(),
            seconds,
            bytes,
            share_of_copy: bytes.map(|_| 0.5),
            over_processor: None,
            over_per_pixel: Some(12.0),
            clips_per_second: None,
        };
        let report = GpuReport {
            machine: Machine::here(1, 1, None),
            devices: Vec::new(),
            left_out: vec!["cuda: none".to_owned()],
            rows: vec![row("raster", 0.002, Some(4_000_000)), row("iteration", 1.5, None)],
        };
        let text = report.text();
        let lines: Vec<&str> = text.lines().take(3).collect();
        assert_eq!(lines[1].chars().count(), lines[2].chars().count(), "{text}");
        assert!(
            lines[1].contains("2.000") && lines[1].contains("2.00") && lines[1].contains("50 %")
        );
        assert!(lines[2].contains("–") && text.contains("not timed: cuda: none"));
        assert_eq!(report.markdown().lines().filter(|l| l.starts_with('|')).count(), 4);
    }
}
