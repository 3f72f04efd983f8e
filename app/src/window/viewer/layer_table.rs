//! The layer table: a file's layers under the layer properties in use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use egui::Color32;
use lithoscope_engine::layout::lyp::{LayerProperties, Look, Node, View};
use lithoscope_engine::layout::{Layer, Layout};

use super::super::scene::LayerPaint;
use crate::worker::{Looks, Survey};

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where its node is; see [`View::node_mut`].
    pub path: Vec<usize>,
    /// What it shows.
    pub name: String,
    /// Layers of the file that it draws, or that members of the group draw.
    pub layers: Vec<Layer>,
    /// Shapes and texts stored on them.
    pub shapes: u64,
    /// Whether it is shown, its own mark alone.
    pub visible: bool,
    /// Whether a group around it hides it.
    pub hidden_above: bool,
    /// Layer or group.
    pub kind: RowKind,
}

/// Layer or group.
#[derive(Clone, Debug)]
pub enum RowKind {
    /// A layer and its look.
    Layer(Box<Swatch>),
    /// A group.
    Group {
        /// Whether its members are listed.
        expanded: bool,
    },
}

/// How the sample of a layer looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Swatch {
    /// Outline.
    pub frame: [u8; 3],
    /// Inside.
    pub fill: [u8; 3],
    /// Pixels of the inside that are filled.
    pub stipple: [u32; 32],
}

/// Layers, their looks and which of them are shown.
pub struct LayerTable {
    properties: LayerProperties,
    /// The file the properties came from.
    pub file: Option<PathBuf>,
    /// Whether they were changed since.
    pub changed: bool,
    /// The layer that tools work on.
    pub active: Option<Layer>,
    /// Text that names must hold.
    pub search: String,
    /// Whether entries without a layer in the file are listed too.
    pub with_absent: bool,
    present: BTreeMap<Layer, (u64, Option<String>)>,
    names: BTreeMap<Layer, String>,
    paints: Vec<LayerPaint>,
    rows: Vec<Row>,
}

impl LayerTable {
    /// The table of a layout.
    pub fn new(layout: &Layout, survey: &Survey, looks: Option<Looks>) -> Self {
        let mut table = Self {
            properties: LayerProperties::default(),
            file: None,
            changed: false,
            active: None,
            search: String::new(),
            with_absent: false,
            present: BTreeMap::new(),
            names: BTreeMap::new(),
            paints: Vec::new(),
            rows: Vec::new(),
        };
        table.take(looks, layout, survey);
        table
    }

    /// Uses other layer properties, or the default ones.
    pub fn take(&mut self, looks: Option<Looks>, layout: &Layout, survey: &Survey) {
        let (properties, file) =
            looks.map_or_else(Default::default, |l| (l.properties, Some(l.path)));
        (self.properties, self.file, self.changed) = (properties, file, false);
        self.list(layout, survey);
    }

    /// The same table over the layout as it is now. Properties that were changed here are kept.
    pub fn reload(&mut self, layout: &Layout, survey: &Survey, looks: Option<Looks>) {
        // Those that lie beside the file are not taken in place of others that were opened.
        let same = |l: &Looks| self.file.as_ref() == Some(&l.path) && !self.changed;
        if let Some(looks) = looks.filter(same) {
            let hidden: Vec<Layer> =
                self.paints.iter().filter(|p| !p.visible).map(|p| p.layer).collect();
            self.properties = looks.properties;
            self.file = Some(looks.path);
            self.list(layout, survey);
            self.set_visible(|row| {
                let layers = &row.layers;
                if layers.is_empty() {
                    row.visible
                } else {
                    !layers.iter().all(|l| hidden.contains(l))
                }
            });
            self.changed = false;
        } else {
            self.list(layout, survey);
        }
    }

