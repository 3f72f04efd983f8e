//! How a layer looks once groups and defaults have had their say.

use super::{Node, Rgb, View, default_look, source};
use crate::layout::Layer;

/// The look of a layer, nothing in it automatic any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Colour of outlines.
    pub frame: Rgb,
    /// Colour of fillings.
    pub fill: Rgb,
    /// Name of the stipple, for [`View::stipple`].
    pub stipple: String,
    /// Name of the line style, for [`View::line_style`].
    pub line_style: String,
    /// Line width in pixels.
    pub width: u32,
    /// Whether it is drawn at all: visible and valid, and so are all groups around it.
    pub visible: bool,
    /// Whether layers below shine through.
    pub transparent: bool,
    /// Whether shapes carry a small cross.
    pub marked: bool,
    /// Whether boxes carry their diagonals.
    pub xfill: bool,
    /// Animation: 0 none, 1 scrolling, 2 blinking, 3 blinking inversely.
    pub animation: i32,
}

/// A node without members, and where it is.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// Index into [`View::nodes`], then into [`Node::members`] and so on down to the leaf.
    pub path: Vec<usize>,
    /// Nodes from the outermost group to the leaf itself.
    chain: Vec<&'a Node>,
    node: &'a Node,
}

impl<'a> Leaf<'a> {
    /// The leaf's own node.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// Whether it draws a layer of the first layout, by number and datatype or by name. Wildcards
    /// match anything, and what the leaf leaves open its groups decide.
    pub fn draws(&self, layer: Layer, name: Option<&str>) -> bool {
        source::draws(self.chain.iter().rev().map(|n| &n.source), layer, name)
    }

    /// The look of a layer that it draws, as KLayout combines groups and members: colours and
    /// patterns of a group override those of its members, brightness adds up, the larger width
    /// counts; a group hides or marks its members too. What is left open is that of
    /// [`default_look`].
    pub fn look(&self, layer: Layer) -> Look {
        let default = default_look(layer);
        let chain = || self.chain.iter().copied();
        let sum = |of: fn(&Node) -> i32| chain().map(of).fold(0, i32::saturating_add);
        let frame = chain().find_map(|n| n.frame_color).unwrap_or(default.frame);
        let fill = chain().find_map(|n| n.fill_color).unwrap_or(default.fill);
        let named = |of: fn(&Node) -> &str| chain().map(of).find(|t| !t.is_empty());
        Look {
            frame: brightened(frame, sum(|n| n.frame_brightness)),
            fill: brightened(fill, sum(|n| n.fill_brightness)),
            stipple: named(|n| &n.dither_pattern).map_or(default.stipple, str::to_owned),
            line_style: named(|n| &n.line_style).map_or(default.line_style, str::to_owned),
            width: chain().filter_map(|n| n.width).max().unwrap_or(default.width),
            visible: chain().all(|n| n.visible && n.valid),
            transparent: chain().any(|n| n.transparent),
            marked: chain().any(|n| n.marked),
            xfill: chain().any(|n| n.xfill),
            animation: chain().rev().map(|n| n.animation).find(|&a| a != 0).unwrap_or(0),
        }
    }
}

impl View {
    /// All nodes without members, in drawing order.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        collect(&self.nodes, &mut Vec::new(), &mut Vec::new(), &mut leaves);
        leaves
    }

    /// The first leaf that draws a layer of the first layout; see [`Leaf::draws`]. To look up many
    /// layers, take [`View::leaves`] once.
    pub fn leaf_of(&self, layer: Layer, name: Option<&str>) -> Option<Leaf<'_>> {
        self.leaves().into_iter().find(|leaf| leaf.draws(layer, name))
    }

    /// The node at a path as [`Leaf::path`] gives it; of a group where the path ends earlier.
    pub fn node_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        let (&first, rest) = path.split_first()?;
        rest.iter().try_fold(self.nodes.get_mut(first)?, |node, &i| node.members.get_mut(i))
    }
}

fn collect<'a>(
    nodes: &'a [Node],
    path: &mut Vec<usize>,
    chain: &mut Vec<&'a Node>,
    leaves: &mut Vec<Leaf<'a>>,
) {
    for (index, node) in nodes.iter().enumerate() {
        path.push(index);
        chain.push(node);
        if node.members.is_empty() {
            leaves.push(Leaf { path: path.clone(), chain: chain.clone(), node });
        } else {
            collect(&node.members, path, chain, leaves);
        }
        chain.pop();
        path.pop();
    }
}

