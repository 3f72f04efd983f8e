//! Opening a saved run: its clip, its recipe and all its iterations, ready to go on.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use lithoscope_engine::layout::{CellId, Faults, Opened};
use lithoscope_engine::opc::{OpcRun, SavedRun};

use super::{Bench, Engine, Stop, milliseconds};
use crate::worker::lens::Lens;
use crate::worker::{Event, Failure, Occasion, Source, stages};

impl Engine {
    /// Opens a saved run. What cannot be opened leaves everything as it was.
    pub(super) fn open_run(&mut self, path: &Path) -> Result<(), Stop> {
        let started = Instant::now();
        let source = Source::Run(path.to_path_buf());
        let what = || format!("Could not open {}", stages::name_of(&source));
        self.stage("Reading the run")?;
        let saved = SavedRun::load(path).map_err(|e| stages::opc_failure(what(), &e))?;
        let (clip, recipe) = (Arc::new(saved.clip().clone()), saved.recipe().clone());
        let origin = saved.source.clone();
        let layout = clip.to_layout().ok_or_else(|| Failure {
            what: what(),
            why: "its clip holds more shapes than a cell can".to_owned(),
            remedy: None,
        })?;
        self.stage("Preparing the optics")?;
        let imager = stages::plan(&clip, &recipe, &self.folders)?;
        self.stage("Taking the run up")?;
        let run =
            OpcRun::resume(saved, imager.process()).map_err(|e| stages::opc_failure(what(), &e))?;
        let opened = Opened { layout, losses: Vec::new() };
        self.take_layout(source, Faults::Refuse, opened, Occasion::SmallFile, started)?;
        self.origin = origin;
        if self.running {
            self.set_running(false);
        }
        self.clip = Some(Arc::clone(&clip));
        self.recipe = Some(recipe.clone());
        self.generation += 1;
        self.shown = self.shown.anew();
        self.tell(Event::Clip { clip, cell: CellId(0), generation: self.generation });
        self.tell(Event::Resumed(Arc::new(recipe.clone())));
        let lens = Lens::new(&recipe);
        self.take_optics(&lens, imager.process().threshold);
        self.announce(&recipe, Some(&run), milliseconds(started));
        if run.is_finished() {
            self.tell(Event::Finished { generation: self.generation });
        }
        self.shown.wanted = run.history().len() - 1;
        self.bench =
            Some(Bench { imager, lens, drawing: self.drawing(), run: Some(run), range: None });
        Ok(())
    }
}
