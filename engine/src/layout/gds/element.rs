//! One element of a GDSII structure: its records gathered, then turned into a shape or instance.

use super::records::{Record, Records, kind, name_of, text};
use crate::geometry::{Point, Rect};
use crate::layout::{Array, Ends, Layer, LayoutError, Transform};

/// What an element becomes.
pub(super) enum Content {
    Polygon(Layer, Vec<Point>),
    Path {
        layer: Layer,
        spine: Vec<Point>,
        width: u32,
        ends: Ends,
    },
    Placement {
        cell: String,
        transform: Transform,
        array: Option<Array>,
    },
    /// Texts and nodes cover nothing.
    Nothing,
}

/// The records between an element's first and `ENDEL`. All records are gathered whatever their
/// order; those without a meaning for the geometry (flags, plex, properties) are passed over.
struct Element<'a> {
    start: Record<'a>,
    layer: Option<i16>,
    datatype: Option<i16>,
    points: Vec<Point>,
    width: i32,
    path_type: i16,
    begin_extension: i32,
    end_extension: i32,
    cell: Option<String>,
    mirror_x: bool,
    magnification: f64,
    angle_deg: f64,
    columns_rows: Option<[i16; 2]>,
}

/// Reads the element that `start` opened, through its `ENDEL`.
pub(super) fn read<'a>(
    records: &mut Records<'a>,
    start: Record<'a>,
) -> Result<Content, LayoutError> {
    let element = gather(records, start)?;
    match start.kind {
        kind::BOUNDARY => element.boundary(records),
        kind::BOX => element.boxed(records),
        kind::PATH => element.path(records),
        kind::SREF | kind::AREF => element.placement(records),
        _ => Ok(Content::Nothing),
    }
}

fn gather<'a>(records: &mut Records<'a>, start: Record<'a>) -> Result<Element<'a>, LayoutError> {
    let mut e = Element {
        start,
        layer: None,
        datatype: None,
        points: Vec::new(),
        width: 0,
        path_type: 0,
        begin_extension: 0,
        end_extension: 0,
        cell: None,
        mirror_x: false,
        magnification: 1.0,
        angle_deg: 0.0,
        columns_rows: None,
    };
    loop {
        let record = records.next("a record of the element, or ENDEL")?;
        match record.kind {
            kind::ENDEL => return Ok(e),
            kind::LAYER => e.layer = Some(records.short(record)?),
            kind::DATATYPE | kind::BOXTYPE | kind::TEXTTYPE | kind::NODETYPE => {
                e.datatype = Some(records.short(record)?);
            }
            // A polygon too long for one record goes on in the next.
            kind::XY => records.points(record, &mut e.points)?,
            kind::WIDTH => e.width = records.long(record)?,
            kind::PATHTYPE => e.path_type = records.short(record)?,
            kind::BGNEXTN => e.begin_extension = records.long(record)?,
            kind::ENDEXTN => e.end_extension = records.long(record)?,
            kind::SNAME => e.cell = Some(text(record)),
            // Absolute magnification and angle (bits 13 and 14) are taken as relative, as by other
            // readers: no writer in use sets them.
            kind::STRANS => e.mirror_x = records.short(record)? < 0,
            kind::MAG => e.magnification = records.real(record)?,
            kind::ANGLE => e.angle_deg = records.real(record)?,
            kind::COLROW => e.columns_rows = Some(records.two_shorts(record)?),
            kind::HEADER..=kind::ENDSTR | kind::BOUNDARY..=kind::TEXT | kind::NODE | kind::BOX => {
                let (inner, outer) = (name_of(record.kind), name_of(start.kind));
                let at = start.offset;
                return Err(records.fault(
                    record.offset,
                    format!("record {inner} inside the {outer} of byte {at}; expected ENDEL"),
                ));
            }
            _ => {}
        }
    }
}

