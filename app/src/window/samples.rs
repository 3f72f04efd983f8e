//! The samples that come with the program.

use crate::worker::Source;

/// A sample on a card of the welcome page.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// File name.
    pub name: &'static str,
    /// Title of the card.
    pub title: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// The whole file.
    pub bytes: &'static [u8],
}

impl Sample {
    /// Where it comes from, for the engine.
    pub fn source(&self) -> Source {
        Source::Sample { name: self.name, bytes: self.bytes }
    }
}

/// One sample from the `samples` folder.
macro_rules! sample {
    ($name:literal, $title:literal, $summary:literal) => {
        Sample {
            name: $name,
            title: $title,
            summary: $summary,
            bytes: include_bytes!(concat!("../../../samples/", $name)),
        }
    };
}

/// Every sample.
pub const SAMPLES: [Sample; 6] = [
    sample!("isolated_line.gds", "Isolated line", "Line ends pull back; a short bar shrinks"),
    sample!("lines_through_pitch.gds", "Lines through pitch", "Nine 70 nm lines, 140 to 260 nm"),
    sample!("elbow_and_t.gds", "Elbow and T", "Corners round off, inner ones fill"),
    sample!("contact_array.gds", "Contacts", "80 nm holes, dense, loose and alone"),
    sample!("dense_metal_tile.gds", "Dense metal", "A 1.4 µm tile of routing"),
    sample!("cell_block.gds", "Cell block", "Cells in rows, with hierarchy and layers"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_sample_opens_and_has_a_clip() {
        for sample in &SAMPLES {
            let layout =
                lithoscope_engine::layout::read_bytes(Path::new(sample.name), sample.bytes)
                    .unwrap();
            assert!(!layout.default_clip(2048).unwrap().polygons.is_empty(), "{}", sample.name);
        }
    }
}
