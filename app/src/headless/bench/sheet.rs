//! A table of texts, for a terminal or as markdown.

use std::fmt::Write as _;

/// Heads and rows; the first `names` columns are texts, the others numbers.
pub struct Sheet {
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Rows, with as many cells as there are heads.
    pub rows: Vec<Vec<String>>,
    /// How many columns are set flush left.
    pub names: usize,
}

impl Sheet {
    /// Aligned columns, two spaces apart.
    pub fn text(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.chain(self.heads.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        let mut text = String::new();
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                if column < self.names {
                    format!("{cell:width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// A markdown table.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = |column| if column < self.names { "---" } else { "---:" };
        let rules: Vec<&str> = (0..self.heads.len()).map(rule).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}|{}|\n{rows}", line(&self.heads), rules.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_text_and_bars_are_escaped_in_markdown() {
        let cell = |text: &str| text.to_owned();
        let sheet = Sheet {
            heads: vec![cell("name"), cell("L2 nm²")],
            rows: vec![vec![cell("a|b"), cell("12345678")], vec![cell("longer"), cell("7")]],
            names: 1,
        };
        assert_eq!(sheet.text(), "name      L2 nm²\na|b     12345678\nlonger         7\n");
        let markdown = "| name | L2 nm² |\n|---|---:|\n| a\\|b | 12345678 |\n| longer | 7 |\n";
        assert_eq!(sheet.markdown(), markdown);
    }
}
