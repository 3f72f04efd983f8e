//! Writing GDSII, through `gds21`.

use std::io::Write;
use std::path::Path;

use gds21::{
    GdsBoundary, GdsDateTime, GdsDateTimes, GdsElement, GdsLibrary, GdsPoint, GdsStruct, GdsUnits,
    Unsupported,
};

use crate::geometry::{Point, Polygon, Rect, clip_to};
use crate::layout::{Layer, LayoutError};

/// Corners a boundary may have: the closing point makes it 8191, the most one record holds.
const MOST_CORNERS: usize = 8190;

/// Writes a GDSII file with one cell holding polygons by layer, at 1 nm a database unit. The file
/// is written under a temporary name and renamed; equal input gives equal bytes.
///
/// GDSII knows no holes: a polygon with holes, or with more corners than one record holds, is cut
/// into pieces along horizontal and vertical lines. Manhattan shapes stay exact; where a cut
/// crosses a slanted edge the new corner is rounded to the nearest nm.
///
/// # Errors
/// The path cannot be written; an empty cell name or one beyond GDSII's limits.
pub fn write_gds(
    path: &Path,
    cell: &str,
    shapes: &[(Layer, &[Polygon])],
) -> Result<(), LayoutError> {
    let unwritable =
        |problem: String| LayoutError::Unwritable { path: path.to_path_buf(), problem };
    let mut elems = Vec::new();
    for &(layer, polygons) in shapes {
        for polygon in polygons {
            let Some(pieces) = hole_free(polygon) else {
                let n = polygon.holes.len();
                return Err(unwritable(format!("a polygon with {n} holes could not be cut open")));
            };
            elems.extend(pieces.iter().filter(|r| r.len() >= 3).map(|r| boundary(layer, r)));
        }
    }
    if cell.is_empty() {
        return Err(unwritable("the cell name is empty; give one".into()));
    }
    let top = GdsStruct { name: cell.to_owned(), dates: dates(), elems };
    let bytes = encode(vec![top]).map_err(unwritable)?;
    save(path, &bytes)
}

fn encode(structs: Vec<GdsStruct>) -> Result<Vec<u8>, String> {
    // Every field is named: the library's defaults read the clock.
    let library = GdsLibrary {
        name: "LITHOSCOPE".into(),
        version: 600,
        dates: dates(),
        units: GdsUnits::new(1e-3, 1e-9),
        structs,
        libdirsize: Unsupported,
        srfname: Unsupported,
        libsecur: Unsupported,
        reflibs: Unsupported,
        fonts: Unsupported,
        attrtable: Unsupported,
        generations: Unsupported,
        format_type: Unsupported,
    };
    let mut bytes = Vec::new();
    library.write(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// A fixed date, so that files differ only where layouts do.
fn dates() -> GdsDateTimes {
    let day = GdsDateTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    GdsDateTimes { modified: day.clone(), accessed: day }
}

fn boundary(layer: Layer, ring: &[Point]) -> GdsElement {
    let closed = ring.iter().chain(ring.first());
    GdsElement::GdsBoundary(GdsBoundary {
        // The record holds the number's bits; readers take them as unsigned again.
        layer: layer.number as i16,
        datatype: layer.datatype as i16,
        xy: closed.map(|p| GdsPoint::new(p.x, p.y)).collect(),
        ..GdsBoundary::default()
    })
}

/// The polygon as rings without holes and of a length GDSII can hold; `None` where cutting does not
/// come to an end.
fn hole_free(polygon: &Polygon) -> Option<Vec<Vec<Point>>> {
    const MOST_CUTS: u32 = 128;
    let mut done = Vec::new();
    let mut open = vec![(polygon.clone(), 0)];
    while let Some((piece, cuts)) = open.pop() {
        if piece.holes.is_empty() && piece.outer.len() <= MOST_CORNERS {
            done.push(piece.outer);
        } else if cuts == MOST_CUTS {
            return None;
        } else {
            // Last in, first out: reversed, the pieces come out in the order of their corners.
            open.extend(halves(&piece, cuts).into_iter().rev().map(|p| (p, cuts + 1)));
        }
    }
    Some(done)
}

/// The polygon cut in two through the middle of its middle hole, or of itself where it has none.
/// The direction alternates, and so does the rounding of the middle: of a hole one unit wide one
/// side only may be straight.
fn halves(polygon: &Polygon, cuts: u32) -> Vec<Polygon> {
    let (upright, up) = (cuts.is_multiple_of(2), i64::from(cuts / 2 % 2));
    let Some(whole) = polygon.bounding_box() else { return Vec::new() };
    let mut holes: Vec<Rect> =
        polygon.holes.iter().filter_map(|h| Rect::around(h.iter().copied())).collect();
    holes.sort_by_key(|r| if upright { (r.min.x, r.min.y) } else { (r.min.y, r.min.x) });
    let target = holes.get(holes.len() / 2).copied().unwrap_or(whole);
    let middle = |a: i32, b: i32| (i64::from(a) + i64::from(b) + up).div_euclid(2) as i32;
    let (mut low, mut high) = (whole, whole);
    if upright {
        low.max.x = middle(target.min.x, target.max.x);
        high.min.x = low.max.x;
    } else {
        low.max.y = middle(target.min.y, target.max.y);
        high.min.y = low.max.y;
    }
    let one = std::slice::from_ref(polygon);
    [low, high].into_iter().flat_map(|half| clip_to(one, half)).collect()
}

/// Writes a file under a temporary name beside its own, then renames it.
pub(in crate::layout) fn save(path: &Path, bytes: &[u8]) -> Result<(), LayoutError> {
    let io = |source| LayoutError::Io { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: for everyone, less what the umask takes. Temporary files are private.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".lithoscope-").tempfile_in(folder).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}
