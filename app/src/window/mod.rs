//! The window: one canvas, panels around it, the engine on a thread of its own.
//!
//! State lives in few places: [`document`] (layout and clip), [`run_view`] (history and picture),
//! [`view`] (how a clip is looked at) and [`viewer`] (how the whole layout is). Panels read them and emit actions; only the
//! [`Workbench`] acts.

mod action;
mod block;
mod calibrate;
mod canvas;
mod command;
mod compare;
mod cutline;
mod dialogs;
mod display;
mod document;
mod exposure;
mod format;
mod icon;
mod icons;
mod lens;
mod notices;
pub mod orbit;
mod panels;
mod process;
mod recipe_facts;
mod run_view;
mod samples;
pub mod scene;
mod settings;
mod theme;
mod view;
mod viewer;
mod why;
mod workbench;
mod workbench_actions;
mod workbench_layout;

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetupCreateNew};
use eframe::wgpu;

pub use display::display_available;
pub use viewer::{Mode, Timing};
pub use workbench::{CutStatus, Host, Status, Workbench};
pub use workbench_layout::LayoutStatus;

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

impl eframe::App for Workbench {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        Self::ui(self, ui);
    }

    fn on_exit(&mut self) {
        self.save();
    }
}

/// Graphics with all that the adapter can do, since runs may compute on the same device.
fn graphics() -> WgpuConfiguration {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.device_descriptor = Arc::new(|adapter| wgpu::DeviceDescriptor {
        label: Some("lithoscope window"),
        required_limits: adapter.limits(),
        ..wgpu::DeviceDescriptor::default()
    });
    WgpuConfiguration { wgpu_setup: setup.into(), ..WgpuConfiguration::default() }
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// No display, no graphics adapter, or a missing system library; the message says what to install.
pub fn run(options: WindowOptions) -> anyhow::Result<()> {
    display::check()?;
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Lithoscope")
            .with_app_id("lithoscope")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([960.0, 600.0])
            .with_icon(icon::icon()),
        renderer: eframe::Renderer::Wgpu,
        wgpu_options: graphics(),
        ..Default::default()
    };
    eframe::run_native(
        "Lithoscope",
        native,
        Box::new(|context| {
            let workbench = Workbench::new(&context.egui_ctx, options, Host::User)?;
            Ok(Box::new(workbench.with_graphics(context.wgpu_render_state.as_ref())))
        }),
    )
    .map_err(|e| {
        anyhow::anyhow!("{e}. The window needs a Vulkan, Metal or DirectX 12 driver; on Debian or Ubuntu a software one comes with: apt install mesa-vulkan-drivers")
    })
}
