//! Whole-file behaviour of the readers, the clip and the writer.

use super::*;
use crate::geometry::{Point, Polygon, Rect, merge};

#[test]
fn written_polygons_read_back_as_the_same_region() {
    let frame = Polygon {
        outer: Rect::new(0, 0, 300, 300).corners().to_vec(),
        holes: vec![Rect::new(100, 100, 200, 200).corners().into_iter().rev().collect()],
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.gds");
    let layer = Layer::new(40000, 3);
    write_gds(&path, "TOP", &[(layer, std::slice::from_ref(&frame))]).unwrap();
    let layout = open(&path).unwrap();
    assert_eq!(layout.unit_nm, 1.0);
    assert_eq!(layout.name, "frame");
    let clip = layout.clip(layout.top_cells()[0], layer, None).unwrap();
    assert_eq!(clip.polygons, merge(&[frame]));
    assert_eq!(clip.rounding_nm, 0.0);
    assert_eq!(clip.window, Rect::new(0, 0, 300, 300));
    assert_eq!(clip.polygons[0].outer[0], Point::new(0, 0));
}
