//! The elements of a cell.

use std::borrow::Cow;

use super::super::records::kind;
use super::array::pieces;
use super::holes::{MOST_CORNERS, hole_free};
use super::stream::{LONGEST_BODY, PRESENTATION, PROPATTR, PROPVALUE, STRING, Stream};
use crate::geometry::{Point, Polygon};
use crate::layout::save::Fault;
use crate::layout::write::Tally;
use crate::layout::{
    Ends, Geometry, Instance, Layer, Properties, PropertyName, PropertyValue, Repetition, Shape,
    Text, Transform,
};

/// Points that one record holds.
const MOST_POINTS: usize = LONGEST_BODY / 8;

/// Longest text and longest property value of the standard, in bytes.
const LONGEST_TEXT: usize = 512;
const LONGEST_VALUE: usize = 126;

const OUTSIDE: &str = "a copy of a shape, text or cell beyond the range ±2147483647 (left out)";

/// A layer as GDSII numbers it. The records hold the numbers' bits; readers take them as unsigned.
pub(super) type Numbers = [u16; 2];

/// The numbers of a layer where GDSII has them.
pub(super) fn numbers(layer: Layer) -> Option<Numbers> {
    Some([u16::try_from(layer.number).ok()?, u16::try_from(layer.datatype).ok()?])
}

/// Writes elements and counts what they cannot hold.
pub(super) struct Elements<'s, 'w, 't> {
    pub stream: &'s mut Stream<'w>,
    pub tally: &'t mut Tally,
}

