//! The inspector of a layout: all that is known of what is selected.

use std::collections::BTreeMap;

use egui::{Grid, Label, RichText, ScrollArea, Ui};
use lithoscope_engine::layout::{
    Ends, Geometry, Instance, Layer, Properties, PropertyName, PropertyValue, Repetition, Step,
};

use super::super::format;
use super::super::viewer::{LayoutView, Picked, What, length};
use super::{heading, hint};

/// Height of a line of vertices, points.
const LINE: f32 = 16.0;
/// Layers of a selection that are listed.
const MOST_LAYERS: usize = 12;

/// Shows what is selected, else what the pointer is on.
pub fn show(ui: &mut Ui, view: &LayoutView) {
    heading(ui, "Inspector");
    if view.selection.len() > 1 {
        summary(ui, view);
        ui.separator();
    }
    match view.selection.last() {
        None => {
            hint(
                ui,
                "Click a shape or text to read it; again for the one below. Drag a box to select all in it; Shift adds.",
            );
        }
        Some(picked) => details(ui, view, picked),
    }
}

fn summary(ui: &mut Ui, view: &LayoutView) {
    let text = format!("{} selected", format::grouped(view.selection.len() as i64));
    ui.label(RichText::new(text).strong());
    let mut layers: BTreeMap<Layer, (i64, f64)> = BTreeMap::new();
    for picked in &view.selection {
        let entry = layers.entry(picked.layer).or_default();
        entry.0 += 1;
        entry.1 += picked.area;
    }
    let rows: Vec<_> = layers
        .iter()
        .take(MOST_LAYERS)
        .map(|(layer, (count, area))| {
            (view.layers.title(*layer), format!("{count} · {}", area_text(*area, view)))
        })
        .collect();
    table(ui, "selected layers", rows.iter().map(|(a, b)| (a.as_str(), b.clone())));
    if layers.len() > MOST_LAYERS {
        hint(ui, &format!("and {} layers more", layers.len() - MOST_LAYERS));
    }
    hint(ui, "The last one:");
}

fn area_text(area: f64, view: &LayoutView) -> String {
    let um2 = area * view.layout.unit_nm * view.layout.unit_nm / 1e6;
    let decimals = if um2 >= 1000.0 { 1 } else { 6 };
    let text = format!("{um2:.decimals$}");
    let text = if decimals == 6 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} µm²")
}

fn table<'a>(ui: &mut Ui, id: &str, rows: impl Iterator<Item = (&'a str, String)>) {
    Grid::new(id).num_columns(2).spacing([12.0, 3.0]).min_row_height(16.0).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).weak());
            ui.add(Label::new(RichText::new(value).monospace()).wrap());
            ui.end_row();
        }
    });
}

fn details(ui: &mut Ui, view: &LayoutView, picked: &Picked) {
    let geometry = picked.geometry(&view.layout);
    let kind = match (picked.what, &geometry) {
        (What::Text(_), _) => "Text",
        (_, Some(Geometry::Rect(_))) => "Rectangle",
        (_, Some(Geometry::Path { .. })) => "Path",
        _ => "Polygon",
    };
    ui.label(RichText::new(format!("{kind} on {}", view.layers.title(picked.layer))).strong());
    let ring = picked.ring_nm(&view.layout);
    let mut rows = vec![("Cell", cell_name(view, picked)), ("Path", cell_path(view, picked))];
    match picked.what {
        What::Text(i) => rows.extend(text_rows(view, picked, i, &ring)),
        What::Shape(_) => rows.extend(shape_rows(view, picked, geometry.as_ref(), &ring)),
    }
    table(ui, "shape", rows.into_iter());
    if let Some(properties) = picked.properties(&view.layout) {
        show_properties(ui, "shape properties", properties);
    }
    instances(ui, view, picked);
    if matches!(picked.what, What::Shape(_)) {
        vertices(ui, &ring);
    }
}

fn cell_name(view: &LayoutView, picked: &Picked) -> String {
    view.layout.cell(picked.cell).map(|c| c.name.clone()).unwrap_or_default()
}

/// Names from the cell shown down to the shape's own: `TOP / ROW / INV`.
fn cell_path(view: &LayoutView, picked: &Picked) -> String {
    let name = |id| view.layout.cell(id).map_or("", |c| c.name.as_str());
    let parents = picked.path.iter().map(|step| name(step.parent));
    parents.chain([name(picked.cell)]).collect::<Vec<_>>().join(" / ")
}

fn shape_rows(
    view: &LayoutView,
    picked: &Picked,
    geometry: Option<&Geometry<'_>>,
    ring: &[[f64; 2]],
) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Area", area_text(picked.area, view))];
    if let Some(b) = picked.bounds_nm(&view.layout) {
        let side = |i: usize| length(b.max[i] - b.min[i]);
        rows.push(("Size", format!("{} × {}", side(0), side(1))));
        rows.push(("From", place(b.min)));
        rows.push(("To", place(b.max)));
    }
    if let Some(Geometry::Path { spine, width, ends }) = geometry {
        let scale = view.layout.unit_nm * picked.map.stretch();
        let along: f64 = spine
            .windows(2)
            .map(|w| f64::from(w[1].x - w[0].x).hypot(f64::from(w[1].y - w[0].y)))
            .sum();
        rows.push(("Width", length(f64::from(*width) * scale)));
        rows.push(("Length", length(along * scale)));
        rows.push(("Ends", ends_text(*ends)));
        rows.push(("Spine", format!("{} points", spine.len())));
    }
    rows.push(("Vertices", format::grouped(ring.len() as i64)));
    if let What::Shape(id) = picked.what {
        let shapes = view.layout.cell(picked.cell).and_then(|c| c.shapes(picked.layer));
        let repetition = shapes.and_then(|s| s.shape(id)).and_then(|s| s.repetition);
        if let Some(repetition) = repetition {
            rows.push(("Repeated", repetition_text(repetition)));
        }
    }
    rows
}

