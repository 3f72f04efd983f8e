//! Reading record after record, through a whole file or a part of it, and past what is damaged
//! where that is asked for.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::budget::Budget;
use super::names::Names;
use super::parser::{Out, Parser, Sink, located};
use super::stream::{Parsed, Problem, Stream};
use crate::layout::{LayoutError, Progress, ReadOptions};

/// Work done between two reports, in bytes read, inflated ones included.
const PACE: u64 = 1 << 20;

/// What a file says of itself.
#[derive(Clone, Debug)]
pub struct Library {
    /// Database units in a micrometre.
    pub units_per_um: f64,
    /// The name tables.
    pub names: Names,
}

/// Reads a whole file and hands every element to `sink`, in file order.
///
/// Memory is bounded by the longest record and the name tables: compressed blocks are inflated
/// piece by piece and repetitions stay as they are.
///
/// # Errors
/// [`LayoutError::Oasis`] names the offset, the record and the rule of the standard it breaks, or
/// what `sink` says against it. Every rule is checked: names that are used but never defined or
/// stand outside of a strict table, modal variables used before they are set, the length of `END`
/// and the validation signature included.
pub fn elements(path: &Path, bytes: &[u8], sink: &mut Sink) -> Result<Library, LayoutError> {
    let budget = Budget::of(bytes);
    let mut parser = Parser::new(Stream::new(bytes, 0, &budget), Out::new(sink, false));
    let fault =
        |(offset, problem)| LayoutError::Oasis { path: path.to_path_buf(), offset, problem };
    let whole =
        Course { watch: &Watch::new(path, bytes, None), anchors: &[], start: 0, stop: None };
    match parser
        .head()
        .map_err(|problem| halt(&parser, &problem))
        .and_then(|()| run(&mut parser, &whole))
    {
        Err(Halt::Fault(offset, problem)) => return Err(fault((offset, problem))),
        Err(Halt::Cancelled(error)) => return Err(error),
        Ok(()) | Err(Halt::Astray) => {}
    }
    if let Some(refusal) = misplaced(&parser) {
        return Err(fault(refusal));
    }
    let units_per_um = parser.units_per_um.unwrap_or(1000.0);
    Ok(Library { units_per_um, names: parser.names })
}

/// What is wrong with the names of a file that has been read: the first that is used but not
/// defined, or stands outside of its table.
pub(super) fn misplaced(parser: &Parser) -> Option<(u64, String)> {
    if let Some(undefined) = parser.names.undefined().first() {
        return Some(located(undefined.place, undefined.record, &undefined.problem()));
    }
    let (place, record, problem) = parser.runs.outside(&parser.tables?)?;
    Some(located(place, record, &problem))
}

/// Why reading ended early.
pub(super) enum Halt {
    /// The offset at fault and what is wrong.
    Fault(u64, String),
    /// It was broken off on request.
    Cancelled(LayoutError),
    /// The part of the file does not end where it was to.
    Astray,
}

/// What is wrong with the record at hand.
pub(super) fn halt(parser: &Parser, problem: &Problem) -> Halt {
    let (offset, problem) = located(parser.place, parser.record, problem);
    Halt::Fault(offset, problem)
}

/// Who is told how far reading has come.
pub(super) struct Watch<'w> {
    path: &'w Path,
    options: Option<&'w ReadOptions<'w>>,
    total: u64,
    done: AtomicU64,
}

impl<'w> Watch<'w> {
    pub fn new(path: &'w Path, bytes: &[u8], options: Option<&'w ReadOptions<'w>>) -> Self {
        Self { path, options, total: bytes.len() as u64, done: AtomicU64::new(0) }
    }

    /// Tells that so many bytes more of the file have been read.
    pub fn tell(&self, more: u64) -> Result<(), Halt> {
        let Some(options) = self.options else { return Ok(()) };
        let done = self.done.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        let progress = Progress { done: done.min(self.total), total: Some(self.total) };
        options.report(self.path, progress).map_err(Halt::Cancelled)
    }
}

/// What part of a file to read.
pub(super) struct Course<'c> {
    pub watch: &'c Watch<'c>,
    /// Places, in order, where reading can go on after a fault: of cells, of tables, of `END`.
    pub anchors: &'c [u64],
    /// Where the part starts.
    pub start: u64,
    /// Where to stop; `None` for behind `END`.
    pub stop: Option<u64>,
}

enum Step {
    On,
    Done,
    Astray,
}

/// Reads from where the parser stands.
pub(super) fn run(parser: &mut Parser, course: &Course) -> Result<(), Halt> {
    let (mut told, mut due) = (course.start, parser.stream.work() + PACE);
    loop {
        let step = step(parser, course.stop);
        if parser.stream.work() >= due {
            let at = parser.stream.position();
            course.watch.tell(at.saturating_sub(told))?;
            (told, due) = (at, parser.stream.work() + PACE);
        }
        match step {
            Ok(Step::On) => {}
            Ok(Step::Astray) => return Err(Halt::Astray),
            Ok(Step::Done) => {
                return course.watch.tell(parser.stream.position().saturating_sub(told));
            }
            Err(problem) if !parser.out.lenient => return Err(halt(parser, &problem)),
            Err(problem) => {
                if !recovered(parser, course.anchors, problem) {
                    return Ok(());
                }
                due = parser.stream.work() + PACE;
            }
        }
        if parser.out.is_full() {
            parser.out.give_up(parser.place, parser.record);
            return Ok(());
        }
        if parser.out.lenient && parser.stream.budget().is_spent() {
            let spent = parser.stream.budget().check();
            return spent.map_err(|problem| halt(parser, &problem));
        }
    }
}

fn step(parser: &mut Parser, stop: Option<u64>) -> Parsed<Step> {
    parser.settle()?;
    if let Some(stop) = stop
        && !parser.stream.in_block()
    {
        let at = parser.stream.position();
        if at >= stop {
            return Ok(if at == stop { Step::Done } else { Step::Astray });
        }
    }
    let id = parser.next()?;
    Ok(if parser.take(id)? { Step::Done } else { Step::On })
}

/// Lists a fault and goes on behind what is damaged: at the end of the block or, outside of blocks,
/// at the next anchor. Tells whether there is anything to go on with.
fn recovered(parser: &mut Parser, anchors: &[u64], problem: Problem) -> bool {
    let ended = matches!(parser.record, "record END" | "after the last record");
    let in_block = parser.stream.leave_block();
    // A damaged record may have swallowed the anchor after it.
    let after = anchors.partition_point(|&anchor| anchor <= parser.place.file);
    let next = anchors.get(after).copied();
    let goes_on = !ended && (in_block || next.is_some());
    let lost = match next {
        _ if ended => String::new(),
        _ if in_block && parser.in_cell => "; the rest of the cell is lost".into(),
        _ if in_block => "; the rest of the CBLOCK is lost".into(),
        Some(next) => format!("; everything up to byte {next} is lost"),
        None => "; the rest of the file is lost".into(),
    };
    if !goes_on || !parser.out.muted {
        let (place, record) = (parser.place, parser.record);
        // A lenient parser forgives all.
        let _ = parser.out.forgive(place, record, problem, &lost);
    }
    if !in_block && let Some(next) = next {
        parser.stream.seek(next);
        parser.leave_cell();
    }
    parser.out.muted = parser.in_cell;
    goes_on
}
