//! Lithoscope: the window and the command line over the engine. Holds no physics.

pub mod cli;
pub mod export;
pub mod headless;
pub mod window;
pub mod worker;
