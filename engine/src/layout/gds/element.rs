//! One element of a GDSII structure: its records gathered, then turned into a shape, text or
//! instance. What KLayout passes over with a warning is passed over here too.

use super::intern::Note;
use super::records::{Fault, Record, Records, kind, name_of};
use crate::geometry::{Point, Rect};
use crate::layout::{Array, Ends, Layer, ReadOptions, TextStyle, Transform};

/// The records between an element's first and `ENDEL`. All records are gathered whatever their
/// order; those without a meaning for the layout (flags, plex) are passed over. One of these serves
/// for all elements, so that its lists are made once.
#[derive(Default)]
pub(super) struct Element<'a> {
    start: Record<'a>,
    layer: Option<u16>,
    datatype: Option<u16>,
    has_points: bool,
    points: Vec<Point>,
    width: i32,
    path_type: u16,
    extensions: [Option<i32>; 2],
    name: Option<&'a [u8]>,
    string: Option<&'a [u8]>,
    presentation: Option<u16>,
    mirror_x: bool,
    magnification: Option<f64>,
    angle_deg: f64,
    columns_rows: Option<[u16; 2]>,
    properties: Notes<'a>,
}

/// Properties as they stand in the file: numbers and values.
#[derive(Default)]
pub(super) struct Notes<'a> {
    attribute: u16,
    pub list: Vec<Note<'a>>,
}

impl<'a> Notes<'a> {
    pub fn clear(&mut self) {
        self.attribute = 0;
        self.list.clear();
    }

    /// Takes in a `PROPATTR` or `PROPVALUE`. A number without a value says nothing.
    pub fn take(&mut self, record: Record<'a>) -> Result<(), Fault> {
        if record.kind == kind::PROPATTR {
            self.attribute = record.short()?;
        } else {
            self.list.push((self.attribute, record.text()));
        }
        Ok(())
    }
}

impl<'a> Element<'a> {
    fn open(&mut self, start: Record<'a>) {
        let mut points = std::mem::take(&mut self.points);
        let mut properties = std::mem::take(&mut self.properties);
        points.clear();
        properties.clear();
        *self = Self { start, points, properties, ..Self::default() };
    }

    /// Reads the element that `start` opened, through its `ENDEL`. Where that is missing between
    /// whole elements it is taken as given.
    pub fn read(&mut self, records: &mut Records<'a>, start: Record<'a>) -> Result<(), Fault> {
        self.open(start);
        loop {
            let record = records.next("a record of the element, or ENDEL")?;
            match record.kind {
                kind::ENDEL => return Ok(()),
                kind::LAYER => self.layer = Some(record.short()?),
                kind::DATATYPE | kind::BOXTYPE | kind::TEXTTYPE | kind::NODETYPE => {
                    self.datatype = Some(record.short()?);
                }
                kind::XY => {
                    self.has_points = true;
                    // A polygon too long for one record goes on in the next.
                    record.points(&mut self.points);
                }
                kind::WIDTH => self.width = record.long()?,
                kind::PATHTYPE => self.path_type = record.short()?,
                kind::BGNEXTN => self.extensions[0] = Some(record.long()?),
                kind::ENDEXTN => self.extensions[1] = Some(record.long()?),
                kind::SNAME => self.name = Some(record.text()),
                kind::STRING => self.string = Some(record.text()),
                kind::PRESENTATION => self.presentation = Some(record.short()?),
                // Absolute magnification and angle (bits 13 and 14) are taken as relative, as by
                // other readers: no writer in use sets them.
                kind::STRANS => self.mirror_x = record.short()? & 0x8000 != 0,
                kind::MAG => self.magnification = Some(record.real()?),
                kind::ANGLE => self.angle_deg = record.real()?,
                kind::COLROW => self.columns_rows = Some(record.two_shorts()?),
                kind::PROPATTR | kind::PROPVALUE => self.properties.take(record)?,
                kind::ENDSTR | kind::BOUNDARY..=kind::TEXT | kind::NODE | kind::BOX
                    if self.has_points =>
                {
                    records.back_to(record);
                    return Ok(());
                }
                kind::HEADER..=kind::TEXT | kind::NODE | kind::BOX => {
                    return Err(self.interrupted(record));
                }
                _ => {}
            }
        }
    }

    #[cold]
    fn interrupted(&self, record: Record) -> Fault {
        let (inner, outer, at) =
            (name_of(record.kind), name_of(self.start.kind), self.start.offset);
        Fault::new(
            record.offset,
            format!("record {inner} inside the {outer} of byte {at}; expected ENDEL"),
        )
    }

    #[cold]
    fn fault(&self, problem: impl std::fmt::Display) -> Fault {
        Fault::new(self.start.offset, format!("{} {problem}", name_of(self.start.kind)))
    }

    /// The record type that opened it.
    pub fn kind(&self) -> u8 {
        self.start.kind
    }

