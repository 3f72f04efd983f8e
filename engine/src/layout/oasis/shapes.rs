//! Records that draw: rectangles, polygons, paths, trapezoids, circles and extension shapes.
//!
//! Each starts with a byte of flags, its lower half alike in all: x, y, repetition, datatype, layer
//! (`…XYRDL`).

use super::modal::{advance, set, update};
use super::parser::{Parser, repeat, repetition_if};
use super::points::{self, Use};
use super::stream::{Parsed, Stream};
use super::{Element, Figure, trapezoid};

const LAYER: u8 = 0x01;
const DATATYPE: u8 = 0x02;
const REPETITION: u8 = 0x04;
const Y: u8 = 0x08;
const X: u8 = 0x10;

impl Parser<'_, '_, '_> {
    fn flags_and_layer(&mut self) -> Parsed<(u8, [u32; 2])> {
        let flags = self.stream.byte()?;
        let layer = self.layer_and_datatype(flags)?;
        Ok((flags, layer))
    }

    fn layer_and_datatype(&mut self, flags: u8) -> Parsed<[u32; 2]> {
        let (stream, modal) = (&mut self.stream, &mut self.modal);
        let number = Stream::layer_number;
        let layer = update(&mut modal.layer, stream, flags & LAYER != 0, "layer", number)?;
        let datatype =
            update(&mut modal.datatype, stream, flags & DATATYPE != 0, "datatype", number)?;
        Ok([layer, datatype])
    }

    /// Reads position and repetition, which end all these records; tells whether it repeats.
    fn position(&mut self, flags: u8) -> Parsed<bool> {
        let present = [flags & X != 0, flags & Y != 0];
        let modal = &mut self.modal;
        advance(&mut modal.geometry_at, &mut self.stream, modal.relative, present)?;
        repeat(modal, &mut self.stream, flags & REPETITION != 0)
    }

    /// Hands a figure that borrows nothing from the modal variables to the sink.
    fn emit(&mut self, [layer, datatype]: [u32; 2], figure: Figure, repeats: bool) -> Parsed<()> {
        let repetition = repetition_if(&self.modal, repeats);
        let at = self.modal.geometry_at;
        let element = Element::Shape { layer, datatype, at, figure, repetition };
        self.out.give(self.place, self.record, &element)
    }

    fn width(&mut self, present: bool) -> Parsed<i64> {
        let (stream, width) = (&mut self.stream, &mut self.modal.width);
        update(width, stream, present, "geometry-w", Stream::length)
    }

    fn height(&mut self, present: bool) -> Parsed<i64> {
        let (stream, height) = (&mut self.stream, &mut self.modal.height);
        update(height, stream, present, "geometry-h", Stream::length)
    }

    /// `SWHXYRDL`
    pub fn rectangle(&mut self) -> Parsed<()> {
        let (flags, layer) = self.flags_and_layer()?;
        let square = flags & 0x80 != 0;
        if square && flags & 0x20 != 0 {
            return Err("a square with a height of its own".into());
        }
        let width = self.width(flags & 0x40 != 0)?;
        if square {
            self.modal.height = Some(width);
        }
        let height = self.height(flags & 0x20 != 0)?;
        let repeats = self.position(flags)?;
        self.emit(layer, Figure::Rectangle { width, height }, repeats)
    }

    /// `00PXYRDL`
    pub fn polygon(&mut self) -> Parsed<()> {
        let (flags, [layer, datatype]) = self.flags_and_layer()?;
        if flags & 0x20 != 0 {
            self.modal.polygon_points = Some(points::read(&mut self.stream, Use::Polygon)?);
        }
        set(&mut self.modal.polygon_points, &mut self.stream, "polygon-point-list")?;
        let repeats = self.position(flags)?;
        let modal = &self.modal;
        let figure = Figure::Polygon(modal.polygon_points.as_deref().unwrap_or_default());
        let (at, repetition) = (modal.geometry_at, repetition_if(modal, repeats));
        let element = Element::Shape { layer, datatype, at, figure, repetition };
        self.out.give(self.place, self.record, &element)
    }

    /// `EWPXYRDL`
    pub fn path(&mut self) -> Parsed<()> {
        let (flags, [layer, datatype]) = self.flags_and_layer()?;
        let (stream, modal) = (&mut self.stream, &mut self.modal);
        let width = &mut modal.path_half_width;
        let half_width =
            update(width, stream, flags & 0x40 != 0, "path-halfwidth", Stream::length)?;
        if flags & 0x80 != 0 {
            let scheme = stream.byte()?;
            if scheme > 0x0f {
                return Err(format!("extension scheme {scheme}; expected at most 15").into());
            }
            extend(&mut modal.path_begin, stream, scheme >> 2, half_width)?;
            extend(&mut modal.path_end, stream, scheme & 3, half_width)?;
        }
        let begin = *set(&mut modal.path_begin, stream, "path-start-extension")?;
        let end = *set(&mut modal.path_end, stream, "path-end-extension")?;
        if flags & 0x20 != 0 {
            modal.path_points = Some(points::read(stream, Use::Path)?);
        }
        set(&mut modal.path_points, stream, "path-point-list")?;
        let repeats = self.position(flags)?;
        let modal = &self.modal;
        let points = modal.path_points.as_deref().unwrap_or_default();
        let figure = Figure::Path { points, half_width, begin, end };
        let (at, repetition) = (modal.geometry_at, repetition_if(modal, repeats));
        let element = Element::Shape { layer, datatype, at, figure, repetition };
        self.out.give(self.place, self.record, &element)
    }

    /// `OWHXYRDL`
    pub fn trapezoid(&mut self, has_a: bool, has_b: bool) -> Parsed<()> {
        let (flags, layer) = self.flags_and_layer()?;
        let width = self.width(flags & 0x40 != 0)?;
        let height = self.height(flags & 0x20 != 0)?;
        let a = if has_a { self.stream.coordinate()? } else { 0 };
        let b = if has_b { self.stream.coordinate()? } else { 0 };
        let corners = trapezoid::corners(flags & 0x80 != 0, width, height, a, b)?;
        let repeats = self.position(flags)?;
        self.emit(layer, Figure::Trapezoid(&corners), repeats)
    }

    /// `TWHXYRDL`
    pub fn compact_trapezoid(&mut self) -> Parsed<()> {
        let (flags, layer) = self.flags_and_layer()?;
        let (stream, kind) = (&mut self.stream, &mut self.modal.compact_trapezoid);
        let kind = update(kind, stream, flags & 0x80 != 0, "ctrapezoid-type", Stream::unsigned)?;
        let sizes = trapezoid::sizes(kind);
        let (has_width, has_height) = (flags & 0x40 != 0, flags & 0x20 != 0);
        // A size that the type implies may be given all the same; it is then passed over.
        let width = if sizes.needs_width || has_width { self.width(has_width)? } else { 0 };
        let height = if sizes.needs_height || has_height { self.height(has_height)? } else { 0 };
        let [width, height] = trapezoid::implied(kind, [width, height]);
        (self.modal.width, self.modal.height) = (Some(width), Some(height));
        let corners = trapezoid::compact(kind, [width, height])?;
        let repeats = self.position(flags)?;
        self.emit(layer, Figure::Trapezoid(&corners), repeats)
    }

    /// `00rXYRDL`
    pub fn circle(&mut self) -> Parsed<()> {
        let (flags, layer) = self.flags_and_layer()?;
        let (stream, radius) = (&mut self.stream, &mut self.modal.circle_radius);
        let radius = update(radius, stream, flags & 0x20 != 0, "circle-radius", Stream::length)?;
        let repeats = self.position(flags)?;
        self.emit(layer, Figure::Circle { radius }, repeats)
    }

    /// `000XYRDL`
    pub fn extension_shape(&mut self) -> Parsed<()> {
        let flags = self.stream.byte()?;
        let attribute = self.stream.unsigned()?;
        let [layer, datatype] = self.layer_and_datatype(flags)?;
        let data = self.stream.string()?;
        let repeats = self.position(flags)?;
        let (at, repetition) = (self.modal.geometry_at, repetition_if(&self.modal, repeats));
        let data = data.as_slice();
        let element = Element::ExtensionShape { attribute, layer, datatype, data, at, repetition };
        self.out.give(self.place, self.record, &element)
    }
}

/// Sets a path extension: as before, none, half the width, or a length of its own.
fn extend(
    extension: &mut Option<i64>,
    stream: &mut Stream,
    scheme: u8,
    half_width: i64,
) -> Parsed<()> {
    match scheme {
        0 => {}
        1 => *extension = Some(0),
        2 => *extension = Some(half_width),
        _ => *extension = Some(stream.coordinate()?),
    }
    Ok(())
}
