//! What frames cost, for the performance overlay.

use std::collections::VecDeque;

use super::super::scene::FrameStats;

/// Frames that are remembered.
const FRAMES: usize = 120;

/// Times of one frame on the CPU, ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// The whole user interface.
    pub ui_ms: f64,
    /// The layout's share of it.
    pub scene_ms: f64,
}

/// The latest frames.
#[derive(Clone, Debug, Default)]
pub struct FrameLog {
    times: VecDeque<Timing>,
    /// What the scene says of the last frame.
    pub scene: FrameStats,
}

impl FrameLog {
    /// Adds a frame.
    pub fn push(&mut self, timing: Timing) {
        if self.times.len() >= FRAMES {
            self.times.pop_front();
        }
        self.times.push_back(timing);
    }

    /// The last frame, the mean and the slowest of those remembered.
    pub fn summary(&self) -> [Timing; 3] {
        let last = self.times.back().copied().unwrap_or_default();
        let count = self.times.len().max(1) as f64;
        let of = |get: fn(&Timing) -> f64| {
            let sum: f64 = self.times.iter().map(get).sum();
            (sum / count, self.times.iter().map(get).fold(0.0, f64::max))
        };
        let (ui, scene) = (of(|t| t.ui_ms), of(|t| t.scene_ms));
        let mean = Timing { ui_ms: ui.0, scene_ms: scene.0 };
        let most = Timing { ui_ms: ui.1, scene_ms: scene.1 };
        [last, mean, most]
    }

    /// Number of frames remembered.
    pub fn len(&self) -> usize {
        self.times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_frames_are_summed_up() {
        let mut log = FrameLog::default();
        assert_eq!(log.summary(), [Timing::default(); 3]);
        for i in 0..200 {
            log.push(Timing { ui_ms: f64::from(i), scene_ms: 1.0 });
        }
        let [last, mean, most] = log.summary();
        assert_eq!((last.ui_ms, mean.ui_ms, most.ui_ms), (199.0, 139.5, 199.0));
        assert_eq!((mean.scene_ms, log.len()), (1.0, FRAMES));
    }
}
