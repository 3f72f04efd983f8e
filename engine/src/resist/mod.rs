//! Resist: from an aerial image to what is left of the film.

mod surface;

pub use surface::Surface;