    /// Where it begins.
    pub fn offset(&self) -> usize {
        self.start.offset
    }

    /// What is noted beside it.
    pub fn properties(&self) -> &[Note<'a>] {
        &self.properties.list
    }

    /// Its layer; `None` where `options` want nothing of that.
    pub fn layer(&self, options: &ReadOptions) -> Result<Option<Layer>, Fault> {
        let number = self.layer.ok_or_else(|| self.fault("has no LAYER record"))?;
        let datatype = self.datatype.ok_or_else(|| {
            let name = match self.start.kind {
                kind::BOX => "BOXTYPE",
                kind::TEXT => "TEXTTYPE",
                _ => "DATATYPE",
            };
            self.fault(format!("has no {name} record"))
        })?;
        if !self.has_points {
            return Err(self.fault("has no XY record"));
        }
        let layer = Layer::new(u32::from(number), u32::from(datatype));
        Ok(options.wants(layer).then_some(layer))
    }

    /// The ring of a `BOUNDARY` without its closing point; `None` where fewer than three are left.
    pub fn ring(&self) -> Option<&[Point]> {
        let ring = match self.points.as_slice() {
            [open @ .., last] if open.first() == Some(last) => open,
            all => all,
        };
        (ring.len() >= 3).then_some(ring)
    }

    /// The rectangle around a `BOX`'s points.
    pub fn rect(&self) -> Option<Rect> {
        Rect::around(self.points.iter().copied())
    }

    /// A `PATH`'s points, width and ends; `None` where there is no point. As in KLayout extensions
    /// count whatever the path's type, and of a negative width, which magnification should leave
    /// alone, only the size.
    pub fn path(&self) -> Option<(&[Point], u32, Ends)> {
        let width = self.width.unsigned_abs();
        let half = (width / 2).cast_signed();
        let ends = match (self.path_type, self.extensions) {
            (1, _) => Ends::Round,
            (2, [None, None]) => Ends::Square,
            (2, [begin, end]) => Ends::Extended(begin.unwrap_or(half), end.unwrap_or(half)),
            (kind, [None, None]) if kind != 4 => Ends::Flush,
            (_, [begin, end]) => Ends::Extended(begin.unwrap_or(0), end.unwrap_or(0)),
        };
        (!self.points.is_empty()).then_some((&self.points, width, ends))
    }

    /// What a `TEXT` says, where, and how it is drawn; `None` for as usual.
    pub fn text(&self) -> Result<(&'a [u8], Point, Option<TextStyle>), Fault> {
        let string = self.string.ok_or_else(|| self.fault("has no STRING record"))?;
        let at = *self.points.first().ok_or_else(|| self.fault("has no points in XY"))?;
        let style = TextStyle {
            presentation: self.presentation.unwrap_or(0),
            transform: Transform {
                mirror_x: self.mirror_x,
                // A size of zero is no size: the program's usual one, as in KLayout.
                magnification: self.magnification.filter(|m| *m > 0.0).unwrap_or(1.0),
                angle_deg: self.angle_deg,
                origin: Point::default(),
            },
            width: self.width,
        };
        let usual = style == TextStyle::default() && self.presentation.is_none();
        Ok((string, at, (!usual).then_some(style)))
    }

    /// The cell an `SREF` or `AREF` places.
    pub fn placed(&self) -> Result<&'a [u8], Fault> {
        self.name.ok_or_else(|| self.fault("has no SNAME record"))
    }

    /// Where and how an `SREF` or `AREF` places its cell. Points beyond those needed mean nothing.
    pub fn transform(&self) -> Result<Transform, Fault> {
        let magnification = self.magnification.unwrap_or(1.0);
        if magnification <= 0.0 {
            let problem = format!("has magnification {magnification}; expected more than 0");
            return Err(self.fault(problem));
        }
        let origin = *self.points.first().ok_or_else(|| self.too_few_points(1))?;
        let (mirror_x, angle_deg) = (self.mirror_x, self.angle_deg);
        Ok(Transform { mirror_x, magnification, angle_deg, origin })
    }

    /// The places of an `AREF`; no columns or rows are as good as one.
    pub fn array(&self) -> Result<Array, Fault> {
        let Some([columns, rows]) = self.columns_rows else {
            return Err(self.fault("has no COLROW record"));
        };
        let [origin, right, up, ..] = self.points[..] else {
            return Err(self.too_few_points(3));
        };
        let span = |end: Point| {
            [i64::from(end.x) - i64::from(origin.x), i64::from(end.y) - i64::from(origin.y)]
        };
        let (columns, rows) = (u32::from(columns), u32::from(rows));
        // Elements on top of one another are one, as in KLayout.
        Ok(Array { columns, rows, column_span: span(right), row_span: span(up) }.distinct())
    }

    #[cold]
    fn too_few_points(&self, wanted: usize) -> Fault {
        self.fault(format!("has {} points in XY; expected {wanted}", self.points.len()))
    }
}
