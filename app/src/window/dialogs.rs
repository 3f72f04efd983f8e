//! File dialogs on a thread of their own, and a text field where the desktop has none.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use crate::worker::Export;

/// A dialog that ends without a choice sooner than a person could have pressed Cancel was not
/// there at all.
const TOO_QUICK: Duration = Duration::from_millis(400);

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A layout to open.
    Layout,
    /// A saved run to open.
    Run,
    /// A recipe to open.
    Recipe,
    /// The folder of the contest kernels.
    KernelsDir,
    /// A file to write.
    Save(Export),
    /// Layer properties to open.
    Looks,
    /// Layer properties to write.
    SaveLooks,
    /// A picture of the canvas to write.
    Picture,
    /// A resist to open.
    Resist,
    /// The calibrated resist to write.
    SaveResist,
    /// The folder of measured pairs of images.
    PairsDir,
}

impl Purpose {
    /// Title of the dialog.
    pub fn title(self) -> String {
        match self {
            Self::Layout => "Open a layout (.gds, .oas, .glp)".to_owned(),
            Self::Run => "Open a run (.run)".to_owned(),
            Self::Recipe => "Open a recipe (.toml)".to_owned(),
            Self::KernelsDir => "Choose the folder of the contest kernels".to_owned(),
            Self::Save(Export::Run) => "Save the run (.run)".to_owned(),
            Self::Save(what) => format!("Export {} (.{})", what.noun(), what.extension()),
            Self::Looks => "Open layer properties (.lyp)".to_owned(),
            Self::SaveLooks => "Save layer properties (.lyp)".to_owned(),
            Self::Resist => "Open a resist (.toml)".to_owned(),
            Self::SaveResist => "Save the calibrated resist (.toml)".to_owned(),
            Self::PairsDir => "Choose the folder of measured pairs".to_owned(),
            Self::Picture => "Export a picture of the canvas (.png)".to_owned(),
        }
    }
}

/// A path asked for by text.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What the path is for.
    pub purpose: Purpose,
    /// What was typed so far.
    pub text: String,
}

/// What a dialog answered: the path, and how long it was open.
type Answer = (Option<PathBuf>, Duration);

/// Dialogs and prompts.
pub struct Dialogs {
    /// Whether the desktop's dialogs are used at all.
    native: bool,
    waiting: Option<(Purpose, String, Receiver<Answer>)>,
    /// The text field, while it is open.
    pub prompt: Option<Prompt>,
}

impl Dialogs {
    /// Dialogs of the desktop, or only text fields.
    pub fn new(native: bool) -> Self {
        Self { native, waiting: None, prompt: None }
    }

    /// Asks for a path; `suggested` is a file name (to save) or a folder.
    pub fn ask(&mut self, ctx: &egui::Context, purpose: Purpose, suggested: String) {
        if self.waiting.is_some() {
            return;
        }
        if !self.native || !has_session_bus() {
            self.prompt = Some(Prompt { purpose, text: suggested });
            return;
        }
        let (answer, answered) = sync_channel(1);
        let (ctx, name) = (ctx.clone(), suggested.clone());
        let asked = std::thread::Builder::new().name("file dialog".to_owned()).spawn(move || {
            let opened = Instant::now();
            let path = native_dialog(purpose, &name);
            // The window may be gone by now; then nobody wants the answer.
            let _ = answer.send((path, opened.elapsed()));
            ctx.request_repaint();
        });
        match asked {
            Ok(_) => self.waiting = Some((purpose, suggested, answered)),
            Err(_) => self.prompt = Some(Prompt { purpose, text: suggested }),
        }
    }

    /// The path that was chosen since the last call.
    pub fn poll(&mut self) -> Option<(Purpose, PathBuf)> {
        let (purpose, suggested, answered) = self.waiting.take()?;
        match answered.try_recv() {
            Ok((Some(path), _)) => Some((purpose, path)),
            Ok((None, took)) if took >= TOO_QUICK => None,
            Ok((None, _)) | Err(TryRecvError::Disconnected) => {
                self.prompt = Some(Prompt { purpose, text: suggested });
                None
            }
            Err(TryRecvError::Empty) => {
                self.waiting = Some((purpose, suggested, answered));
                None
            }
        }
    }
}

/// Whether there is a bus to ask a file dialog over. Only Linux and its kin need one.
fn has_session_bus() -> bool {
    if cfg!(not(all(unix, not(target_os = "macos")))) {
        return true;
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|a| !a.is_empty())
        || runtime.is_some_and(|folder| folder.join("bus").exists())
}

fn native_dialog(purpose: Purpose, suggested: &str) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new().set_title(purpose.title());
    match purpose {
        Purpose::Layout => dialog
            .add_filter("Layouts", &["gds", "gds2", "gdsii", "oas", "oasis", "glp", "gz"])
            .add_filter("All files", &["*"])
            .pick_file(),
        Purpose::Run => {
            dialog.add_filter("Runs", &["run"]).add_filter("All files", &["*"]).pick_file()
        }
        Purpose::Recipe => dialog.add_filter("Recipes", &["toml"]).pick_file(),
        Purpose::KernelsDir | Purpose::PairsDir => dialog.pick_folder(),
        Purpose::Resist => dialog.add_filter("Resists", &["toml"]).pick_file(),
        Purpose::SaveResist => {
            dialog.add_filter("Resists", &["toml"]).set_file_name(suggested).save_file()
        }
        Purpose::Looks => dialog.add_filter("Layer properties", &["lyp"]).pick_file(),
        Purpose::SaveLooks => {
            dialog.add_filter("Layer properties", &["lyp"]).set_file_name(suggested).save_file()
        }
        Purpose::Picture => {
            dialog.add_filter("Pictures", &["png"]).set_file_name(suggested).save_file()
        }
        Purpose::Save(what) => {
            dialog.add_filter(what.noun(), &[what.extension()]).set_file_name(suggested).save_file()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_desktop_a_path_can_be_typed() {
        let mut dialogs = Dialogs::new(false);
        dialogs.ask(&egui::Context::default(), Purpose::Layout, "a.gds".to_owned());
        assert_eq!(dialogs.prompt.as_ref().map(|p| p.text.as_str()), Some("a.gds"));
        assert_eq!(dialogs.poll(), None);
    }
}
