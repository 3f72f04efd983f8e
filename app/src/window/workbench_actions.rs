//! What the workbench does when a panel asks for it.

use std::path::Path;

use egui::{Context, Theme};
use lithoscope_engine::opc::Recipe;

use super::action::Action;
use super::command::Command;
use super::dialogs::Purpose;
use super::workbench::Workbench;
use crate::worker::{Export, Failure, Remedy, Request, Source};

/// Zoom of one press of a key.
const ZOOM: f64 = 1.5;

impl Workbench {
    pub(super) fn act(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Command(command) => self.command(ctx, command),
            Action::Open(source) => self.open(source),
            Action::Cut => self.cut(),
            Action::Show(iteration) => self.show(iteration),
            Action::PickRecipe(name) => self.load_recipe(name),
            Action::EditRecipe(recipe) => self.use_recipe(*recipe),
            Action::Path(purpose, path) => {
                self.dialogs.prompt = None;
                self.take_path(purpose, &path);
            }
            Action::ClosePrompt => self.dialogs.prompt = None,
            Action::Dismiss(id) => self.notices.dismiss(id),
            Action::Remedy(Remedy::ChooseKernels) => self.command(ctx, Command::ChooseKernels),
        }
    }

    fn command(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Open => self.ask(ctx, Purpose::Layout),
            Command::OpenRecipe => self.ask(ctx, Purpose::Recipe),
            Command::ChooseKernels => self.ask(ctx, Purpose::KernelsDir),
            Command::ExportMask | Command::ExportCsv | Command::ExportJson => {
                if let Some(what) = command.export().filter(|_| !self.run.history.is_empty()) {
                    self.ask(ctx, Purpose::Save(what));
                }
            }
            Command::RunPause if self.run.running => self.worker.send(Request::Pause),
            Command::RunPause => {
                self.run.follow = true;
                self.worker.send(Request::Run);
            }
            Command::Step => self.step(),
            Command::Back => self.show(self.run.wanted.saturating_sub(1)),
            Command::First => self.show(0),
            Command::Last => self.show(self.run.last()),
            Command::Best => self.show(self.run.best),
            Command::Reset => self.reset(),
            Command::Cancel => self.worker.cancel(),
            Command::Fit => self.view.fit = true,
            Command::ZoomIn => self.view.camera.nm_per_point /= ZOOM,
            Command::ZoomOut => self.view.camera.nm_per_point *= ZOOM,
            Command::ToggleTheme => self.toggle_theme(ctx),
            Command::Palette => {
                self.view.palette = self.view.palette.take().map_or(Some(String::new()), |_| None);
            }
            Command::Help => self.view.help = !self.view.help,
        }
    }

    fn ask(&mut self, ctx: &Context, purpose: Purpose) {
        let stem = self.document.clip.as_ref().map_or("mask", |c| c.name.as_str());
        let stem: String =
            stem.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let suggested = match purpose {
            Purpose::Save(Export::Mask) => format!("{stem}-mask-{}.gds", self.run.wanted),
            Purpose::Save(what) => format!("{stem}-metrics.{}", what.extension()),
            Purpose::Layout | Purpose::Recipe | Purpose::KernelsDir => String::new(),
        };
        self.dialogs.ask(ctx, purpose, suggested);
    }

    fn take_path(&mut self, purpose: Purpose, path: &Path) {
        match purpose {
            Purpose::Layout => self.open(Source::Path(path.to_path_buf())),
            Purpose::Recipe => match Recipe::load(path) {
                Ok(recipe) => self.use_recipe(recipe),
                Err(e) => self.notices.fail(Failure {
                    what: format!("Could not use recipe {}", path.display()),
                    why: e.to_string(),
                    remedy: None,
                }),
            },
            Purpose::KernelsDir => self.take_kernels(path.to_path_buf()),
            Purpose::Save(what) => self.worker.send(Request::Export {
                what,
                path: path.to_path_buf(),
                iteration: self.run.wanted,
            }),
        }
    }

    fn cut(&mut self) {
        let chooser = &self.document.chooser;
        if let (Some(cell), Some(layer)) = (chooser.cell, chooser.layer) {
            self.worker.send(Request::Cut { cell, layer, window: chooser.rect() });
        }
    }

    fn show(&mut self, iteration: usize) {
        let iteration = iteration.min(self.run.last());
        self.run.wanted = iteration;
        self.run.follow = iteration == self.run.last();
        self.worker.send(Request::Show(iteration));
    }

    /// Shows the next iteration where there is one, and makes it otherwise.
    fn step(&mut self) {
        if self.run.wanted < self.run.last() {
            self.show(self.run.wanted + 1);
        } else if !self.run.running {
            self.run.follow = true;
            self.worker.send(Request::Step);
        }
    }

    fn reset(&mut self) {
        match self
            .recipe
            .recipe
            .clone()
            .filter(|_| self.recipe.pending && self.recipe.refused.is_none())
        {
            Some(recipe) => self.worker.send(Request::Recipe(Box::new(recipe))),
            None => self.worker.send(Request::Reset),
        }
    }

    fn toggle_theme(&mut self, ctx: &Context) {
        self.settings.light = ctx.theme() == Theme::Dark;
        ctx.set_theme(if self.settings.light { Theme::Light } else { Theme::Dark });
        self.save();
    }
}
