//! Layouts as sorted lists of everything in them, repetitions spelled out: two layouts are the same
//! when their lists are.

use lithoscope_engine::geometry::Point;
use lithoscope_engine::layout::{
    Cell, Ends, Geometry, Layout, Properties, Property, PropertyName, PropertyValue, Repetition,
    Text,
};

/// What the formats that a layout went through leave of it.
#[derive(Clone, Copy)]
pub struct Through {
    pub gds: bool,
    pub oasis: bool,
}

/// Standard properties that say how a file is made.
const OF_FILES: [&str; 6] = [
    "S_BOUNDING_BOX",
    "S_BOUNDING_BOXES_AVAILABLE",
    "S_CELL_OFFSET",
    "S_MAX_SIGNED_INTEGER_WIDTH",
    "S_MAX_UNSIGNED_INTEGER_WIDTH",
    "S_TOP_CELL",
];

/// Everything in a layout that the formats hold, sorted.
pub fn listing(layout: &Layout, through: Through) -> Vec<String> {
    let mut lines = vec![format!("unit {} nm", layout.unit_nm)];
    if !through.gds {
        lines
            .extend(layout.layer_names.iter().map(|(layer, name)| format!("layer {layer} {name}")));
        lines.push(format!("file{}", properties(&layout.properties, through)));
    }
    for cell in layout.cells().iter().filter(|cell| cell.name != "$$$CONTEXT_INFO$$$") {
        let of_cell =
            if through.gds { String::new() } else { properties(&cell.properties, through) };
        lines.push(format!("{}{of_cell}", cell.name));
        list_cell(&mut lines, layout, cell, through);
    }
    lines.sort_unstable();
    lines
}

/// Fails with the first lines that differ.
pub fn assert_same(left: &[String], right: &[String], what: &str) {
    if left != right {
        let missing: Vec<_> = left.iter().filter(|l| right.binary_search(l).is_err()).collect();
        let extra: Vec<_> = right.iter().filter(|l| left.binary_search(l).is_err()).collect();
        let (missing_few, extra_few): (Vec<_>, Vec<_>) =
            (missing.iter().take(3).collect(), extra.iter().take(3).collect());
        panic!(
            "{what}: {} lines became {}; {} missing, as {missing_few:#?}; {} new, as {extra_few:#?}",
            left.len(),
            right.len(),
            missing.len(),
            extra.len()
        );
    }
}

fn list_cell(lines: &mut Vec<String>, layout: &Layout, cell: &Cell, through: Through) {
    let name = &cell.name;
    for (layer, shapes) in cell.layers() {
        for shape in shapes.iter() {
            let noted = properties(shape.properties, through);
            for by in copies(shape.repetition) {
                let shape = drawn(&shape.geometry, by);
                lines.extend(shape.map(|shape| format!("{name}: {layer} {shape}{noted}")));
            }
        }
    }
    for text in &cell.texts {
        let noted = properties(&text.properties, through);
        let style = if through.oasis { String::new() } else { styled(text) };
        for by in copies(text.repetition.as_ref()) {
            let at = moved(text.at, by);
            lines.push(format!("{name}: {} '{}' {at}{style}{noted}", text.layer, text.string));
        }
    }
    for instance in &cell.instances {
        let (t, noted) = (&instance.transform, properties(&instance.properties, through));
        let placed = &layout.cell(instance.cell).unwrap().name;
        let turn = format!("{} {} {}", t.mirror_x, t.magnification, t.angle_deg.rem_euclid(360.0));
        for by in copies(instance.repetition.as_ref()) {
            lines.push(format!("{name}: [{placed}] {turn} {}{noted}", moved(t.origin, by)));
        }
    }
}

fn copies(repetition: Option<&Repetition>) -> Vec<[i64; 2]> {
    repetition.map_or_else(|| vec![[0, 0]], |r| r.offsets().collect())
}

fn moved(p: Point, by: [i64; 2]) -> String {
    format!("({}, {})", i64::from(p.x) + by[0], i64::from(p.y) + by[1])
}

fn styled(text: &Text) -> String {
    let style = text.style.as_deref().copied().unwrap_or_default();
    let t = style.transform;
    let turn = format!("{} {} {}", t.mirror_x, t.magnification, t.angle_deg.rem_euclid(360.0));
    format!(" {} {} {turn}", style.presentation, style.width)
}

/// A shape as its ring from the lowest, then leftmost corner on. Of paths only those are kept as
/// such that both formats hold; nothing where the outline of another one has no corners, as that of
/// a single point has.
fn drawn(geometry: &Geometry, by: [i64; 2]) -> Option<String> {
    let show = |points: &[Point]| -> String {
        points.iter().map(|&p| moved(p, by)).collect::<Vec<_>>().join(" ")
    };
    if let Geometry::Path { spine, width, ends } = *geometry
        && width % 2 == 0
        && ends != Ends::Round
    {
        let half = (width / 2) as i32;
        let ends = match ends {
            Ends::Extended(a, b) => [a, b],
            Ends::Square => [half; 2],
            _ => [0; 2],
        };
        let points = if spine.len() == 1 { vec![spine[0]; 2] } else { spine.to_vec() };
        return Some(format!("path {width} {ends:?} {}", show(&points)));
    }
    let mut ring = geometry.ring().0.into_owned();
    let first = (0..ring.len()).min_by_key(|&i| (ring[i].y, ring[i].x)).unwrap_or(0);
    ring.rotate_left(first);
    (ring.len() > 2).then(|| show(&ring))
}

fn properties(properties: &Properties, through: Through) -> String {
    let all = properties.iter().flat_map(|p| p.iter());
    all.filter_map(|p| property(p, through)).collect::<Vec<_>>().concat()
}

/// A property; one of GDSII is the same as the standard one that OASIS has in its place.
fn property(property: &Property, through: Through) -> Option<String> {
    let Property { name, values, standard } = property;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match (name, values.as_slice()) {
        (PropertyName::Number(n), [PropertyValue::Bytes(v)]) => {
            return Some(format!(" #{n}='{}'", text(v)));
        }
        (PropertyName::Text(name), [PropertyValue::Unsigned(n), PropertyValue::Bytes(v)])
            if &**name == "S_GDS_PROPERTY" =>
        {
            return Some(format!(" #{n}='{}'", text(v)));
        }
        (PropertyName::Text(name), _) if *standard && OF_FILES.contains(&&**name) => return None,
        _ if through.gds => return None,
        _ => {}
    }
    let values: Vec<_> = values
        .iter()
        .map(|value| match value {
            PropertyValue::Bytes(v) => format!("'{}'", text(v)),
            other => format!("{other:?}"),
        })
        .collect();
    Some(format!(" {name:?}={values:?}"))
}