    /// Lists the layers of a file; those that the properties do not speak of come last.
    fn list(&mut self, layout: &Layout, survey: &Survey) {
        let name = |layer: &Layer| layout.layer_names.get(layer).cloned();
        self.present = survey.layers.iter().map(|(l, n)| (*l, (*n, name(l)))).collect();
        if self.properties.views.is_empty() {
            self.properties.views.push(View::default());
        }
        if let Some(view) = self.properties.views.first_mut() {
            let leaves = view.leaves();
            let missing: Vec<Layer> = self
                .present
                .iter()
                .filter(|(layer, (_, name))| {
                    !leaves.iter().any(|leaf| leaf.draws(**layer, name.as_deref()))
                })
                .map(|(layer, _)| *layer)
                .collect();
            let nodes =
                missing.into_iter().map(|layer| Node::for_layer(layer, name(&layer).as_deref()));
            view.nodes.extend(nodes);
        }
        self.rebuild();
        let most = self.present.iter().max_by_key(|(l, (n, _))| (*n, std::cmp::Reverse(**l)));
        let most = most.map(|(layer, _)| *layer);
        self.active = self.active.filter(|l| self.present.contains_key(l)).or(most);
    }

    /// What follows from the properties.
    fn rebuild(&mut self) {
        let Some(view) = self.properties.views.first() else { return };
        let leaves = view.leaves();
        // What a leaf draws: each layer belongs to the first leaf that draws it.
        let mut drawn: Vec<Vec<Layer>> = vec![Vec::new(); leaves.len()];
        for (layer, (_, name)) in &self.present {
            if let Some(at) = leaves.iter().position(|leaf| leaf.draws(*layer, name.as_deref())) {
                drawn[at].push(*layer);
            }
        }
        let mut paints = Vec::new();
        let mut found: BTreeMap<Vec<usize>, (Vec<Layer>, Swatch)> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (leaf, layers) in leaves.iter().zip(drawn) {
            for &layer in &layers {
                paints.push(paint(view, layer, &leaf.look(layer)));
                names.insert(layer, name_of(leaf.node()));
            }
            let look = leaf.look(layers.first().copied().unwrap_or_else(|| named(leaf.node())));
            let stipple = view.stipple(&look.stipple);
            let swatch = Swatch { frame: look.frame, fill: look.fill, stipple };
            found.insert(leaf.path.clone(), (layers, swatch));
        }
        let mut rows = Vec::new();
        for (i, node) in view.nodes.iter().enumerate() {
            add_rows(node, vec![i], false, &found, &mut rows);
        }
        for row in &mut rows {
            row.shapes = row.layers.iter().map(|l| self.present.get(l).map_or(0, |p| p.0)).sum();
        }
        (self.paints, self.names, self.rows) = (paints, names, rows);
    }

    /// The properties as they are now.
    pub fn properties(&self) -> &LayerProperties {
        &self.properties
    }

    /// How the layers are drawn, the lowest first.
    pub fn paints(&self) -> &[LayerPaint] {
        &self.paints
    }

