//! A file read whole or, where its tables tell where cells start, in parts at the same time.

use std::collections::HashSet;

use rayon::prelude::*;

use super::Element;
use super::budget::Budget;
use super::cells::{Cells, Target};
use super::course::{Course, Halt, Watch, halt, misplaced, run};
use super::directory::Directory;
use super::names::Names;
use super::parser::{Fault, Out, Parser};
use super::stream::{Parsed, Place, Stream};
use super::tables::{Runs, Tables};
use crate::layout::{Faults, ReadOptions};

/// Parts that a file is read in at most.
const PARTS: u64 = 64;

/// What has been read of a file.
pub(super) struct Content<'o> {
    /// Its cells, part by part.
    pub parts: Vec<Cells<'o>>,
    pub names: Names,
    pub units_per_um: f64,
    /// What was passed over.
    pub faults: Vec<Fault>,
}

struct Part<'o> {
    cells: Cells<'o>,
    names: Names,
    runs: Runs,
    units_per_um: Option<f64>,
    tables: Option<Tables>,
}

/// A file and how to read it.
#[derive(Clone, Copy)]
pub(super) struct Job<'o> {
    pub bytes: &'o [u8],
    pub options: &'o ReadOptions<'o>,
    pub directory: &'o Directory,
    pub budget: &'o Budget,
    pub watch: &'o Watch<'o>,
}

/// Reads a file from its first byte to its last.
pub(super) fn serial<'o>(job: &Job<'o>) -> Result<Content<'o>, Halt> {
    let lenient = job.options.faults == Faults::Skip;
    let mut cells = Cells::new(job.options, job.budget, Target::File);
    let mut sink = |element: &Element| cells.take(element);
    let mut stream = Stream::new(job.bytes, 0, job.budget);
    stream.lenient = lenient;
    let mut parser = Parser::new(stream, Out::new(&mut sink, lenient));
    parser.head().map_err(|problem| halt(&parser, &problem))?;
    let anchors = &job.directory.anchors;
    run(&mut parser, &Course { watch: job.watch, anchors, start: 0, stop: None })?;
    if lenient {
        list_misplaced(&mut parser);
    } else if let Some((offset, problem)) = misplaced(&parser) {
        return Err(Halt::Fault(offset, problem));
    }
    let Parser { names, units_per_um, out, place, .. } = parser;
    let faults = out.faults;
    cells.settle().map_err(|problem| Halt::Fault(place.file, problem))?;
    let units_per_um = units_per_um.unwrap_or(1000.0);
    Ok(Content { parts: vec![cells], names, units_per_um, faults })
}

/// Lists names that are missing or out of place.
fn list_misplaced(parser: &mut Parser) {
    let fault = |place: Place, record, problem: String| Fault {
        cell: None,
        place,
        record,
        problem: problem.into(),
    };
    for undefined in parser.names.undefined() {
        if parser.out.is_full() {
            return;
        }
        let problem = undefined.problem();
        parser.out.faults.push(fault(undefined.place, undefined.record, problem));
    }
    let outside = parser.tables.and_then(|tables| parser.runs.outside(&tables));
    if let Some((place, record, problem)) = outside {
        parser.out.faults.push(fault(place, record, problem));
    }
}

/// Reads the parts of a file at the same time. Each starts with a cell, so that put together they
/// are what reading from the first byte to the last gives; `None` where that is not so, or anything
/// is wrong: then the file is to be read from the first byte to the last.
pub(super) fn parallel<'o>(job: &Job<'o>) -> Result<Option<Content<'o>>, Halt> {
    let spans = spans(&job.directory.cells, job.bytes.len() as u64);
    if spans.len() < 2 {
        return Ok(None);
    }
    let parts: Vec<_> = spans.into_par_iter().map(|span| part(job, span)).collect();
    let mut whole = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Ok(part) => whole.push(part),
            Err(Halt::Cancelled(error)) => return Err(Halt::Cancelled(error)),
            Err(_) => return Ok(None),
        }
    }
    Ok(joined(whole))
}

/// From where to where the parts go: about equally long, between cells.
fn spans(cells: &[u64], size: u64) -> Vec<(u64, Option<u64>)> {
    let least = size / PARTS;
    let mut starts = vec![0];
    for &cell in cells {
        if cell - starts.last().copied().unwrap_or(0) > least {
            starts.push(cell);
        }
    }
    let stops = starts.iter().copied().skip(1).map(Some).chain([None]);
    starts.iter().copied().zip(stops).collect()
}

fn part<'o>(job: &Job<'o>, (start, stop): (u64, Option<u64>)) -> Result<Part<'o>, Halt> {
    let first = if start == 0 { Target::File } else { Target::Nothing };
    let mut cells = Cells::new(job.options, job.budget, first);
    let mut sink = |element: &Element| cells.take(element);
    let stream = Stream::new(job.bytes, start as usize, job.budget);
    let mut parser = Parser::new(stream, Out::new(&mut sink, false));
    let opened = if start == 0 {
        parser.head().map(|()| true)
    } else {
        parser.tables = job.directory.at_start;
        opens_with_cell(&mut parser)
    };
    if !opened.map_err(|problem| halt(&parser, &problem))? {
        return Err(Halt::Astray);
    }
    run(&mut parser, &Course { watch: job.watch, anchors: &[], start, stop })?;
    let Parser { names, runs, units_per_um, tables, .. } = parser;
    cells.settle().map_err(|problem| Halt::Fault(start, problem))?;
    Ok(Part { cells, names, runs, units_per_um, tables })
}

/// Reads up to the first record that says anything; tells whether it begins a cell.
fn opens_with_cell(parser: &mut Parser) -> Parsed<bool> {
    loop {
        parser.settle()?;
        let id = parser.next()?;
        parser.take(id)?;
        match id {
            0 | 34 => {}
            _ => return Ok(matches!(id, 13 | 14)),
        }
    }
}

fn joined(whole: Vec<Part<'_>>) -> Option<Content<'_>> {
    let (mut names, mut runs) = (Names::default(), Runs::default());
    let (mut units_per_um, mut tables) = (None, None);
    let mut parts = Vec::with_capacity(whole.len());
    for part in whole {
        names.append(part.names)?;
        runs.append(&part.runs);
        units_per_um = units_per_um.or(part.units_per_um);
        tables = part.tables.or(tables);
        parts.push(part.cells);
    }
    let mut defined = HashSet::new();
    let slots = parts.iter().flat_map(|cells| &cells.slots);
    let once = slots
        .filter(|slot| slot.defined.is_some())
        .all(|slot| names.cell(&slot.name).is_some_and(|name| defined.insert(name)));
    let in_place = names.undefined().is_empty() && runs.outside(&tables?).is_none();
    drop(defined);
    let units_per_um = units_per_um?;
    (once && in_place).then_some(Content { parts, names, units_per_um, faults: Vec::new() })
}
