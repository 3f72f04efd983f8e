//! The status bar: cursor, intensity, backend, times, memory, job.

use egui::{Align, Layout, ProgressBar, RichText, Ui};

use super::super::action::Action;
use super::super::command::Command;
use super::super::format;
use super::super::run_view::RunView;
use super::super::view::View;
use super::super::viewer::{LayoutView, Tool};

/// Most characters of a device's name; the tooltip has all of it.
const DEVICE_CHARACTERS: usize = 24;

/// What the status bar says about the machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// CPU threads.
    pub threads: usize,
    /// Resident memory, bytes; `None` where the system does not tell.
    pub memory: Option<u64>,
    /// The device that computes iterations; `None` is the processor.
    pub device: Option<String>,
    measured: Option<std::time::Instant>,
}

impl Machine {
    /// Measures memory, at most once a second.
    pub fn refresh(&mut self) {
        if self.measured.is_some_and(|at| at.elapsed().as_secs_f32() < 1.0) {
            return;
        }
        self.measured = Some(std::time::Instant::now());
        self.threads = std::thread::available_parallelism().map_or(1, usize::from);
        self.memory = resident_bytes();
    }
}

/// Resident memory of this process as Linux tells it, in pages of 4 KiB.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(4096)
}

/// Shows the status bar. Fields have fixed widths, so that nothing moves.
pub fn show(
    ui: &mut Ui,
    run: &RunView,
    view: &View,
    layout: Option<&LayoutView>,
    hint: Option<&str>,
    machine: Option<&Machine>,
    actions: &mut Vec<Action>,
) {
    ui.horizontal_centered(|ui| {
        if let Some(layout) = layout {
            field(ui, 230.0, &place_text(view), "Pointer");
            let count = format::grouped(layout.selection.len() as i64);
            field(ui, 80.0, &format!("{count} selected"), "Shapes and texts that are selected");
        } else {
            field(ui, 190.0, &cursor_text(view), "Pointer");
            field(ui, 112.0, &intensity_text(run, view), "Intensity under the pointer");
            let depth = "Developed depth of the resist under the pointer, where it has a film";
            field(ui, 96.0, &depth_text(run, view), depth);
        }
        ui.separator();
        if let Some(machine) = machine {
            match &machine.device {
                Some(device) => {
                    let shown: String = device.chars().take(DEVICE_CHARACTERS).collect();
                    let more = if shown.len() < device.len() { "…" } else { "" };
                    let tooltip = format!("Iterations are computed on {device}");
                    field(ui, 190.0, &format!("{shown}{more}"), &tooltip);
                }
                None => field(ui, 100.0, &format!("CPU · {} threads", machine.threads), "Backend"),
            }
            if layout.is_none() {
                let step = run.last_step_ms.map_or("–".to_owned(), format::duration);
                field(ui, 104.0, &format!("Step {step}"), "Time of the last iteration");
            }
            let memory =
                machine.memory.map_or("–".to_owned(), |b| format!("{} MB", b / 1_000_000));
            field(ui, 110.0, &format!("Memory {memory}"), "Resident memory of the program");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            job(ui, run, layout, hint, actions);
        });
    });
}

fn field(ui: &mut Ui, width: f32, text: &str, tooltip: &str) {
    ui.allocate_ui_with_layout(
        egui::vec2(width, ui.available_height()),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_width(width);
            ui.label(RichText::new(text).small()).on_hover_text(tooltip);
        },
    );
}

fn cursor_text(view: &View) -> String {
    view.cursor_nm.map_or_else(
        || "x –   y –".to_owned(),
        |[x, y]| format!("x {} nm   y {} nm", format::signed(x, 1), format::signed(y, 1)),
    )
}

fn place_text(view: &View) -> String {
    view.cursor_nm.map_or_else(
        || "x –   y –".to_owned(),
        |nm| {
            let [x, y] = nm.map(|v| format::signed(v / 1000.0, 4));
            format!("x {x} µm   y {y} µm")
        },
    )
}

/// What the tool in hand does.
fn tool_hint(layout: &LayoutView) -> String {
    match layout.tool {
        Tool::Select => "Click selects, again the next below · drag a box".to_owned(),
        Tool::Ruler => "Click from and to · Shift keeps it straight · Esc leaves".to_owned(),
        Tool::Clip => {
            let layer = layout.layers.active.map(|l| layout.layers.title(l));
            let layer = layer.unwrap_or_else(|| "no layer".to_owned());
            format!("Drag a box to cut a clip from {layer} · Esc leaves")
        }
    }
}

fn intensity_text(run: &RunView, view: &View) -> String {
    let picture = run.picture.as_deref();
    let intensity = picture.zip(view.cursor_nm).and_then(|(p, [x, y])| p.intensity_at(x, y));
    intensity.map_or_else(|| "Intensity –".to_owned(), |i| format!("Intensity {i:.3}"))
}

fn depth_text(run: &RunView, view: &View) -> String {
    let picture = run.picture.as_deref().filter(|p| p.depth.is_some());
    let depth = picture.zip(view.cursor_nm).and_then(|(p, [x, y])| p.depth_at(x, y));
    depth.map_or_else(|| "Depth –".to_owned(), |d| format!("Depth {d:.1} nm"))
}

fn job(
    ui: &mut Ui,
    run: &RunView,
    layout: Option<&LayoutView>,
    hint: Option<&str>,
    actions: &mut Vec<Action>,
) {
    if let Some(progress) = &run.progress {
        cancel(ui, actions);
        if let Some(done) = progress.done {
            ui.add(ProgressBar::new(done).desired_width(140.0).desired_height(8.0));
        } else {
            ui.spinner();
        }
        ui.label(RichText::new(format!("{}…", progress.job)).small());
    } else if run.running {
        let total = run.prepared.as_ref().map_or(0, |p| p.total_steps);
        let done = run.last() as f32 / total.max(1) as f32;
        cancel(ui, actions);
        ui.add(ProgressBar::new(done).desired_width(140.0).desired_height(8.0));
        ui.label(RichText::new(format!("Iteration {} of {total}", run.last())).small());
    } else if let Some(layout) = layout {
        ui.label(RichText::new(tool_hint(layout)).small().weak());
    } else {
        let text = hint.unwrap_or_else(|| idle_text(run));
        ui.label(RichText::new(text).small().weak());
    }
}

fn idle_text(run: &RunView) -> &'static str {
    if run.prepared.is_none() {
        "Ready"
    } else if run.is_finished() {
        "The schedule is done"
    } else if run.last() > 0 {
        "Paused"
    } else {
        "Ready to run"
    }
}

fn cancel(ui: &mut Ui, actions: &mut Vec<Action>) {
    let button = ui.small_button("Cancel").on_hover_text(Command::Cancel.entry().help);
    if button.clicked() {
        actions.push(Action::Command(Command::Cancel));
    }
}
