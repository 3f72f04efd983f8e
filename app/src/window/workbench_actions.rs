//! What the workbench does when a panel asks for it.

use std::path::Path;
use std::sync::Arc;

use egui::{Context, Theme};
use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::Faults;
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::resist::ResistModel;

use super::action::Action;
use super::command::Command;
use super::dialogs::Purpose;
use super::view::Tab;
use super::viewer::Mode;
use super::workbench::Workbench;
use crate::export;
use crate::worker::{
    Analysis, Conditions, Export, Failure, Remedy, Request, Resist, Source, block_place,
};

/// Zoom of one press of a key.
const ZOOM: f64 = 1.5;

impl Workbench {
    pub(super) fn act(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Command(command) => self.command(ctx, command),
            Action::Open(source) => self.open(source, Faults::Refuse),
            Action::Cut => self.cut(),
            Action::Show(iteration) => self.show(iteration),
            Action::PickRecipe(name) => self.load_recipe(name),
            Action::EditRecipe(recipe) => self.use_recipe(*recipe),
            Action::UseBackend(backend) => {
                self.recipe.backend = backend;
                self.worker.send(Request::Backend(backend));
            }
            Action::Path(purpose, path) => {
                self.dialogs.prompt = None;
                self.take_path(ctx, purpose, &path);
            }
            Action::ClosePrompt => self.dialogs.prompt = None,
            Action::Dismiss(id) => self.notices.dismiss(id),
            Action::Remedy(Remedy::ChooseKernels) => self.command(ctx, Command::ChooseKernels),
            Action::Remedy(Remedy::OpenLeniently) => self.open_leniently(),
            Action::SetConditions(conditions) => self.set_conditions(conditions),
            Action::UseFilm => self.use_film(),
            Action::Ask(purpose) => self.ask(ctx, purpose),
            Action::UseCalibrated => self.use_calibrated(),
            Action::UseVolume => self.use_volume(),
            Action::DevelopBlock => self.develop_block(),
            Action::Analyse(analysis) => self.worker.send(Request::Analyse(analysis)),
            Action::Develop => self.worker.send(Request::Analyse(Analysis::SectionAgain)),
            Action::CutHere(_)
            | Action::GoTo(_)
            | Action::AddBookmark(_)
            | Action::ShowBookmark(_)
            | Action::RemoveBookmark(_) => self.act_on_layout(action),
        }
    }

    fn command(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Open => self.ask(ctx, Purpose::Layout),
            Command::OpenRun => self.ask(ctx, Purpose::Run),
            Command::OpenRecipe => self.ask(ctx, Purpose::Recipe),
            Command::OpenResist => self.ask(ctx, Purpose::Resist),
            Command::ChooseKernels => self.ask(ctx, Purpose::KernelsDir),
            Command::ExportMask | Command::SaveRun | Command::ExportCsv | Command::ExportJson => {
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
            Command::Fit => self.fit(),
            Command::ZoomIn => self.camera().zoom(ZOOM),
            Command::ZoomOut => self.camera().zoom(1.0 / ZOOM),
            Command::ToggleTheme => self.toggle_theme(ctx),
            Command::Palette => {
                self.view.palette = self.view.palette.take().map_or(Some(String::new()), |_| None);
            }
            Command::Help => self.view.help = !self.view.help,
            Command::CutLine => self.cut_line(),
            Command::RemoveCut => self.cut.remove(),
            Command::Resist3d => self.toggle_3d(),
            Command::Explain => self.view.tab = Tab::Explain,
            Command::PinRun => self.pin(),
            Command::UnpinRun => self.unpin(),
            Command::Wipe => self.compare.wiping = !self.compare.wiping,
            Command::NominalConditions => {
                let resist = self.exposure.conditions.resist.clone();
                self.set_conditions(Conditions { resist, ..Conditions::default() });
            }
            Command::OpenLooks => self.ask(ctx, Purpose::Looks),
            Command::SaveLooks => self.ask(ctx, Purpose::SaveLooks),
            Command::ExportPicture => self.ask(ctx, Purpose::Picture),
            Command::Performance => self.view.performance = !self.view.performance,
            of_layout => self.layout_command(of_layout),
        }
    }

    fn ask(&mut self, ctx: &Context, purpose: Purpose) {
        let of_layout = matches!(purpose, Purpose::Looks | Purpose::SaveLooks | Purpose::Picture);
        if of_layout && self.layout.is_none() {
            return;
        }
        let clip = self.document.clip.as_ref().map(|c| c.name.as_str());
        let layout = self.document.layout.as_ref().map(|l| l.name.as_str());
        let stem = if of_layout { layout } else { clip }.unwrap_or("mask");
        let stem: String =
            stem.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let suggested = match purpose {
            Purpose::Save(Export::Mask) => format!("{stem}-mask-{}.gds", self.run.wanted),
            Purpose::Save(Export::Run) => format!("{stem}.run"),
            Purpose::Save(what) => format!("{stem}-metrics.{}", what.extension()),
            Purpose::SaveLooks => self.looks_file(&format!("{stem}.lyp")),
            Purpose::Picture => format!("{stem}.png"),
            Purpose::SaveResist => "calibrated.toml".to_owned(),
            Purpose::Layout
            | Purpose::Run
            | Purpose::Recipe
            | Purpose::Resist
            | Purpose::KernelsDir
            | Purpose::PairsDir
            | Purpose::Looks => String::new(),
        };
        self.dialogs.ask(ctx, purpose, suggested);
    }

    fn take_path(&mut self, ctx: &Context, purpose: Purpose, path: &Path) {
        match purpose {
            Purpose::Looks => self.worker.send(Request::OpenLooks(path.to_path_buf())),
            Purpose::SaveLooks => self.save_looks(path),
            Purpose::Picture => self.take_picture(ctx, path),
            Purpose::Layout => self.open(Source::of(path.to_path_buf()), Faults::Refuse),
            Purpose::Run => self.open(Source::Run(path.to_path_buf()), Faults::Refuse),
            Purpose::Recipe => match Recipe::load(path) {
                Ok(recipe) => self.use_recipe(recipe),
                Err(e) => self.notices.fail(Failure {
                    what: format!("Could not use recipe {}", path.display()),
                    why: e.to_string(),
                    remedy: None,
                }),
            },
            Purpose::KernelsDir => self.take_kernels(path.to_path_buf()),
            Purpose::PairsDir => self.calibrate.take_folder(path.to_path_buf()),
            Purpose::Resist => self.load_resist(path),
            Purpose::SaveResist => self.save_resist(path),
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

    /// Keeps what is shown as A of a comparison.
    fn pin(&mut self) {
        if let Some(picture) = self.compare.pin(&self.run) {
            self.view.tab = Tab::Compare;
            self.worker.send(Request::Compare(Some(picture)));
        } else if self.run.prepared.is_some() {
            let why = "pause the run and wait for the picture of the shown iteration".to_owned();
            self.notices.inform("Nothing was pinned:".to_owned(), why);
        }
    }

    /// Forgets A.
    pub(super) fn unpin(&mut self) {
        if self.compare.pinned.is_some() {
            self.compare.clear();
            self.worker.send(Request::Compare(None));
        }
    }

    /// Takes the cut line in hand, or lays it down.
    fn cut_line(&mut self) {
        if self.document.clip.is_none() {
            return;
        }
        self.view.mode = Mode::Clip;
        self.view.tab = Tab::Cut;
        self.cut.drawing = !self.cut.drawing;
    }

    fn set_conditions(&mut self, conditions: Conditions) {
        self.exposure.conditions = conditions.clone();
        self.worker.send(Request::Conditions(Box::new(conditions)));
    }

    /// The first resist that has a film.
    fn use_film(&mut self) {
        if let Some(resist) = Resist::film() {
            let conditions = self.exposure.conditions.clone();
            self.set_conditions(Conditions { resist, ..conditions });
        }
    }

    /// Shows the mask in a resist from a file.
    fn load_resist(&mut self, path: &Path) {
        match ResistModel::load(path) {
            Ok(model) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                self.use_resist(name, model);
            }
            Err(e) => self.notices.fail(Failure {
                what: format!("Could not use resist {}", path.display()),
                why: e.to_string(),
                remedy: None,
            }),
        }
    }

    fn use_resist(&mut self, name: String, model: ResistModel) {
        let resist = Resist::Model { name, model: Arc::new(model) };
        let conditions = self.exposure.conditions.clone();
        self.set_conditions(Conditions { resist, ..conditions });
    }

    fn use_calibrated(&mut self) {
        if let Some(result) = self.calibrate.result() {
            let model = result.model.clone();
            self.use_resist("calibrated".to_owned(), model);
        }
    }

    fn save_resist(&mut self, path: &Path) {
        let Some(result) = self.calibrate.result() else { return };
        let written = result
            .model
            .to_toml()
            .map_err(anyhow::Error::from)
            .and_then(|text| export::write_file(path, text.as_bytes()));
        match written {
            Ok(()) => {
                let text = format!("Wrote the resist to {}.", path.display());
                self.notices.inform(text, String::new());
            }
            Err(e) => self.notices.fail(Failure {
                what: format!("Could not write the resist to {}", path.display()),
                why: format!("{e:#}"),
                remedy: None,
            }),
        }
    }

    /// The first resist in three dimensions.
    fn use_volume(&mut self) {
        if let Some(resist) = Resist::volume() {
            let conditions = self.exposure.conditions.clone();
            self.set_conditions(Conditions { resist, ..conditions });
        }
    }

    /// Puts the resist in place of the canvas, or the canvas back.
    fn toggle_3d(&mut self) {
        if self.document.clip.is_none() {
            return;
        }
        self.view.mode = Mode::Clip;
        self.view.three_d = !self.view.three_d;
        if self.view.three_d {
            self.block.clear();
            self.develop_block();
        } else {
            self.worker.send(Request::Analyse(Analysis::Block(None)));
        }
    }

    /// Develops the block about the middle of what was seen on the canvas.
    fn develop_block(&mut self) {
        let (Some(clip), Some(canvas)) = (&self.document.clip, self.clip_canvas) else { return };
        let corner = |at| self.view.camera.to_nm(canvas, at).map(|v| v as i32);
        let ([x0, y0], [x1, y1]) = (corner(canvas.left_bottom()), corner(canvas.right_top()));
        let place = block_place(Rect::new(x0, y0, x1, y1), clip.window);
        self.block.place = Some(place);
        self.worker.send(Request::Analyse(Analysis::Block(Some(place))));
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