impl Element<'_> {
    fn fault(&self, records: &Records, problem: impl std::fmt::Display) -> LayoutError {
        records.fault(self.start.offset, format!("{} {problem}", name_of(self.start.kind)))
    }

    fn layer(&self, records: &Records) -> Result<Layer, LayoutError> {
        let number = self.layer.ok_or_else(|| self.fault(records, "has no LAYER record"))?;
        let datatype = self.datatype.ok_or_else(|| {
            let name = if self.start.kind == kind::BOX { "BOXTYPE" } else { "DATATYPE" };
            self.fault(records, format!("has no {name} record"))
        })?;
        // Numbers above 32767 are in use and come out negative; the bits are what is meant.
        Ok(Layer::new(u32::from(number as u16), u32::from(datatype as u16)))
    }

    /// The ring without its closing point.
    fn ring(&self) -> &[Point] {
        match self.points.as_slice() {
            [first, middle @ .., last] if first == last && !middle.is_empty() => {
                &self.points[..self.points.len() - 1]
            }
            all => all,
        }
    }

    fn boundary(&self, records: &Records) -> Result<Content, LayoutError> {
        let layer = self.layer(records)?;
        let ring = self.ring();
        if ring.len() < 3 {
            let n = self.points.len();
            return Err(self.fault(records, format!("has {n} points in XY; expected at least 4")));
        }
        Ok(Content::Polygon(layer, ring.to_vec()))
    }

    /// A box is the rectangle around its points.
    fn boxed(&self, records: &Records) -> Result<Content, LayoutError> {
        let layer = self.layer(records)?;
        let around = Rect::around(self.points.iter().copied());
        match around {
            Some(r) if self.points.len() >= 2 => Ok(Content::Polygon(layer, r.corners().to_vec())),
            _ => {
                Err(self
                    .fault(records, format!("has {} points in XY; expected 5", self.points.len())))
            }
        }
    }

    fn path(self, records: &Records) -> Result<Content, LayoutError> {
        let layer = self.layer(records)?;
        if self.points.is_empty() {
            return Err(self.fault(records, "has no points; expected an XY record"));
        }
        let ends = match self.path_type {
            0 => Ends::Flush,
            1 => Ends::Round,
            2 => Ends::Square,
            4 => Ends::Extended(self.begin_extension, self.end_extension),
            other => {
                let problem = format!("has path type {other}; expected 0, 1, 2 or 4");
                return Err(self.fault(records, problem));
            }
        };
        // A negative width is one that magnification should leave alone. As in KLayout only the size
        // counts.
        Ok(Content::Path { layer, spine: self.points, width: self.width.unsigned_abs(), ends })
    }

    fn placement(self, records: &Records) -> Result<Content, LayoutError> {
        if self.magnification <= 0.0 {
            let problem = format!("has magnification {}; expected more than 0", self.magnification);
            return Err(self.fault(records, problem));
        }
        let array = if self.start.kind == kind::AREF { self.array(records)? } else { None };
        let wanted = if self.start.kind == kind::AREF { 3 } else { 1 };
        let origin = match self.points.first() {
            Some(&p) if self.points.len() == wanted => p,
            _ => {
                let n = self.points.len();
                return Err(self.fault(records, format!("has {n} points in XY; expected {wanted}")));
            }
        };
        let transform = Transform {
            mirror_x: self.mirror_x,
            magnification: self.magnification,
            angle_deg: self.angle_deg,
            origin,
        };
        match self.cell.clone() {
            Some(cell) => Ok(Content::Placement { cell, transform, array }),
            None => Err(self.fault(records, "has no SNAME record")),
        }
    }

    fn array(&self, records: &Records) -> Result<Option<Array>, LayoutError> {
        let Some([columns, rows]) = self.columns_rows else {
            return Err(self.fault(records, "has no COLROW record"));
        };
        if columns < 1 || rows < 1 {
            let problem = format!("has {columns} columns and {rows} rows; expected at least 1");
            return Err(self.fault(records, problem));
        }
        let &[origin, right, up] = self.points.as_slice() else {
            let n = self.points.len();
            return Err(self.fault(records, format!("has {n} points in XY; expected 3")));
        };
        let span = |end: Point| {
            [i64::from(end.x) - i64::from(origin.x), i64::from(end.y) - i64::from(origin.y)]
        };
        Ok(Some(Array {
            columns: columns as u32,
            rows: rows as u32,
            column_span: span(right),
            row_span: span(up),
        }))
    }
}
