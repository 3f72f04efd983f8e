//! Every user action as one value with label, help and shortcut. Toolbar, menus, palette,
//! shortcuts, help sheet and tests all read this table.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::worker::Export;

/// What a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "label and help of each stand in the table below")]
pub enum Command {
    Open,
    OpenRun,
    OpenRecipe,
    OpenResist,
    ChooseKernels,
    ExportMask,
    SaveRun,
    ExportCsv,
    ExportJson,
    RunPause,
    Step,
    Back,
    First,
    Last,
    Best,
    Reset,
    Cancel,
    Fit,
    ZoomIn,
    ZoomOut,
    ShowLayout,
    ShowClip,
    SelectTool,
    RulerTool,
    TakeClip,
    CutLine,
    RemoveCut,
    NominalConditions,
    Resist3d,
    Explain,
    PinRun,
    UnpinRun,
    Wipe,
    ClearRulers,
    FitSelection,
    GoTo,
    AddBookmark,
    DepthNone,
    DepthLess,
    DepthMore,
    DepthAll,
    BackToTop,
    ShowAllLayers,
    HideAllLayers,
    OpenLooks,
    SaveLooks,
    ToggleLabels,
    ToggleGrid,
    Reload,
    ExportPicture,
    Performance,
    ToggleTheme,
    Palette,
    Help,
}

/// Label, help and shortcut of a command.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// In menus, on buttons and in the palette.
    pub label: &'static str,
    /// One sentence for tooltips and the help sheet.
    pub help: &'static str,
    /// Keys, if it has any.
    pub shortcut: Option<KeyboardShortcut>,
}