/// A shape as GDSII draws it.
enum Drawn<'a> {
    Rings(Vec<Cow<'a, [Point]>>),
    Path { spine: &'a [Point], width: i32, ends: Ends },
}

impl Elements<'_, '_, '_> {
    pub fn refuse_layer(&mut self, layer: Layer) -> Result<(), Fault> {
        self.tally.refuse(format!("layer {layer} (left out: GDSII numbers layers 0 to 65535)"))
    }

    /// A shape and all its copies.
    pub fn shape(&mut self, layer: Numbers, shape: &Shape) -> Result<(), Fault> {
        let drawn = self.drawn(&shape.geometry)?;
        self.copies(shape.repetition, |elements, offset| {
            match &drawn {
                Drawn::Rings(rings) => {
                    for ring in rings {
                        elements.boundary(layer, ring, offset, shape.properties)?;
                    }
                }
                Drawn::Path { spine, width, ends } => {
                    elements.path(layer, (spine, *width, *ends), offset, shape.properties)?;
                }
            }
            Ok(())
        })
    }

    /// Does something at every copy's place.
    fn copies(
        &mut self,
        repetition: Option<&Repetition>,
        mut put: impl FnMut(&mut Self, [i64; 2]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match repetition {
            None => put(self, [0, 0]),
            Some(repetition) => repetition.offsets().try_for_each(|offset| put(self, offset)),
        }
    }

    fn drawn<'a>(&mut self, geometry: &Geometry<'a>) -> Result<Drawn<'a>, Fault> {
        if let Geometry::Path { spine, width, ends } = *geometry {
            match i32::try_from(width) {
                Ok(width) if spine.len() <= MOST_POINTS => {
                    return Ok(Drawn::Path { spine, width, ends });
                }
                _ => self
                    .tally
                    .lose("paths of more than 8191 points or too wide (written as polygons)", 1),
            }
        }
        let (ring, _) = geometry.ring();
        if ring.len() < 3 {
            self.tally.lose("polygons of fewer than 3 corners (left out)", 1);
            return Ok(Drawn::Rings(Vec::new()));
        }
        if ring.len() <= MOST_CORNERS {
            return Ok(Drawn::Rings(vec![ring]));
        }
        self.tally.lose("polygons of more than 8190 corners (cut into pieces)", 1);
        let rings = Self::rings(&Polygon::simple(ring.into_owned()))?;
        Ok(Drawn::Rings(rings.into_iter().map(Cow::Owned).collect()))
    }

    fn rings(polygon: &Polygon) -> Result<Vec<Vec<Point>>, Fault> {
        hole_free(polygon).ok_or_else(|| {
            let (corners, holes) = (polygon.outer.len(), polygon.holes.len());
            let problem =
                format!("a polygon of {corners} corners and {holes} holes could not be cut up");
            Fault::Unwritable(problem)
        })
    }

    /// A polygon with or without holes.
    pub fn polygon(&mut self, layer: Numbers, polygon: &Polygon) -> Result<(), Fault> {
        for ring in Self::rings(polygon)? {
            if ring.len() >= 3 {
                self.boundary(layer, &ring, [0, 0], &None)?;
            }
        }
        Ok(())
    }

    fn boundary(
        &mut self,
        layer: Numbers,
        ring: &[Point],
        offset: [i64; 2],
        properties: &Properties,
    ) -> Result<(), Fault> {
        let Some(moved) = moved(ring, offset) else { return self.tally.refuse(OUTSIDE) };
        self.begin(kind::BOUNDARY, kind::DATATYPE, layer)?;
        self.stream.points(moved.iter().chain(moved.first()).copied())?;
        self.end(properties)
    }

    fn path(
        &mut self,
        layer: Numbers,
        (spine, width, ends): (&[Point], i32, Ends),
        offset: [i64; 2],
        properties: &Properties,
    ) -> Result<(), Fault> {
        let Some(moved) = moved(spine, offset) else { return self.tally.refuse(OUTSIDE) };
        self.begin(kind::PATH, kind::DATATYPE, layer)?;
        let (path_type, extensions) = match ends {
            Ends::Flush | Ends::Extended(0, 0) => (0, None),
            Ends::Round => (1, None),
            Ends::Square => (2, None),
            Ends::Extended(a, b) if a == b && width % 2 == 0 && a == width / 2 => (2, None),
            Ends::Extended(a, b) => (4, Some([a, b])),
        };
        if path_type != 0 {
            self.stream.shorts(kind::PATHTYPE, &[path_type])?;
        }
        self.stream.long(kind::WIDTH, width)?;
        if let Some([begin, end]) = extensions {
            self.stream.long(kind::BGNEXTN, begin)?;
            self.stream.long(kind::ENDEXTN, end)?;
        }
        self.stream.points(moved.into_iter())?;
        self.end(properties)
    }

    /// A text and all its copies.
    pub fn text(&mut self, layer: Numbers, text: &Text) -> Result<(), Fault> {
        if text.string.len() > LONGEST_BODY {
            self.tally.refuse("a text of more than 65530 bytes (cut off)")?;
        }
        let copies = text.repetition.as_ref().map_or(1, Repetition::count);
        let long = text.string.len() > LONGEST_TEXT;
        self.tally.stretch("texts of more than 512 bytes", if long { copies } else { 0 });
        let style = text.style.as_deref().copied().unwrap_or_default();
        self.copies(text.repetition.as_ref(), |elements, offset| {
            let Some(at) = moved(&[text.at], offset) else {
                return elements.tally.refuse(OUTSIDE);
            };
            elements.begin(kind::TEXT, kind::TEXTTYPE, layer)?;
            if style.presentation != 0 {
                elements.stream.bits(PRESENTATION, style.presentation)?;
            }
            if style.width != 0 {
                elements.stream.long(kind::WIDTH, style.width)?;
            }
            elements.transform(&style.transform)?;
            elements.stream.points(at.into_iter())?;
            elements.stream.text(STRING, text.string.as_bytes())?;
            elements.end(&text.properties)
        })
    }

    /// An instance: arrays as arrays, cut where they are too large for one.
    pub fn placement(&mut self, name: &str, instance: &Instance) -> Result<(), Fault> {
        let origin = [instance.transform.origin.x, instance.transform.origin.y].map(i64::from);
        if let Some(Repetition::Grid(array)) = &instance.repetition
            && let Some(pieces) = pieces(array, origin)
        {
            for piece in pieces {
                self.stream.empty(kind::AREF)?;
                self.stream.text(kind::SNAME, name.as_bytes())?;
                self.transform(&instance.transform)?;
                self.stream.shorts(kind::COLROW, &[piece.columns, piece.rows])?;
                self.stream.points(piece.corners.into_iter())?;
                self.end(&instance.properties)?;
            }
            return Ok(());
        }
        self.copies(instance.repetition.as_ref(), |elements, offset| {
            let Some(at) = moved(&[instance.transform.origin], offset) else {
                return elements.tally.refuse(OUTSIDE);
            };
            elements.stream.empty(kind::SREF)?;
            elements.stream.text(kind::SNAME, name.as_bytes())?;
            elements.transform(&instance.transform)?;
            elements.stream.points(at.into_iter())?;
            elements.end(&instance.properties)
        })
    }

    fn begin(&mut self, element: u8, datatype: u8, layer: Numbers) -> Result<(), Fault> {
        self.stream.empty(element)?;
        self.stream.shorts(kind::LAYER, &layer[..1])?;
        self.stream.shorts(datatype, &layer[1..])
    }

    fn transform(&mut self, t: &Transform) -> Result<(), Fault> {
        let angle = t.angle_deg.rem_euclid(360.0);
        if !t.mirror_x && t.magnification == 1.0 && angle == 0.0 {
            return Ok(());
        }
        self.stream.bits(kind::STRANS, if t.mirror_x { 0x8000 } else { 0 })?;
        if t.magnification != 1.0 {
            self.stream.reals(kind::MAG, &[t.magnification])?;
        }
        if angle != 0.0 {
            self.stream.reals(kind::ANGLE, &[angle])?;
        }
        Ok(())
    }

    fn end(&mut self, properties: &Properties) -> Result<(), Fault> {
        for property in properties.iter().flat_map(|p| p.iter()) {
            match as_gds(&property.name, &property.values) {
                Some((number, value)) if value.len() <= LONGEST_BODY => {
                    let long = u64::from(value.len() > LONGEST_VALUE);
                    self.tally.stretch("properties of more than 126 bytes", long);
                    self.stream.shorts(PROPATTR, &[number])?;
                    self.stream.text(PROPVALUE, value)?;
                }
                _ => self.tally.lose(
                    "properties that are no number and a text (left out: GDSII has no others)",
                    1,
                ),
            }
        }
        self.stream.empty(kind::ENDEL)
    }
}