    /// Layers that are shown, the topmost first.
    pub fn visible(&self) -> impl Iterator<Item = Layer> + '_ {
        self.paints.iter().rev().filter(|p| p.visible).map(|p| p.layer)
    }

    /// Whether a layer is shown.
    pub fn is_visible(&self, layer: Layer) -> bool {
        self.paint(layer).is_some_and(|p| p.visible)
    }

    /// How a layer is drawn.
    pub fn paint(&self, layer: Layer) -> Option<&LayerPaint> {
        self.paints.iter().find(|p| p.layer == layer)
    }

    /// A layer with its name: `met1.drawing 68/20`.
    pub fn title(&self, layer: Layer) -> String {
        let number = layer.to_string();
        match self.names.get(&layer).filter(|n| !n.is_empty()) {
            Some(name) if name.contains(&number) => name.clone(),
            Some(name) => format!("{name} {number}"),
            None => number,
        }
    }

    /// Rows to list: those that the search finds, else what groups show.
    pub fn listed(&self) -> Vec<&Row> {
        let words = self.search.to_lowercase();
        let finds = |row: &Row| {
            let name = row.name.to_lowercase();
            words.split_whitespace().all(|w| name.contains(w))
        };
        let searching = !words.trim().is_empty();
        let folded: Vec<&[usize]> = self
            .rows
            .iter()
            .filter(|r| matches!(r.kind, RowKind::Group { expanded: false }))
            .map(|r| r.path.as_slice())
            .collect();
        let folded =
            |path: &[usize]| folded.iter().any(|f| f.len() < path.len() && path.starts_with(f));
        let shown = |row: &&Row| {
            (self.with_absent || !row.layers.is_empty())
                && if searching {
                    finds(row) && matches!(row.kind, RowKind::Layer(_))
                } else {
                    !folded(&row.path)
                }
        };
        self.rows.iter().filter(shown).collect()
    }

    /// Shows or hides a row's node.
    pub fn toggle(&mut self, path: &[usize]) {
        if let Some(node) = self.node(path) {
            node.visible = !node.visible;
        }
        self.edited();
    }

    /// Folds or unfolds a group.
    pub fn fold(&mut self, path: &[usize]) {
        if let Some(node) = self.node(path) {
            node.expanded = !node.expanded;
        }
        self.rebuild();
    }

    /// Shows all layers, or none.
    pub fn show_all(&mut self, visible: bool) {
        self.set_visible(|_| visible);
    }

    /// Shows this row's layers only.
    pub fn show_only(&mut self, path: &[usize]) {
        self.set_visible(|row| row.path.starts_with(path) || path.starts_with(&row.path));
    }

    fn set_visible(&mut self, shown: impl Fn(&Row) -> bool) {
        let states: Vec<_> = self.rows.iter().map(|r| (r.path.clone(), shown(r))).collect();
        // A group is shown where any of its members is.
        let open: BTreeSet<Vec<usize>> = states
            .iter()
            .filter(|(_, visible)| *visible)
            .flat_map(|(path, _)| (1..=path.len()).map(|n| path[..n].to_vec()))
            .collect();
        for (path, _) in states {
            let visible = open.contains(&path);
            if let Some(node) = self.node(&path) {
                node.visible = visible;
            }
        }
        self.edited();
    }

    fn edited(&mut self) {
        self.changed = true;
        self.rebuild();
    }

    fn node(&mut self, path: &[usize]) -> Option<&mut Node> {
        self.properties.views.first_mut()?.node_mut(path)
    }
}

/// The layer that a node's source names, for the colours of what is automatic.
fn named(node: &Node) -> Layer {
    let source = &node.source;
    Layer::new(source.number().unwrap_or(0), source.datatype().unwrap_or(0))
}

fn name_of(node: &Node) -> String {
    if node.name.is_empty() {
        node.source.as_str().trim_end_matches("@1").to_owned()
    } else {
        node.name.clone()
    }
}

fn add_rows(
    node: &Node,
    path: Vec<usize>,
    hidden_above: bool,
    found: &BTreeMap<Vec<usize>, (Vec<Layer>, Swatch)>,
    rows: &mut Vec<Row>,
) {
    let leaf = found.get(&path);
    let kind = leaf.map_or(RowKind::Group { expanded: node.expanded }, |(_, swatch)| {
        RowKind::Layer(Box::new(swatch.clone()))
    });
    let at = rows.len();
    rows.push(Row {
        path: path.clone(),
        name: name_of(node),
        layers: leaf.map(|(layers, _)| layers.clone()).unwrap_or_default(),
        shapes: 0,
        visible: node.visible && node.valid,
        hidden_above,
        kind,
    });
    let hidden = hidden_above || !(node.visible && node.valid);
    for (i, member) in node.members.iter().enumerate() {
        let mut path = path.clone();
        path.push(i);
        add_rows(member, path, hidden, found, rows);
    }
    let below: Vec<Layer> = rows[at + 1..]
        .iter()
        .filter(|r| matches!(r.kind, RowKind::Layer(_)))
        .flat_map(|r| r.layers.iter().copied())
        .collect();
    rows[at].layers.extend(below);
}

