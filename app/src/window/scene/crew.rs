//! The threads that make sheets and tiles, so that painting never waits.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use eframe::wgpu;

use super::atlas::TileKey;
use super::density;
use super::device_types::Piece;
use super::pyramid::Pyramid;
use super::sheet::{NoSheet, Ranges, Wish, gather};
use super::source::Source;

/// Work to be done.
#[derive(Clone)]
pub enum Job {
    /// A sheet; the number tells it from others.
    Sheet(u64, Wish),
    /// The tile, its lower left corner and the length of its texels, database units.
    Tile(TileKey, [f64; 2]),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Sheet(u64),
    Tile(TileKey),
}

impl Job {
    fn name(&self) -> Name {
        match self {
            Self::Sheet(number, _) => Name::Sheet(*number),
            Self::Tile(key, ..) => Name::Tile(*key),
        }
    }
}

/// Work done. The first member names the source it was done for.
pub enum Done {
    /// A sheet, or why there is none.
    Sheet(Arc<Source>, Wish, Result<SheetOnDevice, NoSheet>),
    /// The covers of a tile; `None` where there is nothing in it.
    Tile(Arc<Source>, TileKey, Option<Vec<u8>>),
}

/// The shapes of a sheet on the graphics device.
pub struct SheetOnDevice {
    /// The pieces.
    pub buffer: wgpu::Buffer,
    /// Where each layer's are.
    pub layers: Vec<Ranges>,
    /// Their number.
    pub pieces: usize,
    /// Cells in their places that were looked at.
    pub placements: usize,
}

/// The threads and what they are to do.
pub struct Crew {
    shared: Arc<Shared>,
    done: Receiver<Done>,
}

struct Shared {
    plan: Mutex<Plan>,
    changed: Condvar,
    device: wgpu::Device,
    queue: wgpu::Queue,
    repaint: egui::Context,
}

#[derive(Default)]
struct Plan {
    source: Option<Arc<Source>>,
    waiting: VecDeque<Job>,
    running: Vec<(Name, Arc<AtomicBool>)>,
    closed: bool,
}

impl Crew {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        repaint: &egui::Context,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            plan: Mutex::default(),
            changed: Condvar::new(),
            device: device.clone(),
            queue: queue.clone(),
            repaint: repaint.clone(),
        });
        let (send, done) = channel();
        // One core is left to the window; a second thread keeps long work from blocking short work.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        for number in 0..cores.saturating_sub(1).clamp(2, 4) {
            let (shared, send) = (Arc::clone(&shared), send.clone());
            std::thread::Builder::new()
                .name(format!("scene-{number}"))
                .spawn(move || shared.work(&send))?;
        }
        Ok(Self { shared, done })
    }

    /// Says what is wanted from now on, the most urgent first. Whatever else is waiting or under way
    /// is given up.
    pub fn want(&self, source: &Arc<Source>, jobs: Vec<Job>) {
        let mut plan = self.shared.plan();
        let same = plan.source.as_ref().is_some_and(|s| Arc::ptr_eq(s, source));
        let names: HashSet<Name> = jobs.iter().map(Job::name).collect();
        for (name, cancel) in &plan.running {
            if !same || !names.contains(name) {
                cancel.store(true, Ordering::Relaxed);
            }
        }
        let under_way: HashSet<Name> = plan
            .running
            .iter()
            .filter(|(_, cancel)| !cancel.load(Ordering::Relaxed))
            .map(|(name, _)| *name)
            .collect();
        plan.source = Some(Arc::clone(source));
        plan.waiting = jobs.into_iter().filter(|j| !under_way.contains(&j.name())).collect();
        drop(plan);
        self.shared.changed.notify_all();
    }

    /// What has been done since the last call.
    pub fn done(&self) -> impl Iterator<Item = Done> + '_ {
        self.done.try_iter()
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        let mut plan = self.shared.plan();
        plan.closed = true;
        plan.waiting.clear();
        plan.running.iter().for_each(|(_, cancel)| cancel.store(true, Ordering::Relaxed));
        drop(plan);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, send: &Sender<Done>) {
        while let Some((source, job, cancel)) = self.next() {
            let done = self.carry_out(source, &job, &cancel);
            let sent = done.map(|done| send.send(done).is_ok());
            // Only now, so that it is not begun again before it is taken.
            self.plan().running.retain(|(_, other)| !Arc::ptr_eq(other, &cancel));
            match sent {
                Some(true) => self.repaint.request_repaint(),
                Some(false) => return,
                None => {}
            }
        }
    }

    /// Waits for a job; `None` when there will be none.
    fn next(&self) -> Option<(Arc<Source>, Job, Arc<AtomicBool>)> {
        let mut plan = self.plan();
        loop {
            if plan.closed {
                return None;
            }
            if let Some(source) = plan.source.clone()
                && let Some(job) = plan.waiting.pop_front()
            {
                let cancel = Arc::new(AtomicBool::new(false));
                plan.running.push((job.name(), Arc::clone(&cancel)));
                return Some((source, job, cancel));
            }
            plan = self.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Does a job; `None` if it was cancelled.
    fn carry_out(&self, source: Arc<Source>, job: &Job, cancel: &AtomicBool) -> Option<Done> {
        match job {
            Job::Tile(key, low) => {
                let texel = Pyramid::texel(key.place.level);
                let bytes = density::tile(&source, key.layer, *low, texel, cancel).ok()?;
                Some(Done::Tile(source, *key, bytes))
            }
            Job::Sheet(_, wish) => {
                let sheet = match gather(&source, wish, cancel) {
                    Err(NoSheet::Cancelled) => return None,
                    Err(why) => Err(why),
                    Ok(gathered) => Ok(SheetOnDevice {
                        buffer: self.upload(&gathered.pieces),
                        pieces: gathered.pieces.len(),
                        layers: gathered.layers,
                        placements: gathered.placements,
                    }),
                };
                Some(Done::Sheet(source, wish.clone(), sheet))
            }
        }
    }

    fn upload(&self, pieces: &[Piece]) -> wgpu::Buffer {
        let bytes: &[u8] = bytemuck::cast_slice(pieces);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("scene sheet"),
            size: bytes.len().max(size_of::<Piece>()) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }
}
