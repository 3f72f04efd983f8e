//! Black and white cells, and the morphology that mask rules ask for.
//!
//! A set that is open under squares of side w (every point of it lies in such a square inside it)
//! has no width below w between facing edges, and one whose outside is open has no space below w:
//! both exactly, in the projection metric of the rule check.

use crate::geometry::{Point, Polygon, Rect, merge};

/// Cells `[ny, nx]`, row-major; outside all are off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub nx: usize,
    pub ny: usize,
    pub on: Vec<bool>,
}

impl Cells {
    pub fn from_fn(nx: usize, ny: usize, on: impl Fn(usize, usize) -> bool) -> Self {
        let cells = (0..ny).flat_map(|y| (0..nx).map(move |x| (x, y)));
        Self { nx, ny, on: cells.map(|(x, y)| on(x, y)).collect() }
    }

    /// What is covered by squares of `k` cells inside the set.
    pub fn opened(&self, k: usize) -> Self {
        self.eroded(k).dilated(k)
    }

    /// What no square of `k` cells outside the set covers. The set keeps `k` cells from the rim.
    pub fn closed(&self, k: usize) -> Self {
        self.dilated(k).eroded(k)
    }

    /// The lower left cells of squares of `k` cells inside the set.
    fn eroded(&self, k: usize) -> Self {
        let mut out = self.clone();
        for row in out.on.chunks_exact_mut(self.nx.max(1)) {
            let mut run = 0;
            for on in row.iter_mut().rev() {
                run = if *on { run + 1 } else { 0 };
                *on = run >= k;
            }
        }
        let mut runs = vec![0usize; self.nx];
        for row in out.on.chunks_exact_mut(self.nx.max(1)).rev() {
            for (on, run) in row.iter_mut().zip(&mut runs) {
                *run = if *on { *run + 1 } else { 0 };
                *on = *run >= k;
            }
        }
        out
    }

    /// The squares of `k` cells whose lower left cells are the set.
    fn dilated(&self, k: usize) -> Self {
        let mut out = self.clone();
        for row in out.on.chunks_exact_mut(self.nx.max(1)) {
            let mut since = k;
            for on in row.iter_mut() {
                since = if *on { 0 } else { since + 1 };
                *on = since < k;
            }
        }
        let mut since = vec![k; self.nx];
        for row in out.on.chunks_exact_mut(self.nx.max(1)) {
            for (on, since) in row.iter_mut().zip(&mut since) {
                *since = if *on { 0 } else { *since + 1 };
                *on = *since < k;
            }
        }
        out
    }

    /// Cells of this set that are not in another.
    pub fn without(&self, other: &Self) -> Self {
        let on = self.on.iter().zip(&other.on).map(|(a, b)| *a && !*b).collect();
        Self { on, ..*self }
    }

    pub fn is_empty(&self) -> bool {
        !self.on.contains(&true)
    }

    /// The cells of and around a cell that exist.
    pub fn around(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (nx, ny) = (self.nx, self.ny);
        let (x, y) = (at % nx, at / nx);
        let rows = y.saturating_sub(1)..(y + 2).min(ny);
        rows.flat_map(move |y| (x.saturating_sub(1)..(x + 2).min(nx)).map(move |x| y * nx + x))
    }

    /// The shape each cell belongs to, 0 for none, and the cells of each shape. Cells that meet in
    /// a corner belong together where `diagonal`.
    pub fn shapes(&self, diagonal: Contact) -> (Vec<u32>, Vec<Vec<usize>>) {
        let mut labels = vec![0u32; self.on.len()];
        let mut shapes: Vec<Vec<usize>> = Vec::new();
        for start in 0..self.on.len() {
            if !self.on[start] || labels[start] != 0 {
                continue;
            }
            let label = shapes.len() as u32 + 1;
            let mut cells = vec![start];
            labels[start] = label;
            let mut next = 0;
            while next < cells.len() {
                let at = cells[next];
                next += 1;
                for near in self.around(at) {
                    let beside = near % self.nx == at % self.nx || near / self.nx == at / self.nx;
                    if self.on[near] && labels[near] == 0 && (beside || diagonal == Contact::Corner)
                    {
                        labels[near] = label;
                        cells.push(near);
                    }
                }
            }
            shapes.push(cells);
        }
        (labels, shapes)
    }

    /// The set as disjoint Manhattan polygons, cells of `size` nm from `origin`.
    pub fn polygons(&self, origin: Point, size: i32) -> Vec<Polygon> {
        let place = |v: usize, from: i32| from.saturating_add((v as i32).saturating_mul(size));
        let mut rects: Vec<Polygon> = Vec::new();
        // Runs of the last row and where they began.
        let mut open: Vec<([usize; 2], usize)> = Vec::new();
        for y in 0..=self.ny {
            let row = self.on.get(y * self.nx..(y + 1) * self.nx).unwrap_or_default();
            let runs = runs(row);
            let mut next = Vec::with_capacity(runs.len());
            for (run, from) in open {
                if runs.contains(&run) {
                    next.push((run, from));
                } else {
                    let (x0, x1) = (place(run[0], origin.x), place(run[1], origin.x));
                    let (y0, y1) = (place(from, origin.y), place(y, origin.y));
                    rects.push(Polygon::rect(Rect::new(x0, y0, x1, y1)));
                }
            }
            let fresh: Vec<[usize; 2]> =
                runs.into_iter().filter(|run| next.iter().all(|(old, _)| old != run)).collect();
            next.extend(fresh.into_iter().map(|run| (run, y)));
            open = next;
        }
        merge(&rects)
    }
}

/// What makes two cells one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Side,
    Corner,
}

/// The stretches of cells that are on, `[from, to)`.
fn runs(row: &[bool]) -> Vec<[usize; 2]> {
    let mut found = Vec::new();
    let mut start = None;
    for (x, on) in row.iter().copied().chain([false]).enumerate() {
        match (on, start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                found.push([from, x]);
                start = None;
            }
            _ => {}
        }
    }
    found
}
