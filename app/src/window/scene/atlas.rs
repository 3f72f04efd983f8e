//! The tiles on the graphics device: pages of an array texture, the longest unused ones given up.

use std::collections::HashMap;

use eframe::wgpu;

use super::density::SIDE;
use super::pyramid::Place;
use super::source::LayerKey;

/// Texels along a page.
const PAGE: u32 = 2048;
/// Tiles along a page.
const ALONG: u32 = PAGE / SIDE as u32;
/// Tiles of a page.
const PER_PAGE: u32 = ALONG * ALONG;
/// Bytes of a page: two a texel.
const PAGE_BYTES: usize = (PAGE * PAGE * 2) as usize;
/// Pages to begin with.
const FIRST_PAGES: u32 = 2;

/// A tile of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TileKey {
    /// Where it is.
    pub place: Place,
    /// Its layer.
    pub layer: LayerKey,
}

/// Where a tile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u32);

impl Slot {
    /// Its page.
    pub fn page(self) -> u32 {
        self.0 / PER_PAGE
    }

    /// Texel of its lower left corner.
    pub fn corner(self) -> [u32; 2] {
        let on_page = self.0 % PER_PAGE;
        [on_page % ALONG, on_page / ALONG].map(|v| v * SIDE as u32)
    }
}

/// What is known of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has to be made.
    Missing,
    /// There is nothing in it.
    Empty,
    /// It is on the device.
    Here(Slot),
}

struct Held {
    /// `None` for a tile with nothing in it.
    slot: Option<Slot>,
    /// The frame that used it last.
    used: u64,
}

/// Tiles on the device.
pub struct Atlas {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    pages: u32,
    most_pages: u32,
    tiles: HashMap<TileKey, Held>,
    free: Vec<Slot>,
    frame: u64,
}

impl Atlas {
    /// An empty atlas that grows to so many pages of 8 MiB.
    pub fn new(device: &wgpu::Device, most_pages: u32) -> Self {
        let most_pages = most_pages.min(device.limits().max_texture_array_layers).max(1);
        let pages = FIRST_PAGES.min(most_pages);
        let texture = texture(device, pages);
        Self {
            view: view(&texture),
            texture,
            pages,
            most_pages,
            tiles: HashMap::new(),
            free: slots(0..pages),
            frame: 0,
        }
    }

    /// Begins a frame: tiles used in it are not given up during it.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
    }

    /// Forgets every tile.
    pub fn clear(&mut self) {
        self.tiles.clear();
        self.free = slots(0..self.pages);
    }

    /// What is known of a tile.
    pub fn get(&mut self, key: &TileKey) -> Known {
        let Some(held) = self.tiles.get_mut(key) else { return Known::Missing };
        held.used = self.frame;
        held.slot.map_or(Known::Empty, Known::Here)
    }

    /// Takes a tile; `bytes` as [`super::density::tile`] gives them. A tile for which there is no
    /// room is lost.
    pub fn insert(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        key: TileKey,
        bytes: Option<&[u8]>,
    ) {
        let slot = match bytes {
            None => None,
            Some(bytes) => {
                let Some(slot) = self.room(device, queue) else { return };
                self.write(queue, slot, bytes);
                Some(slot)
            }
        };
        if let Some(Held { slot: Some(old), .. }) =
            self.tiles.insert(key, Held { slot, used: self.frame })
        {
            self.free.push(old);
        }
    }

    /// Most tiles that fit.
    pub fn capacity(&self) -> usize {
        (self.most_pages * PER_PAGE) as usize
    }

    /// Memory on the device, bytes.
    pub fn bytes(&self) -> usize {
        self.pages as usize * PAGE_BYTES
    }

    /// The pages, to be read.
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    fn room(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Slot> {
        if self.free.is_empty() && self.pages < self.most_pages {
            self.grow(device, queue);
        }
        if self.free.is_empty() {
            self.give_up_old();
        }
        self.free.pop()
    }

    /// Gives up the older half of the tiles that this frame has not used.
    fn give_up_old(&mut self) {
        let frame = self.frame;
        let mut uses: Vec<u64> =
            self.tiles.values().map(|t| t.used).filter(|&used| used < frame).collect();
        if uses.is_empty() {
            return;
        }
        let half = uses.len() / 2;
        let (_, &mut limit, _) = uses.select_nth_unstable(half);
        let free = &mut self.free;
        self.tiles.retain(|_, tile| {
            let keep = tile.used > limit || tile.used >= frame;
            free.extend(tile.slot.filter(|_| !keep));
            keep
        });
    }

    fn grow(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        let pages = (2 * self.pages).min(self.most_pages);
        let larger = texture(device, pages);
        let mut encoder = device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("scene pages") });
        encoder.copy_texture_to_texture(
            self.texture.as_image_copy(),
            larger.as_image_copy(),
            wgpu::Extent3d { width: PAGE, height: PAGE, depth_or_array_layers: self.pages },
        );
        queue.submit([encoder.finish()]);
        self.view = view(&larger);
        self.texture = larger;
        self.free.extend(slots(self.pages..pages));
        self.pages = pages;
    }

    fn write(&self, queue: &wgpu::Queue, slot: Slot, bytes: &[u8]) {
        let [x, y] = slot.corner();
        let side = SIDE as u32;
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x, y, z: slot.page() },
                aspect: wgpu::TextureAspect::All,
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(2 * side),
                rows_per_image: Some(side),
            },
            wgpu::Extent3d { width: side, height: side, depth_or_array_layers: 1 },
        );
    }
}

/// All slots of some pages, the last first, since they are taken from the end.
fn slots(pages: std::ops::Range<u32>) -> Vec<Slot> {
    (pages.start * PER_PAGE..pages.end * PER_PAGE).rev().map(Slot).collect()
}

fn texture(device: &wgpu::Device, pages: u32) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("scene pages"),
        size: wgpu::Extent3d { width: PAGE, height: PAGE, depth_or_array_layers: pages },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rg8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_DST
            | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}

fn view(texture: &wgpu::Texture) -> wgpu::TextureView {
    texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2Array),
        ..Default::default()
    })
}
