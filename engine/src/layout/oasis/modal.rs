//! Modal variables: what a record leaves out is what an earlier one said.

use super::stream::{Parsed, Stream, sum};
use super::{Name, Repetition, Value};

/// The modal variables of the standard. All but positions are undefined at the start of a cell.
#[derive(Default)]
pub(super) struct Modal {
    pub relative: bool,
    pub placement_at: [i64; 2],
    pub geometry_at: [i64; 2],
    pub text_at: [i64; 2],
    pub placement_cell: Option<Name>,
    pub layer: Option<u32>,
    pub datatype: Option<u32>,
    pub textlayer: Option<u32>,
    pub texttype: Option<u32>,
    pub text_string: Option<Name>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub polygon_points: Option<Vec<[i64; 2]>>,
    pub path_points: Option<Vec<[i64; 2]>>,
    pub path_half_width: Option<i64>,
    pub path_begin: Option<i64>,
    pub path_end: Option<i64>,
    pub compact_trapezoid: Option<u64>,
    pub circle_radius: Option<i64>,
    pub repetition: Option<Repetition>,
    pub property_name: Option<Name>,
    pub property_standard: bool,
    pub property_values: Option<Vec<Value>>,
}

/// The value of a modal variable that a record relies on. Where it is not set, a lenient stream
/// takes it for zero or empty and keeps its name in mind.
pub(super) fn set<'v, T: Default>(
    variable: &'v mut Option<T>,
    stream: &mut Stream,
    name: &'static str,
) -> Parsed<&'v mut T> {
    if variable.is_none() {
        missing(stream, name)?;
    }
    Ok(variable.get_or_insert_default())
}

/// Where a modal variable is not set that a record relies on.
pub(super) fn missing(stream: &mut Stream, name: &'static str) -> Parsed<()> {
    if !stream.lenient {
        return Err(format!("uses the modal variable {name} before it is set").into());
    }
    stream.unset = Some(name);
    Ok(())
}

/// Sets a modal variable where the record has a value for it, and gives what it is then.
pub(super) fn update<'a, T: Copy + Default>(
    variable: &mut Option<T>,
    stream: &mut Stream<'a>,
    present: bool,
    name: &'static str,
    read: impl FnOnce(&mut Stream<'a>) -> Parsed<T>,
) -> Parsed<T> {
    if present {
        *variable = Some(read(stream)?);
    }
    set(variable, stream, name).map(|value| *value)
}

/// Moves a modal position as the record says: to, or by, the coordinates it has.
pub(super) fn advance(
    at: &mut [i64; 2],
    stream: &mut Stream,
    relative: bool,
    present: [bool; 2],
) -> Parsed<()> {
    let mut next = if relative { [0, 0] } else { *at };
    for axis in 0..2 {
        if present[axis] {
            next[axis] = stream.coordinate()?;
        }
    }
    *at = if relative { sum(*at, next)? } else { next };
    Ok(())
}
