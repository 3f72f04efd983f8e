//! The resist in three dimensions in place of the canvas: a block of what was seen on it.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;
use egui::{RichText, Ui};
use lithoscope_engine::geometry::Rect;

use super::action::Action;
use super::format;
use super::orbit::OrbitView;
use super::panels::hint;
use crate::worker::BlockOutcome;

/// The view and what it shows.
#[derive(Default)]
pub struct BlockView {
    /// `None` where the window has no graphics device.
    orbit: Option<OrbitView>,
    outcome: Option<BlockOutcome>,
    /// Where a block was asked for, clip nm.
    pub place: Option<Rect>,
}

impl BlockView {
    /// A view on a window's graphics device.
    pub fn on(render_state: Option<&RenderState>) -> Self {
        Self { orbit: render_state.map(OrbitView::new), ..Self::default() }
    }

    /// Takes an answer.
    pub fn take(&mut self, outcome: BlockOutcome) {
        if let (BlockOutcome::Done(block), Some(orbit)) = (&outcome, &mut self.orbit) {
            orbit.set_surface(Arc::clone(&block.surface), block.extent_nm);
        }
        self.outcome = Some(outcome);
    }

    /// Forgets what belongs to another clip.
    pub fn clear(&mut self) {
        self.outcome = None;
        self.place = None;
        if let Some(orbit) = &mut self.orbit {
            orbit.clear();
        }
    }

    /// Triangles of the surface that is shown; 0 where there is none.
    pub fn triangles(&self) -> usize {
        self.orbit.as_ref().map_or(0, |orbit| orbit.stats().triangles)
    }

    /// Shows the block, or why there is none.
    pub fn show(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            self.bar(ui, actions);
        });
        if let Some(orbit) = &mut self.orbit {
            orbit.show(ui);
        } else {
            hint(
                ui,
                "The resist in three dimensions needs a graphics device, and this window has none.",
            );
        }
    }

    /// What is shown and what can be done about it, in one row.
    fn bar(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        match &self.outcome {
            None if self.place.is_some() => {
                ui.spinner();
                ui.label("Developing…");
            }
            None => {}
            Some(BlockOutcome::Done(block)) => {
                let (w, h) = (block.place.width() as f64, block.place.height() as f64);
                let [x, y, z] = block.voxels;
                let text = format!(
                    "{} × {} at ({}, {}) nm · {x} × {y} × {z} voxels · top loss {} nm",
                    format::length(w),
                    format::length(h),
                    block.place.min.x,
                    block.place.min.y,
                    format::significant(block.loss_nm)
                );
                ui.label(RichText::new(text).small().weak());
            }
            Some(BlockOutcome::NoVolume) => {
                ui.label("The resist shown is not three-dimensional.");
                if ui.button("Use a three-dimensional resist").clicked() {
                    actions.push(Action::UseVolume);
                }
            }
            Some(BlockOutcome::GivenUp) => {
                ui.label("Development was cancelled.");
                if ui.button("Develop").clicked() {
                    actions.push(Action::DevelopBlock);
                }
            }
            Some(BlockOutcome::Failed(why)) => {
                ui.label(format!("The block cannot be developed: {why}."));
            }
        }
        if ui.button("Back to the clip").clicked() {
            actions.push(Action::Command(super::command::Command::Resist3d));
        }
    }
}
