//! GLP, the text format of the contest's clips.
//!
//! One statement a line: `BEGIN`, `EQUIV 1 1000 MICRON +X,+Y` (1 µm is 1000 units), `CNAME`,
//! `LEVEL` and `CELL name PRIME` head the file, `RECT N layer x y width height` and
//! `PGON N layer x y x y …` are its shapes, `ENDMSG` ends it. Layers have names; they are numbered
//! 1/0, 2/0, … in order of their first shape.

mod write;

use std::path::Path;

use super::{
    Cell, Faults, Layer, Layout, LayoutError, Losses, Opened, Progress, ReadOptions, stem,
    tidy_unit_nm,
};
use crate::geometry::{Point, Rect};

pub(super) use write::write;

/// Whether the first word is one that starts a GLP file.
pub(super) fn looks_like_glp(bytes: &[u8]) -> bool {
    let words = bytes.split(u8::is_ascii_whitespace);
    let first = words.into_iter().find(|word| !word.is_empty());
    matches!(first, Some(b"BEGIN" | b"EQUIV" | b"CNAME" | b"CELL"))
}

/// Reads a whole GLP text.
pub(super) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Opened, LayoutError> {
    let report = |done| options.report(path, Progress { done, total: Some(bytes.len() as u64) });
    report(0)?;
    let (line, offset, unit_nm) = (0, 0, 1.0);
    let (cells, layers, losses) = (Vec::new(), Vec::new(), Losses::default());
    let mut reader = Reader { path, options, line, offset, unit_nm, cells, layers, losses };
    let mut next_offset = 0;
    for line in bytes.split(|&b| b == b'\n') {
        reader.line += 1;
        reader.offset = next_offset;
        next_offset += line.len() as u64 + 1;
        if reader.offset / STRIDE != next_offset / STRIDE {
            report(reader.offset)?;
        }
        let text = std::str::from_utf8(line);
        let text = text.map_err(|_| reader.fault("the line is not text; expected a GLP statement"));
        match text.and_then(|text| reader.statement(text)) {
            Ok(Next::Line) => {}
            Ok(Next::End) => return Ok(reader.opened()),
            Err(fault) => reader.lose(fault)?,
        }
    }
    let missing = reader.fault("the file ends here; expected ENDMSG");
    reader.lose(missing)?;
    Ok(reader.opened())
}

/// Bytes between two reports of progress.
const STRIDE: u64 = 1 << 20;

#[derive(PartialEq, Eq)]
enum Next {
    Line,
    End,
}

struct Reader<'a> {
    path: &'a Path,
    options: &'a ReadOptions<'a>,
    line: usize,
    offset: u64,
    unit_nm: f64,
    cells: Vec<Cell>,
    layers: Vec<String>,
    losses: Losses,
}

