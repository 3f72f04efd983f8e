//! The records of a cell: what an earlier one said, the modal variables, is left out.

use super::bytes::{Vector, minus, real, signed, unsigned};
use super::properties::Coded;
use super::trapezoid::Trapezoid;
use crate::layout::{Layer, Transform};

const LAYER: u8 = 0x01;
const DATATYPE: u8 = 0x02;
const REPETITION: u8 = 0x04;
const Y: u8 = 0x08;
const X: u8 = 0x10;

/// Where a thing and its copies are; the repetition in bytes, none for one alone.
#[derive(Clone, Copy)]
pub(super) struct Place<'r> {
    pub at: Vector,
    pub repetition: &'r [u8],
}

/// How a path is drawn, beside its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stroke {
    pub half_width: i64,
    pub begin: i64,
    pub end: i64,
}

/// Records under way, and the modal variables they leave behind. Positions are relative.
#[derive(Default)]
pub(super) struct Records {
    pub out: Vec<u8>,
    geometry_at: Vector,
    placement_at: Vector,
    text_at: Vector,
    layer: Option<u32>,
    datatype: Option<u32>,
    textlayer: Option<u32>,
    texttype: Option<u32>,
    cell: Option<u64>,
    string: Option<u64>,
    width: Option<i64>,
    height: Option<i64>,
    compact: Option<u8>,
    ring: Option<Vec<u8>>,
    spine: Option<Vec<u8>>,
    half_width: Option<i64>,
    extensions: Option<[i64; 2]>,
    repetition: Vec<u8>,
    property: Option<Coded>,
}

/// Sets a modal variable; tells whether it was something else.
fn set<T: PartialEq>(variable: &mut Option<T>, value: T) -> bool {
    if variable.as_ref() == Some(&value) {
        return false;
    }
    *variable = Some(value);
    true
}

impl Records {
    /// Records whose positions are relative to the last ones.
    pub fn relative() -> Self {
        Self { out: vec![16], ..Self::default() }
    }

    /// Writes record-ID and flags, layer and datatype.
    fn begin(&mut self, id: u8, flags: u8, layer: Layer, place: &Place) {
        let mut flags = flags | spots(self.geometry_at, place);
        let new_layer = set(&mut self.layer, layer.number);
        let new_type = set(&mut self.datatype, layer.datatype);
        flags |= if new_layer { LAYER } else { 0 } | if new_type { DATATYPE } else { 0 };
        self.out.extend([id, flags]);
        if new_layer {
            unsigned(&mut self.out, u64::from(layer.number));
        }
        if new_type {
            unsigned(&mut self.out, u64::from(layer.datatype));
        }
    }

    fn end(&mut self, place: &Place) {
        let by = minus(place.at, std::mem::replace(&mut self.geometry_at, place.at));
        self.place(by, place.repetition);
    }

    fn place(&mut self, by: Vector, repetition: &[u8]) {
        for along in by {
            if along != 0 {
                signed(&mut self.out, along);
            }
        }
        if repetition.is_empty() {
        } else if repetition == self.repetition {
            self.out.push(0);
        } else {
            self.out.extend_from_slice(repetition);
            repetition.clone_into(&mut self.repetition);
        }
    }

    fn size(&mut self, flag: [bool; 2], size: Vector) {
        for axis in 0..2 {
            if flag[axis] {
                unsigned(&mut self.out, size[axis] as u64);
            }
        }
    }

    pub fn rectangle(&mut self, layer: Layer, size: Vector, place: &Place) {
        let [width, height] = size;
        let new_width = set(&mut self.width, width);
        let new_height = set(&mut self.height, height);
        // A square sets both, which costs nothing where the width is new anyway.
        let square = width == height && (new_width || new_height);
        let wide = u8::from(new_width) << 6;
        let tall = u8::from(new_height && !square) << 5;
        self.begin(20, u8::from(square) << 7 | wide | tall, layer, place);
        self.size([new_width, new_height && !square], size);
        self.end(place);
    }

    pub fn polygon(&mut self, layer: Layer, points: &[u8], place: &Place) {
        let new = self.ring.as_deref() != Some(points);
        self.begin(21, u8::from(new) << 5, layer, place);
        if new {
            self.out.extend_from_slice(points);
            self.ring = Some(points.to_vec());
        }
        self.end(place);
    }

    pub fn trapezoid(&mut self, layer: Layer, what: Trapezoid, size: Vector, place: &Place) {
        match what {
            Trapezoid::Compact { kind, needs } => self.compact(layer, (kind, needs), size, place),
            Trapezoid::General { vertical, a, b } => {
                let new = [set(&mut self.width, size[0]), set(&mut self.height, size[1])];
                let id = match (a, b) {
                    (_, 0) => 24,
                    (0, _) => 25,
                    _ => 23,
                };
                self.begin(id, u8::from(vertical) << 7 | sizes(new), layer, place);
                self.size(new, size);
                if id != 25 {
                    signed(&mut self.out, a);
                }
                if id != 24 {
                    signed(&mut self.out, b);
                }
                self.end(place);
            }
        }
    }

    fn compact(
        &mut self,
        layer: Layer,
        (kind, needs): (u8, [bool; 2]),
        size: Vector,
        place: &Place,
    ) {
        let new_kind = set(&mut self.compact, kind);
        let new =
            [needs[0] && set(&mut self.width, size[0]), needs[1] && set(&mut self.height, size[1])];
        self.begin(26, u8::from(new_kind) << 7 | sizes(new), layer, place);
        if new_kind {
            self.out.push(kind);
        }
        self.size(new, size);
        // Readers differ in whether a size that the type implies is remembered.
        if !needs[0] {
            self.width = None;
        }
        if !needs[1] {
            self.height = None;
        }
        self.end(place);
    }