/// The colour made brighter (towards white) or darker (towards black): the distance halves every
/// 128 steps, as measured on KLayout's own colours.
fn brightened(color: Rgb, brightness: i32) -> Rgb {
    let left = (-f64::from(brightness).abs() / 128.0).exp2();
    color.map(|c| {
        let c = f64::from(c);
        let value = if brightness > 0 { 255.0 - (255.0 - c) * left } else { c * left };
        value.round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::lyp::Source;

    fn node(source: &str) -> Node {
        Node { source: Source::parse(source), ..Node::default() }
    }

    fn group(outer: Node, members: Vec<Node>) -> View {
        View { nodes: vec![node("1/0"), Node { members, ..outer }], ..View::default() }
    }

    #[test]
    fn the_first_leaf_that_matches_draws_the_layer() {
        let view = group(node("*/*@*"), vec![node("2/0"), node("NAME"), node("*/*"), node("3/0")]);
        let path = |n, d, name| view.leaf_of(Layer::new(n, d), name).map(|leaf| leaf.path);
        assert_eq!(path(1, 0, None), Some(vec![0]));
        assert_eq!(path(2, 0, Some("NAME")), Some(vec![1, 0]));
        assert_eq!(path(7, 0, Some("NAME")), Some(vec![1, 1]));
        assert_eq!(path(3, 0, None), Some(vec![1, 2]));
        let narrowed = group(node("4/*"), vec![node("*/1")]);
        assert!(narrowed.leaf_of(Layer::new(4, 0), None).is_none());
    }

    #[test]
    fn a_path_leads_back_to_its_node() {
        let mut view = group(node("*/*@*"), vec![node("2/0"), node("5/0")]);
        let path = view.leaf_of(Layer::new(5, 0), None).unwrap().path;
        view.node_mut(&path).unwrap().visible = false;
        assert!(!view.nodes[1].members[1].visible);
        assert!(view.node_mut(&[1, 2]).is_none() && view.node_mut(&[]).is_none());
    }

    #[test]
    fn groups_override_colours_and_hide_their_members() {
        let outer = Node {
            fill_color: Some([1, 2, 3]),
            frame_brightness: 100,
            visible: false,
            width: Some(2),
            marked: true,
            animation: 3,
            ..node("*/*@*")
        };
        let member = Node {
            fill_color: Some([9, 9, 9]),
            frame_color: Some([0, 100, 255]),
            frame_brightness: 28,
            dither_pattern: "I5".into(),
            width: Some(3),
            animation: 1,
            ..node("2/0")
        };
        let layer = Layer::new(2, 0);
        let view = group(outer, vec![member]);
        let look = view.leaf_of(layer, None).unwrap().look(layer);
        let expected = Look {
            frame: [128, 178, 255],
            fill: [1, 2, 3],
            stipple: "I5".into(),
            width: 3,
            visible: false,
            marked: true,
            animation: 1,
            ..default_look(layer)
        };
        assert_eq!(look, expected);
    }

    #[test]
    fn automatic_nodes_have_the_default_look() {
        let layer = Layer::new(1, 0);
        let view = group(node("*/*"), vec![node("2/0")]);
        assert_eq!(view.leaf_of(layer, None).unwrap().look(layer), default_look(layer));
    }

    #[test]
    fn brightness_reaches_the_colours_klayout_shows() {
        // KLayout 0.30 shows #102080 so; it rounds down where this rounds to the nearest.
        let shown = [
            (-256, [0x04, 0x08, 0x20]),
            (-128, [0x08, 0x10, 0x40]),
            (-64, [0x0b, 0x16, 0x5a]),
            (16, [0x24, 0x33, 0x8b]),
            (128, [0x88, 0x90, 0xc0]),
            (256, [0xc4, 0xc8, 0xe0]),
        ];
        for (brightness, expected) in shown {
            let ours = brightened([0x10, 0x20, 0x80], brightness);
            assert!(ours.iter().zip(&expected).all(|(a, &b)| a.abs_diff(b) <= 1), "{brightness}");
        }
        assert_eq!(brightened([1, 2, 3], i32::MAX), [255; 3]);
        assert_eq!(brightened([1, 2, 3], i32::MIN), [0; 3]);
    }
}
