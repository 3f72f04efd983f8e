//! Records that do not draw: placements, texts and properties.

use super::modal::{advance, set, update};
use super::names::Table;
use super::parser::{Parser, repeat};
use super::stream::{Parsed, Stream};
use super::{Element, Name, Value};

impl Parser<'_, '_, '_> {
    /// `CNXYRAAF`, or `CNXYRMAF` with magnification and angle as real numbers.
    pub fn placement(&mut self, any_angle: bool) -> Parsed<()> {
        let flags = self.stream.byte()?;
        if flags & 0x80 != 0 {
            self.modal.placement_cell = Some(self.name(Table::Cell, flags & 0x40 != 0)?);
        }
        set(&mut self.modal.placement_cell, &mut self.stream, "placement-cell")?;
        let (mut magnification, mut angle_deg) = (1.0, 0.0);
        if any_angle {
            if flags & 0x04 != 0 {
                magnification = self.stream.real()?;
            }
            if flags & 0x02 != 0 {
                angle_deg = self.stream.real()?;
            }
        } else {
            angle_deg = 90.0 * f64::from(flags >> 1 & 3);
        }
        if magnification <= 0.0 {
            return Err(format!("magnification {magnification}; expected more than 0").into());
        }
        let (stream, modal) = (&mut self.stream, &mut self.modal);
        let present = [flags & 0x20 != 0, flags & 0x10 != 0];
        advance(&mut modal.placement_at, stream, modal.relative, present)?;
        let repeats = repeat(modal, stream, flags & 0x08 != 0)?;
        let cell = set(&mut modal.placement_cell, stream, "placement-cell")?;
        let element = Element::Placement {
            cell,
            at: modal.placement_at,
            mirror_x: flags & 0x01 != 0,
            magnification,
            angle_deg,
            repetition: modal.repetition.as_ref().filter(|_| repeats),
        };
        self.out.give(self.place, self.record, &element)
    }

    /// `0CNXYRTL`
    pub fn text(&mut self) -> Parsed<()> {
        let flags = self.stream.byte()?;
        if flags & 0x40 != 0 {
            self.modal.text_string = Some(self.name(Table::Text, flags & 0x20 != 0)?);
        }
        let (stream, modal) = (&mut self.stream, &mut self.modal);
        set(&mut modal.text_string, stream, "text-string")?;
        let number = Stream::layer_number;
        let layer = update(&mut modal.textlayer, stream, flags & 0x01 != 0, "textlayer", number)?;
        let texttype = update(&mut modal.texttype, stream, flags & 0x02 != 0, "texttype", number)?;
        let present = [flags & 0x10 != 0, flags & 0x08 != 0];
        advance(&mut modal.text_at, stream, modal.relative, present)?;
        let repeats = repeat(modal, stream, flags & 0x04 != 0)?;
        let string = set(&mut modal.text_string, stream, "text-string")?;
        let (at, repetition) = (modal.text_at, modal.repetition.as_ref().filter(|_| repeats));
        let element = Element::Text { string, layer, texttype, at, repetition };
        self.out.give(self.place, self.record, &element)
    }

    /// `UUUUVCNS`
    pub fn property(&mut self) -> Parsed<()> {
        let flags = self.stream.byte()?;
        if flags & 0x04 != 0 {
            self.modal.property_name = Some(self.name(Table::Property, flags & 0x02 != 0)?);
        }
        set(&mut self.modal.property_name, &mut self.stream, "last-property-name")?;
        self.modal.property_standard = flags & 0x01 != 0;
        let count = flags >> 4;
        if flags & 0x08 == 0 {
            self.modal.property_values = Some(self.values(count)?);
        } else if count != 0 {
            return Err(format!("{count} values where the last ones are to be used").into());
        }
        self.last_property()
    }

    /// The values of a property; a count of 15 stands for one that follows.
    fn values(&mut self, count: u8) -> Parsed<Vec<Value>> {
        let claimed = if count == 15 { self.stream.unsigned()? } else { u64::from(count) };
        let count = self.stream.checked_count(claimed, 2, "values")?;
        let mut values = self.stream.list_of(count)?;
        for _ in 0..count {
            values.push(self.value()?);
        }
        Ok(values)
    }

    fn value(&mut self) -> Parsed<Value> {
        let kind = self.stream.unsigned()?;
        Ok(match kind {
            0..=7 => Value::Real(self.stream.real_of_kind(kind)?),
            8 => Value::Unsigned(self.stream.unsigned()?),
            9 => Value::Signed(self.stream.signed()?),
            10..=12 => Value::Text(self.stream.string()?),
            13..=15 => Value::TextNumber(self.reference(Table::PropertyString)?),
            _ => return Err(format!("a property value of type {kind}; expected 0 to 15").into()),
        })
    }

    /// Hands on the property that the modal variables hold.
    pub fn last_property(&mut self) -> Parsed<()> {
        let (modal, stream) = (&mut self.modal, &mut self.stream);
        let name: &Name = set(&mut modal.property_name, stream, "last-property-name")?;
        let values: &[Value] = set(&mut modal.property_values, stream, "last-value-list")?;
        let element = Element::Property { name, values, standard: modal.property_standard };
        self.out.give(self.place, self.record, &element)
    }
}