    pub fn path(&mut self, layer: Layer, stroke: Stroke, points: &[u8], place: &Place) {
        let Stroke { half_width, begin, end } = stroke;
        let new_width = set(&mut self.half_width, half_width);
        let before = self.extensions;
        let extended = set(&mut self.extensions, [begin, end]);
        let new = self.spine.as_deref() != Some(points);
        let flags = u8::from(extended) << 7 | u8::from(new_width) << 6 | u8::from(new) << 5;
        self.begin(22, flags, layer, place);
        if new_width {
            unsigned(&mut self.out, half_width as u64);
        }
        if extended {
            self.extensions(before, [begin, end], half_width);
        }
        if new {
            self.out.extend_from_slice(points);
            self.spine = Some(points.to_vec());
        }
        self.end(place);
    }

    /// The extension scheme, and lengths that it does not name.
    fn extensions(&mut self, before: Option<[i64; 2]>, now: [i64; 2], half_width: i64) {
        let scheme = |axis: usize| {
            if before.is_some_and(|b| b[axis] == now[axis]) {
                0
            } else if now[axis] == 0 {
                1
            } else if now[axis] == half_width {
                2
            } else {
                3
            }
        };
        let schemes = [scheme(0), scheme(1)];
        self.out.push(schemes[0] << 2 | schemes[1]);
        for axis in 0..2 {
            if schemes[axis] == 3 {
                signed(&mut self.out, now[axis]);
            }
        }
    }

    pub fn text(&mut self, layer: Layer, string: u64, place: &Place) {
        let new_layer = set(&mut self.textlayer, layer.number);
        let new_type = set(&mut self.texttype, layer.datatype);
        let new_string = set(&mut self.string, string);
        let flags = spots(self.text_at, place)
            | if new_string { 0x60 } else { 0 }
            | u8::from(new_type) << 1
            | u8::from(new_layer);
        self.out.extend([19, flags]);
        if new_string {
            unsigned(&mut self.out, string);
        }
        if new_layer {
            unsigned(&mut self.out, u64::from(layer.number));
        }
        if new_type {
            unsigned(&mut self.out, u64::from(layer.datatype));
        }
        let by = minus(place.at, std::mem::replace(&mut self.text_at, place.at));
        self.place(by, place.repetition);
    }

    /// An instance; the transform's origin is not used.
    pub fn placement(&mut self, cell: u64, transform: &Transform, place: &Place) {
        let new_cell = set(&mut self.cell, cell);
        let angle = transform.angle_deg.rem_euclid(360.0);
        let quarters = [0.0, 90.0, 180.0, 270.0].iter().position(|&a| a == angle);
        // The positions' flags lie one bit higher than those of shapes.
        let flags = spots(self.placement_at, place) << 1
            | if new_cell { 0xc0 } else { 0 }
            | u8::from(transform.mirror_x);
        let plain = quarters.filter(|_| transform.magnification == 1.0);
        if let Some(quarters) = plain {
            self.out.extend([17, flags | (quarters as u8) << 1]);
        } else {
            let magnified = u8::from(transform.magnification != 1.0) << 2;
            self.out.extend([18, flags | magnified | u8::from(angle != 0.0) << 1]);
        }
        if new_cell {
            unsigned(&mut self.out, cell);
        }
        if plain.is_none() {
            if transform.magnification != 1.0 {
                real(&mut self.out, transform.magnification);
            }
            if angle != 0.0 {
                real(&mut self.out, angle);
            }
        }
        let by = minus(place.at, std::mem::replace(&mut self.placement_at, place.at));
        self.place(by, place.repetition);
    }

    /// The properties of the record before.
    pub fn properties(&mut self, properties: &[Coded]) {
        for property in properties {
            self.property(property);
        }
    }

    fn property(&mut self, property: &Coded) {
        let named = self
            .property
            .as_ref()
            .is_some_and(|p| (p.name, p.standard) == (property.name, property.standard));
        let same = self
            .property
            .as_ref()
            .is_some_and(|p| (p.count, &p.values) == (property.count, &property.values));
        if named && same {
            self.out.push(29);
            return;
        }
        let count = property.count.min(15) as u8;
        let flags = if named { 0 } else { 0x06 }
            | if same { 0x08 } else { count << 4 }
            | u8::from(property.standard);
        self.out.extend([28, flags]);
        if !named {
            unsigned(&mut self.out, property.name);
        }
        if !same {
            if count == 15 {
                unsigned(&mut self.out, property.count as u64);
            }
            self.out.extend_from_slice(&property.values);
        }
        self.property = Some(property.clone());
    }
}

/// Flags of width and height.
fn sizes(new: [bool; 2]) -> u8 {
    u8::from(new[0]) << 6 | u8::from(new[1]) << 5
}

/// Flags of x, y and repetition.
fn spots(from: Vector, place: &Place) -> u8 {
    let mut flags = 0;
    if place.at[0] != from[0] {
        flags |= X;
    }
    if place.at[1] != from[1] {
        flags |= Y;
    }
    if !place.repetition.is_empty() {
        flags |= REPETITION;
    }
    flags
}