fn ends_text(ends: Ends) -> String {
    match ends {
        Ends::Flush => "flush".to_owned(),
        Ends::Round => "round".to_owned(),
        Ends::Square => "half the width beyond".to_owned(),
        Ends::Extended(a, b) => format!("{a} and {b} units beyond"),
    }
}

fn text_rows(
    view: &LayoutView,
    picked: &Picked,
    index: usize,
    ring: &[[f64; 2]],
) -> Vec<(&'static str, String)> {
    let text = view.layout.cell(picked.cell).and_then(|c| c.texts.get(index));
    let string = text.map(|t| t.string.to_string()).unwrap_or_default();
    let at = ring.first().map(|p| place(*p)).unwrap_or_default();
    vec![("Text", string), ("At", at)]
}

/// A place in µm with the digits a nm has.
fn place(nm: [f64; 2]) -> String {
    let [x, y] = nm.map(|v| {
        let text = format::signed(v / 1000.0, 4);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    format!("{x}, {y} µm")
}

fn repetition_text(repetition: &Repetition) -> String {
    match repetition {
        Repetition::Grid(a) => format!("{} × {}", a.columns, a.rows),
        Repetition::List(offsets) => format!("{} places", format::grouped(offsets.len() as i64)),
    }
}

fn show_properties(ui: &mut Ui, id: &str, properties: &Properties) {
    let Some(properties) = properties else { return };
    ui.add_space(4.0);
    ui.label(RichText::new("Properties").strong());
    let rows: Vec<(String, String)> = properties
        .iter()
        .map(|p| {
            let name = match &p.name {
                PropertyName::Number(n) => n.to_string(),
                PropertyName::Text(t) => t.to_string(),
            };
            (name, p.values.iter().map(value_text).collect::<Vec<_>>().join(", "))
        })
        .collect();
    table(ui, id, rows.iter().map(|(n, v)| (n.as_str(), v.clone())));
}

fn value_text(value: &PropertyValue) -> String {
    match value {
        PropertyValue::Real(v) => v.to_string(),
        PropertyValue::Unsigned(v) => v.to_string(),
        PropertyValue::Signed(v) => v.to_string(),
        PropertyValue::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
    }
}

/// The instances on the way from the cell shown to the shape.
fn instances(ui: &mut Ui, view: &LayoutView, picked: &Picked) {
    if picked.path.is_empty() {
        return;
    }
    ui.add_space(4.0);
    ui.label(RichText::new("Placed by").strong());
    for (i, step) in picked.path.iter().enumerate() {
        let parent = view.layout.cell(step.parent);
        let Some(instance) = parent.and_then(|c| c.instances.get(step.instance)) else { continue };
        let name = view.layout.cell(instance.cell).map_or("", |c| c.name.as_str());
        let rows = instance_rows(view, step, instance);
        ui.push_id(("instance", i), |ui| {
            table(ui, "instance", [("Cell", name.to_owned())].into_iter().chain(rows));
            show_properties(ui, "instance properties", &instance.properties);
        });
    }
}

fn instance_rows(
    view: &LayoutView,
    step: &Step,
    instance: &Instance,
) -> Vec<(&'static str, String)> {
    let t = &instance.transform;
    let unit = view.layout.unit_nm;
    let at = [
        (f64::from(t.origin.x) + step.offset[0] as f64) * unit,
        (f64::from(t.origin.y) + step.offset[1] as f64) * unit,
    ];
    let mut rows = vec![("At", place(at))];
    let mut turned = Vec::new();
    if t.mirror_x {
        turned.push("mirrored".to_owned());
    }
    if t.angle_deg != 0.0 {
        turned.push(format!("{}°", t.angle_deg));
    }
    if t.magnification != 1.0 {
        turned.push(format!("× {}", t.magnification));
    }
    if !turned.is_empty() {
        rows.push(("Turned", turned.join(", ")));
    }
    if let Some(repetition) = &instance.repetition {
        rows.push(("Array", repetition_text(repetition)));
    }
    rows
}

fn vertices(ui: &mut Ui, ring: &[[f64; 2]]) {
    ui.add_space(4.0);
    ui.label(RichText::new("Vertices").strong());
    let height = (LINE * ring.len().min(12) as f32).max(LINE);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("vertices").max_height(height).show_rows(
        ui,
        LINE,
        ring.len(),
        |ui, range| {
            for (i, p) in range.clone().zip(ring.get(range).unwrap_or_default()) {
                let line = format!("{:>5}  {}", i + 1, place(*p));
                ui.add(Label::new(RichText::new(line).monospace()).extend());
            }
        },
    );
}