/// A property as GDSII has them: the number of an attribute and a text. OASIS spells such a one as
/// its standard property `S_GDS_PROPERTY` with both as values.
fn as_gds<'p>(name: &PropertyName, values: &'p [PropertyValue]) -> Option<(u16, &'p [u8])> {
    let (number, value) = match (name, values) {
        (PropertyName::Number(n), [PropertyValue::Bytes(value)]) => (u64::from(*n), value),
        (PropertyName::Text(name), [PropertyValue::Unsigned(n), PropertyValue::Bytes(value)])
            if &**name == "S_GDS_PROPERTY" =>
        {
            (*n, value)
        }
        (PropertyName::Text(name), [PropertyValue::Signed(n), PropertyValue::Bytes(value)])
            if &**name == "S_GDS_PROPERTY" =>
        {
            (u64::try_from(*n).ok()?, value)
        }
        _ => return None,
    };
    Some((u16::try_from(number).ok()?, value))
}

/// Points moved; `None` where one leaves the coordinate range.
fn moved(points: &[Point], offset: [i64; 2]) -> Option<Vec<Point>> {
    let shift = |v: i32, by: i64| i32::try_from(i64::from(v).checked_add(by)?).ok();
    points
        .iter()
        .map(|p| Some(Point::new(shift(p.x, offset[0])?, shift(p.y, offset[1])?)))
        .collect()
}
