//! Requests about files: layouts, layer properties, pictures of the canvas, clips.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::lyp::{self, LayerProperties};
use lithoscope_engine::layout::{self, CellId, Faults, Layer, LayoutError, Opened, ReadOptions};

use super::{Engine, Stop, milliseconds};
use crate::export;
use crate::worker::{
    Event, Failure, Looks, Occasion, OpenedLayout, Progress, Source, Survey, stages,
};

/// How often the window is told how far reading has come, ms.
const PROGRESS_MS: u64 = 50;

impl Engine {
    pub(super) fn open(&mut self, source: Source, faults: Faults) -> Result<(), Stop> {
        if let Source::Run(path) = &source {
            return self.open_run(path);
        }
        let started = Instant::now();
        let opened = self.read(&source, faults)?;
        let clip = if stages::is_clip(&opened.layout) {
            Some(stages::default_clip(&opened.layout, &source)?)
        } else {
            None
        };
        let occasion = if clip.is_some() { Occasion::SmallFile } else { Occasion::LargeFile };
        self.take_layout(source, faults, opened, occasion, started)?;
        if let Some((clip, cell)) = clip {
            return self.take_clip(clip, cell);
        }
        self.clip = None;
        self.bench = None;
        self.generation += 1;
        self.set_running(false);
        Ok(())
    }

    /// Reads the file again. Whatever is wrong with it, what was read before stays.
    pub(super) fn reload(&mut self, source: Source, faults: Faults) -> Result<(), Stop> {
        let started = Instant::now();
        let opened = self.read(&source, faults).map_err(|stop| match stop {
            Stop::Failed(failure) => Stop::Failed(Failure {
                what: format!("{} changed but cannot be read", stages::name_of(&source)),
                why: format!("{}. What was read before is still shown", failure.why),
                ..failure
            }),
            Stop::Cancelled => Stop::Cancelled,
        })?;
        self.take_layout(source, faults, opened, Occasion::Reload, started)
    }

    /// Reads a layout and indexes it, telling how far it has come.
    pub(super) fn read(&self, source: &Source, faults: Faults) -> Result<Opened, Stop> {
        self.stage("Reading the layout")?;
        let (inbox, outbox) = (&*self.inbox, &*self.outbox);
        let (started, told) = (Instant::now(), AtomicU64::new(0));
        let tell = |progress: layout::Progress| {
            if inbox.is_closed() || inbox.take_cancel() {
                return ControlFlow::Break(());
            }
            let now = started.elapsed().as_millis() as u64 / PROGRESS_MS;
            if told.swap(now, Ordering::Relaxed) != now {
                let done = progress.total.map(|t| progress.done as f32 / t.max(1) as f32);
                let job = "Reading the layout".to_owned();
                outbox.push(Event::Progress(Some(Progress { job, done })));
            }
            ControlFlow::Continue(())
        };
        let options = ReadOptions { faults, progress: Some(&tell), ..ReadOptions::default() };
        match stages::read(source, &options) {
            Ok(opened) => Ok(opened),
            Err(LayoutError::Cancelled { .. }) => Err(Stop::Cancelled),
            Err(e) => Err(Stop::Failed(stages::refused(source, &e))),
        }
    }

    pub(super) fn take_layout(
        &mut self,
        source: Source,
        faults: Faults,
        opened: Opened,
        occasion: Occasion,
        started: Instant,
    ) -> Result<(), Stop> {
        self.stage("Indexing the layout")?;
        let layout = Arc::new(opened.layout);
        let survey = Arc::new(Survey::of(&layout));
        self.tell(Event::Log(format!(
            "Read {} in {:.0} ms: {} cells, {} layers.",
            layout.name,
            milliseconds(started),
            layout.cells().len(),
            survey.layers.len()
        )));
        let looks = match &source {
            Source::Path(path) => stages::looks_beside(path),
            Source::Run(_) | Source::Sample { .. } => None,
        };
        self.origin = stages::origin(&source);
        self.layout = Some(Arc::clone(&layout));
        let losses = opened.losses;
        self.tell(Event::Opened(Box::new(OpenedLayout {
            layout,
            survey,
            source,
            faults,
            looks,
            losses,
            occasion,
        })));
        Ok(())
    }

    pub(super) fn open_looks(&self, path: PathBuf) -> Result<(), Stop> {
        self.stage("Reading layer properties")?;
        let properties = lyp::open(&path).map_err(|e| {
            stages::failure(format!("Could not use layer properties {}", path.display()), &e)
        })?;
        self.tell(Event::Looks(Box::new(Looks { path, properties })));
        Ok(())
    }

    pub(super) fn save_looks(&self, path: PathBuf, looks: &LayerProperties) -> Result<(), Stop> {
        self.stage("Writing layer properties")?;
        lyp::write(&path, looks).map_err(|e| {
            stages::failure(format!("Could not write layer properties {}", path.display()), &e)
        })?;
        self.tell(Event::Saved("layer properties", path));
        Ok(())
    }

    pub(super) fn save_picture(
        &self,
        path: PathBuf,
        pixels: &egui::ColorImage,
    ) -> Result<(), Stop> {
        self.stage("Writing the picture")?;
        export::write_png(&path, pixels)
            .map_err(|e| stages::write_failure("picture", &path, &e))?;
        self.tell(Event::Saved("picture", path));
        Ok(())
    }

    pub(super) fn sketch(&self, sources: &[Source]) {
        let sketches = sources.iter().map(|s| stages::sketch(s).unwrap_or_default()).collect();
        self.tell(Event::Sketches(sketches));
    }

    pub(super) fn cut(
        &mut self,
        cell: CellId,
        layer: Layer,
        window: Option<Rect>,
    ) -> Result<(), Stop> {
        let Some(layout) = self.layout.clone() else { return Ok(()) };
        self.stage("Cutting the clip")?;
        let clip = stages::cut(&layout, cell, layer, window)?;
        self.take_clip(clip, cell)
    }
}