fn paint(view: &View, layer: Layer, look: &Look) -> LayerPaint {
    let colour = |[r, g, b]: [u8; 3]| Color32::from_rgb(r, g, b);
    let fill = colour(look.fill);
    LayerPaint {
        layer,
        fill: if look.transparent { fill.gamma_multiply(0.5) } else { fill },
        frame: colour(look.frame),
        stipple: view.stipple(&look.stipple),
        line_width: look.width as f32,
        visible: look.visible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::geometry::Rect;
    use lithoscope_engine::layout::Cell;
    use lithoscope_engine::layout::lyp::Source;

    fn layout() -> (Layout, Survey) {
        let mut cell = Cell::new("top");
        for n in [1, 2, 7] {
            for _ in 0..n {
                cell.on(Layer::new(n, 0)).push_rect(Rect::new(0, 0, 10, 10)).unwrap();
            }
        }
        let layout = Layout::new("t", 1.0, vec![cell]);
        let survey = Survey::of(&layout);
        (layout, survey)
    }

    fn grouped() -> Looks {
        let leaf = |source: &str| Node { source: Source::parse(source), ..Node::default() };
        let group = Node {
            name: "metals".to_owned(),
            members: vec![leaf("2/0"), leaf("9/0")],
            ..Node::default()
        };
        let view = View { nodes: vec![leaf("1/0"), group], ..View::default() };
        Looks { path: "a.lyp".into(), properties: LayerProperties { views: vec![view] } }
    }

    #[test]
    fn layers_the_properties_do_not_speak_of_come_last_and_the_fullest_is_active() {
        let (layout, survey) = layout();
        let table = LayerTable::new(&layout, &survey, Some(grouped()));
        let order: Vec<_> = table.paints().iter().map(|p| p.layer.number).collect();
        assert_eq!(order, [1, 2, 7]);
        assert_eq!(table.active, Some(Layer::new(7, 0)));
        assert!(!table.changed);
    }

    #[test]
    fn a_folded_group_stands_for_its_members_and_search_looks_into_it() {
        let (layout, survey) = layout();
        let mut table = LayerTable::new(&layout, &survey, Some(grouped()));
        let names = |t: &LayerTable| t.listed().iter().map(|r| r.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&table), ["1/0", "metals", "7/0"]);
        table.fold(&[1]);
        assert_eq!(names(&table), ["1/0", "metals", "2/0", "7/0"]);
        table.with_absent = true;
        assert_eq!(names(&table).len(), 5);
        table.fold(&[1]);
        table.search = "9/".to_owned();
        assert_eq!(names(&table), ["9/0"]);
    }

    #[test]
    fn hiding_a_group_hides_its_members_and_only_this_opens_the_way_to_it() {
        let (layout, survey) = layout();
        let mut table = LayerTable::new(&layout, &survey, Some(grouped()));
        table.toggle(&[1]);
        assert!(!table.is_visible(Layer::new(2, 0)) && table.is_visible(Layer::new(1, 0)));
        table.show_only(&[1, 0]);
        let visible: Vec<_> = table.visible().map(|l| l.number).collect();
        assert_eq!(visible, [2]);
        table.show_all(false);
        assert_eq!(table.visible().count(), 0);
        assert!(table.changed);
    }

    #[test]
    fn a_reload_keeps_what_is_hidden() {
        let (layout, survey) = layout();
        let mut table = LayerTable::new(&layout, &survey, Some(grouped()));
        table.toggle(&[0]);
        table.changed = false;
        table.reload(&layout, &survey, Some(grouped()));
        assert!(!table.is_visible(Layer::new(1, 0)) && table.is_visible(Layer::new(7, 0)));
    }
}