const fn entry(
    command: Command,
    label: &'static str,
    help: &'static str,
    shortcut: Option<KeyboardShortcut>,
) -> Entry {
    Entry { command, label, help, shortcut }
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

/// Every command, in the order palette and help sheet show them.
pub const COMMANDS: [Entry; 54] = [
    entry(Command::Open, "Open layout…", "Open a GDSII, OASIS or GLP file.", Some(ctrl(Key::O))),
    entry(
        Command::OpenRun,
        "Open run…",
        "Go on with a run that was saved: its clip, recipe and all its iterations.",
        Some(ctrl_shift(Key::O)),
    ),
    entry(Command::OpenRecipe, "Open recipe…", "Read a recipe from a TOML file.", None),
    entry(
        Command::OpenResist,
        "Open resist…",
        "Show the mask in a resist model from a TOML file.",
        None,
    ),
    entry(
        Command::ChooseKernels,
        "Choose kernels folder…",
        "Say where the contest kernels are: the folder that holds kernels_focus.npy.",
        None,
    ),
    entry(
        Command::ExportMask,
        "Export mask…",
        "Write target and mask of the shown iteration as GDSII.",
        Some(ctrl(Key::S)),
    ),
    entry(
        Command::SaveRun,
        "Save run…",
        "Write the run with all its iterations, to go on with it later, here or by `opc --resume`.",
        Some(ctrl_shift(Key::S)),
    ),
    entry(
        Command::ExportCsv,
        "Export metrics as CSV…",
        "Write one row an iteration: loss, L2, PV band, EPE, shots.",
        None,
    ),
    entry(Command::ExportJson, "Export metrics as JSON…", "Write the same table as JSON.", None),
    entry(
        Command::RunPause,
        "Run or pause",
        "Iterate until the schedule is done, or stop after this iteration.",
        Some(key(Key::Space)),
    ),
    entry(Command::Step, "Step", "Go one iteration on.", Some(key(Key::Period))),
    entry(Command::Back, "Back", "Show the iteration before.", Some(key(Key::Comma))),
    entry(Command::First, "First iteration", "Show the starting mask.", Some(key(Key::Home))),
    entry(Command::Last, "Last iteration", "Show the newest mask and follow.", Some(key(Key::End))),
    entry(
        Command::Best,
        "Best iteration",
        "Show the mask with the lowest cost so far.",
        Some(key(Key::B)),
    ),
    entry(
        Command::Reset,
        "Reset",
        "Go back to the starting mask, with the recipe as it stands now.",
        Some(ctrl(Key::R)),
    ),
    entry(
        Command::Cancel,
        "Cancel work",
        "Stop the work in progress at the end of its stage.",
        None,
    ),
    entry(Command::Fit, "Fit", "Show the whole clip or cell.", Some(key(Key::F2))),
    entry(Command::ZoomIn, "Zoom in", "Zoom in about the middle.", Some(key(Key::Plus))),
    entry(Command::ZoomOut, "Zoom out", "Zoom out about the middle.", Some(key(Key::Minus))),
    entry(
        Command::ShowLayout,
        "Layout mode",
        "Look at the whole file: cells, layers, rulers.",
        Some(key(Key::L)),
    ),
    entry(
        Command::ShowClip,
        "Clip mode",
        "Work on the clip: mask, images, run.",
        Some(key(Key::C)),
    ),
    entry(
        Command::SelectTool,
        "Select",
        "Click or drag a box to select shapes and texts.",
        Some(key(Key::S)),
    ),
    entry(
        Command::RulerTool,
        "Ruler",
        "Measure between corners and edges; Shift keeps it straight.",
        Some(key(Key::K)),
    ),
    entry(
        Command::TakeClip,
        "Take a clip here",
        "Drag a box to cut a clip from the active layer and work on it.",
        Some(key(Key::T)),
    ),
    entry(
        Command::CutLine,
        "Cut line",
        "Draw a line across the clip: light along it and the resist's cross-section.",
        Some(key(Key::X)),
    ),
    entry(Command::RemoveCut, "Remove cut line", "Take the cut line away.", Some(shift(Key::X))),
    entry(
        Command::NominalConditions,
        "Nominal focus and dose",
        "Show best focus at nominal dose again.",
        Some(shift(Key::N)),
    ),
    entry(
        Command::Resist3d,
        "Resist in 3-D",
        "Develop what is seen in three dimensions and turn it; again for the clip.",
        Some(key(Key::D)),
    ),
    entry(
        Command::Explain,
        "Explain",
        "Tell why the selected fragment or gauge is as it is.",
        Some(key(Key::E)),
    ),
    entry(
        Command::PinRun,
        "Pin as A",
        "Keep the shown iteration as A, to compare what is run next with it.",
        Some(key(Key::P)),
    ),
    entry(Command::UnpinRun, "Unpin A", "Forget the pinned run.", Some(shift(Key::P))),
    entry(
        Command::Wipe,
        "Wipe",
        "Draw the pinned run left of a divider and the shown one right of it.",
        Some(key(Key::W)),
    ),
    entry(Command::ClearRulers, "Clear rulers", "Remove all rulers.", Some(shift(Key::K))),
    entry(
        Command::FitSelection,
        "Fit selection",
        "Show what is selected as large as it goes.",
        Some(shift(Key::F2)),
    ),
    entry(
        Command::GoTo,
        "Go to place…",
        "Type coordinates in µm or nm, and a width if you like.",
        Some(ctrl(Key::G)),
    ),
    entry(
        Command::AddBookmark,
        "Bookmark this view…",
        "Keep cell and view under a name.",
        Some(ctrl(Key::B)),
    ),
    entry(
        Command::DepthNone,
        "Cells as frames",
        "Draw the shapes of the shown cell only.",
        Some(key(Key::Num0)),
    ),
    entry(
        Command::DepthLess,
        "One level less",
        "Draw one level of hierarchy less.",
        Some(key(Key::OpenBracket)),
    ),
    entry(
        Command::DepthMore,
        "One level more",
        "Draw one level of hierarchy more.",
        Some(key(Key::CloseBracket)),
    ),
    entry(Command::DepthAll, "All levels", "Draw the whole hierarchy.", Some(key(Key::Num9))),
    entry(
        Command::BackToTop,
        "Back to top cell",
        "Show the file's own top cell again.",
        Some(key(Key::Backspace)),
    ),
    entry(Command::ShowAllLayers, "Show all layers", "Make every layer visible.", None),
    entry(Command::HideAllLayers, "Hide all layers", "Make every layer invisible.", None),
    entry(
        Command::OpenLooks,
        "Open layer properties…",
        "Take colours, stipples, names and groups from a KLayout .lyp file.",
        None,
    ),
    entry(
        Command::SaveLooks,
        "Save layer properties…",
        "Write the layer list as a KLayout .lyp file.",
        None,
    ),
    entry(
        Command::ToggleLabels,
        "Texts and cell names",
        "Draw labels, or do not.",
        Some(key(Key::N)),
    ),
    entry(Command::ToggleGrid, "Grid", "Draw grid lines, or do not.", Some(key(Key::G))),
    entry(Command::Reload, "Reload", "Read the file again; the view stays.", Some(key(Key::F5))),
    entry(
        Command::ExportPicture,
        "Export picture…",
        "Write the canvas as a PNG picture.",
        Some(ctrl(Key::P)),
    ),
    entry(Command::Performance, "Performance", "Show what a frame costs.", Some(key(Key::F12))),
    entry(Command::ToggleTheme, "Dark or light", "Change the theme.", Some(ctrl(Key::T))),
    entry(Command::Palette, "Command palette", "Find a command by name.", Some(ctrl(Key::K))),
    entry(Command::Help, "Help", "Mouse, keys and layers at a glance.", Some(key(Key::F1))),
];

impl Command {
    /// Its row in the table.
    pub fn entry(self) -> &'static Entry {
        // The test below keeps the table in the order of the enum.
        &COMMANDS[self as usize]
    }

    /// Help and shortcut, for tooltips.
    pub fn tooltip(self, ctx: &egui::Context) -> String {
        let entry = self.entry();
        entry.shortcut.map_or_else(
            || entry.help.to_owned(),
            |s| format!("{}\n{}", entry.help, ctx.format_shortcut(&s)),
        )
    }

    /// The file a command exports, if it does.
    pub fn export(self) -> Option<Export> {
        match self {
            Self::ExportMask => Some(Export::Mask),
            Self::SaveRun => Some(Export::Run),
            Self::ExportCsv => Some(Export::MetricsCsv),
            Self::ExportJson => Some(Export::MetricsJson),
            _ => None,
        }
    }

    /// The command whose shortcut was pressed, if any; plain keys are left to text fields.
    pub fn pressed(ctx: &egui::Context) -> Option<Self> {
        let typing = ctx.egui_wants_keyboard_input();
        // A shortcut without Shift takes its key with Shift too, so those with it come first.
        let shifted = |entry: &&Entry| entry.shortcut.is_some_and(|s| s.modifiers.shift);
        let (first, last) = (COMMANDS.iter().filter(shifted), COMMANDS.iter());
        first.chain(last).find_map(|entry| {
            let shortcut = entry.shortcut?;
            if typing && !shortcut.modifiers.command {
                return None;
            }
            ctx.input_mut(|i| i.consume_shortcut(&shortcut)).then_some(entry.command)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_stands_at_its_own_place_in_the_table() {
        for (i, entry) in COMMANDS.iter().enumerate() {
            assert_eq!(entry.command as usize, i, "{}", entry.label);
            assert_eq!(entry.command.entry().label, entry.label);
        }
    }

    #[test]
    fn no_two_commands_share_a_shortcut_or_a_label() {
        for (i, a) in COMMANDS.iter().enumerate() {
            for b in &COMMANDS[i + 1..] {
                assert_ne!(a.label, b.label);
                assert!(a.shortcut.is_none() || a.shortcut != b.shortcut, "{}", a.label);
            }
        }
    }
}
