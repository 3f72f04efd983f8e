//! Which tiles a frame shows, from the atlas or in place of ones that are still being made.

use std::collections::{HashMap, HashSet, VecDeque};

use eframe::wgpu;
use lithoscope_engine::layout::Bounds;

use super::aim::Aim;
use super::atlas::{Atlas, Known, Slot, TileKey};
use super::crew::Job;
use super::density::{SIDE, TILE_BYTES};
use super::device_types::Tile;
use super::pyramid::{Place, Pyramid};
use super::source::LayerKey;

/// Tiles sent to the device in one frame: 2 MiB.
const SENT_A_FRAME: usize = 16;

/// A layer that tiles are wanted of.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The layer.
    pub layer: LayerKey,
    /// Index of its style.
    pub style: u32,
    /// Where it has anything, database units.
    pub area: Bounds,
}

/// Tiles of one source: on the device, on their way there, and being made.
pub struct Tiles {
    atlas: Atlas,
    pyramid: Pyramid,
    arrived: VecDeque<(TileKey, Option<Vec<u8>>)>,
    on_the_way: HashSet<TileKey>,
}

/// What a frame draws of them.
#[derive(Default)]
pub struct Shown {
    /// The tiles, layer by layer, the lowest first.
    pub quads: Vec<Tile>,
    /// The tiles that are still to be made, the most urgent first.
    pub missing: Vec<Job>,
}

impl Tiles {
    /// No tiles yet, in an atlas of at most so many pages.
    pub fn new(device: &wgpu::Device, most_pages: u32) -> Self {
        let nothing = Bounds { min: [0.0; 2], max: [0.0; 2] };
        Self {
            atlas: Atlas::new(device, most_pages),
            pyramid: Pyramid::over(&nothing),
            arrived: VecDeque::new(),
            on_the_way: HashSet::new(),
        }
    }

    /// Forgets all tiles and begins anew over another box.
    pub fn restart(&mut self, area: &Bounds) {
        self.atlas.clear();
        self.arrived.clear();
        self.on_the_way.clear();
        self.pyramid = Pyramid::over(area);
    }

    /// Takes a tile that has been made.
    pub fn take(&mut self, key: TileKey, bytes: Option<Vec<u8>>) {
        if self.on_the_way.insert(key) {
            self.arrived.push_back((key, bytes));
        }
    }

    /// Sends some of the tiles that were made to the device; returns bytes sent and whether there
    /// are more.
    pub fn send(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> (usize, bool) {
        self.atlas.begin_frame();
        let mut sent = 0;
        while sent < SENT_A_FRAME
            && let Some((key, bytes)) = self.arrived.pop_front()
        {
            sent += usize::from(bytes.is_some());
            self.on_the_way.remove(&key);
            self.atlas.insert(device, queue, key, bytes.as_deref());
        }
        (sent * TILE_BYTES, !self.arrived.is_empty())
    }

    /// What to draw of some layers, and what is missing. `all` are layers whose coarsest tile is to
    /// be had in any case.
    pub fn show(&mut self, aim: &Aim, layers: &[Wanted], all: &[Wanted]) -> Shown {
        let mut shown = Shown::default();
        for place in self.places(aim, layers.len()) {
            self.show_place(aim, place, layers, &mut shown);
        }
        // Stable, so that the order does not depend on which tiles are there. Styles are numbered
        // as layers lie on each other.
        shown.quads.sort_by_key(|tile| tile.page_style[1]);
        let root = self.pyramid.root();
        let keys = all.iter().map(|wanted| TileKey { place: root, layer: wanted.layer });
        let mut roots: Vec<TileKey> = keys.collect();
        roots.retain(|key| self.is_missing(key));
        let roots: Vec<Job> = roots.into_iter().map(|key| self.job(key)).collect();
        // The coarsest tiles come first: they stand in for all others.
        shown.missing.splice(0..0, roots);
        shown
    }

    /// The tiles in view, of a level whose texels are about a pixel, or coarser where so many would
    /// not fit.
    fn places(&self, aim: &Aim, layers: usize) -> Vec<Place> {
        let most = self.atlas.capacity() / layers.max(1);
        let mut level = self.pyramid.level_near(aim.per_pixel);
        loop {
            let places = self.pyramid.visible(level, &aim.window);
            if places.len() <= most || level >= self.pyramid.root().level {
                return places;
            }
            level += 1;
        }
    }

    fn show_place(&mut self, aim: &Aim, place: Place, layers: &[Wanted], shown: &mut Shown) {
        let bounds = self.pyramid.bounds(place);
        let area = aim.area(&bounds).map(|v| v as f32);
        for wanted in layers.iter().filter(|l| l.area.touches(&bounds)) {
            let key = TileKey { place, layer: wanted.layer };
            if place != self.pyramid.root() && self.is_missing(&key) {
                shown.missing.push(self.job(key));
            }
            let part = match self.atlas.get(&key) {
                Known::Here(slot) => Some((slot, [0.0; 2], SIDE as f32)),
                Known::Empty => None,
                Known::Missing => self.stand_in(key),
            };
            let Some((slot, part, span)) = part else { continue };
            let whole = slot.corner().map(|v| v as f32);
            let part = [0, 1].map(|k| whole[k] + part[k]);
            let page_style = [slot.page(), wanted.style];
            shown.quads.push(Tile { area, part_whole: [part, whole], span, page_style });
        }
    }

    /// The part of a coarser tile where a tile is missing.
    fn stand_in(&mut self, key: TileKey) -> Option<(Slot, [f32; 2], f32)> {
        for (place, part, span) in self.pyramid.above(key.place) {
            match self.atlas.get(&TileKey { place, layer: key.layer }) {
                Known::Here(slot) => return Some((slot, part, span)),
                Known::Empty => return None,
                Known::Missing => {}
            }
        }
        None
    }

    fn is_missing(&mut self, key: &TileKey) -> bool {
        self.atlas.get(key) == Known::Missing && !self.on_the_way.contains(key)
    }

    fn job(&self, key: TileKey) -> Job {
        Job::Tile(key, self.pyramid.bounds(key.place).min)
    }

    /// The pages, to be read.
    pub fn view(&self) -> &wgpu::TextureView {
        self.atlas.view()
    }

    /// Memory on the device, bytes.
    pub fn bytes(&self) -> usize {
        self.atlas.bytes()
    }
}

/// Indices by layer.
pub fn index_of(layers: impl Iterator<Item = LayerKey>) -> HashMap<LayerKey, usize> {
    layers.enumerate().map(|(i, layer)| (layer, i)).collect()
}