impl Reader<'_> {
    /// Lists a fault where faults are passed over, and gives it back where they are not.
    fn lose(&mut self, fault: LayoutError) -> Result<(), LayoutError> {
        match fault {
            LayoutError::Glp { offset, problem, .. } if self.options.faults == Faults::Skip => {
                let cell = self.cells.last().map(|c| c.name.clone());
                self.losses.add(cell, offset, format!("{problem}; the line is left out"));
                Ok(())
            }
            other => Err(other),
        }
    }

    fn opened(mut self) -> Opened {
        let losses = std::mem::take(&mut self.losses).into_list();
        let name = stem(self.path);
        Opened { layout: self.layout(name), losses }
    }

    fn fault(&self, problem: impl Into<String>) -> LayoutError {
        LayoutError::Glp {
            path: self.path.to_path_buf(),
            line: self.line,
            offset: self.offset,
            problem: problem.into(),
        }
    }

    fn statement(&mut self, text: &str) -> Result<Next, LayoutError> {
        let mut words = text.split_ascii_whitespace();
        match words.next() {
            None | Some("BEGIN" | "CNAME" | "LEVEL") => {}
            Some("EQUIV") => self.unit_nm = self.equivalence(words)?,
            Some("CELL") => {
                let name = words.next().ok_or_else(|| self.fault("CELL without a name"))?;
                self.cells.push(Cell::new(name));
            }
            Some(shape @ ("RECT" | "PGON")) => self.shape(shape, words)?,
            Some("ENDMSG") => return Ok(Next::End),
            Some(other) => {
                let shown: String = other.chars().take(20).collect();
                let problem = format!("statement '{shown}'; expected RECT, PGON, CELL or ENDMSG");
                return Err(self.fault(problem));
            }
        }
        Ok(Next::Line)
    }

    fn equivalence<'t>(&self, words: impl Iterator<Item = &'t str>) -> Result<f64, LayoutError> {
        let words: Vec<_> = words.collect();
        let number = |i: usize| words.get(i).and_then(|w| w.parse::<f64>().ok());
        if let (Some(microns), Some(units), Some(&"MICRON")) = (number(0), number(1), words.get(2))
        {
            let unit_nm = tidy_unit_nm(1000.0 * microns / units);
            if (1e-6..=1e9).contains(&unit_nm) {
                return Ok(unit_nm);
            }
        }
        Err(self.fault("EQUIV is not as expected, like: EQUIV 1 1000 MICRON +X,+Y"))
    }

    fn shape<'t>(
        &mut self,
        kind: &str,
        mut words: impl Iterator<Item = &'t str>,
    ) -> Result<(), LayoutError> {
        let (Some(_net), Some(layer)) = (words.next(), words.next()) else {
            return Err(self.fault(format!("{kind} without a layer; expected {kind} N layer …")));
        };
        let numbers = words.map(|w| self.number(w)).collect::<Result<Vec<_>, _>>()?;
        let ring = if kind == "RECT" { self.rect(&numbers)? } else { self.polygon(&numbers)? };
        let layer = self.layer(layer);
        let added = match self.cells.last_mut() {
            Some(_) if !self.options.wants(layer) => return Ok(()),
            Some(cell) => cell.on(layer).push_polygon(&ring).map_err(|full| full.to_string()),
            None => Err(format!("{kind} before any CELL")),
        };
        added.map(drop).map_err(|problem| self.fault(problem))
    }

    fn number(&self, word: &str) -> Result<i32, LayoutError> {
        word.parse().map_err(|_| {
            let shown: String = word.chars().take(20).collect();
            self.fault(format!("'{shown}' is not a coordinate; expected a whole number of 32 bits"))
        })
    }

    fn rect(&self, numbers: &[i32]) -> Result<Vec<Point>, LayoutError> {
        let &[x, y, width, height] = numbers else {
            let n = numbers.len();
            return Err(self.fault(format!("RECT has {n} numbers; expected x y width height")));
        };
        if width <= 0 || height <= 0 {
            let problem = format!("RECT of {width} by {height}; expected positive sizes");
            return Err(self.fault(problem));
        }
        match (x.checked_add(width), y.checked_add(height)) {
            (Some(right), Some(top)) => Ok(Rect::new(x, y, right, top).corners().to_vec()),
            _ => Err(self.fault("RECT reaches beyond 32-bit coordinates")),
        }
    }

    fn polygon(&self, numbers: &[i32]) -> Result<Vec<Point>, LayoutError> {
        if !numbers.len().is_multiple_of(2) || numbers.len() < 6 {
            let n = numbers.len();
            let problem = format!("PGON has {n} numbers; expected x y for at least three corners");
            return Err(self.fault(problem));
        }
        let mut ring: Vec<_> = numbers.chunks_exact(2).map(|p| Point::new(p[0], p[1])).collect();
        if ring.len() > 3 && ring.first() == ring.last() {
            ring.pop();
        }
        Ok(ring)
    }

    fn layer(&mut self, name: &str) -> Layer {
        let known = self.layers.iter().position(|l| l == name);
        let index = known.unwrap_or(self.layers.len());
        if known.is_none() {
            self.layers.push(name.to_owned());
        }
        Layer::new(index as u32 + 1, 0)
    }

    fn layout(self, name: String) -> Layout {
        let mut layout = Layout::new(name, self.unit_nm, self.cells);
        layout.contest = true;
        let layers = (1..).map(|number| Layer::new(number, 0));
        layout.layer_names = layers.zip(self.layers).collect();
        layout
    }
}
