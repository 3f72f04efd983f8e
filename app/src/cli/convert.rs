//! `lithoscope convert`: a layout in another format.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::ensure;
use lithoscope_engine::layout::{self, Faults, Keep, Loss, Note, ReadOptions, WriteOptions};

use super::args::ConvertArguments;
use crate::export;

pub fn run(arguments: &ConvertArguments) -> anyhow::Result<()> {
    // Reading a large file is wasted where nothing can be written.
    export::check_writable(&arguments.output)?;
    let faults = faults(arguments.lenient);
    let layers: BTreeSet<_> = arguments.layers.iter().copied().collect();
    let options = ReadOptions {
        layers: (!layers.is_empty()).then_some(layers.clone()),
        properties: if arguments.no_properties { Keep::Nothing } else { Keep::All },
        faults,
        ..ReadOptions::default()
    };
    let opened = layout::open_with(&arguments.input, &options)?;
    tell_losses(&opened.losses);
    let found: BTreeSet<_> = opened.layout.all_layers().into_iter().collect();
    ensure!(
        layers.is_empty() || !layers.is_disjoint(&found),
        "{}: nothing on the layers asked for; leave out --layers to see what there is",
        arguments.input.display()
    );
    let options = WriteOptions { faults, ..WriteOptions::default() };
    let written = layout::write(&arguments.output, &opened.layout, &options)?;
    let mut text = String::new();
    list(&mut text, "not held as it was:", &written.lost);
    list(&mut text, "beyond the format's standard:", &written.beyond);
    super::print(&text)
}

/// What becomes of damage.
pub fn faults(lenient: bool) -> Faults {
    if lenient { Faults::Skip } else { Faults::Refuse }
}

/// Lists what reading lost on standard error.
pub fn tell_losses(losses: &[Loss]) {
    for loss in losses {
        // Standard error may be closed; there is nowhere left to say so.
        let _ = writeln!(std::io::stderr(), "lost: {loss}");
    }
}

fn list(text: &mut String, title: &str, notes: &[Note]) {
    if !notes.is_empty() {
        let _ = writeln!(text, "{title}");
    }
    for note in notes {
        let _ = writeln!(text, "  {note}");
    }
}
