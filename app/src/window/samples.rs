//! The samples that come with the program.

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

/// Every sample.
pub const SAMPLES: [Sample; 0] = [];
