//! Trapezoids and the 26 compact ones, as the polygons they are.

use super::stream::Parsed;

/// Corners of a trapezoid in a box `width × height` at the origin.
///
/// Of a horizontal one the top and bottom are parallel to x, `a` is how far the upper end of its
/// left side is right of the lower end, `b` the same of its right side. Of a vertical one the sides
/// are parallel to y, `a` is how far the left end of its bottom is above the right end, `b` the
/// same of its top.
pub(super) fn corners(
    vertical: bool,
    width: i64,
    height: i64,
    a: i64,
    b: i64,
) -> Parsed<[[i64; 2]; 4]> {
    let long = if vertical { height } else { width };
    let (near, far) = ([(-a).max(0), a.max(0)], [long - b.max(0), long + b.min(0)]);
    if near[0] > far[0] || near[1] > far[1] {
        let problem = format!("sides of a {width} × {height} trapezoid that cross: {a} and {b}");
        return Err(problem.into());
    }
    Ok(if vertical {
        [[0, near[1]], [0, far[1]], [width, far[0]], [width, near[0]]]
    } else {
        [[near[0], 0], [near[1], height], [far[1], height], [far[0], 0]]
    })
}

/// The sizes a compact trapezoid really has: some types need only one and imply the other.
pub(super) struct Sizes {
    pub needs_width: bool,
    pub needs_height: bool,
}

pub(super) fn sizes(kind: u64) -> Sizes {
    Sizes {
        needs_width: !matches!(kind, 20 | 21),
        needs_height: !matches!(kind, 16..=19 | 22 | 23 | 25),
    }
}

/// Width and height with what the type implies filled in; `given` are those that it needs.
pub(super) fn implied(kind: u64, given: [i64; 2]) -> [i64; 2] {
    let [w, h] = given;
    match kind {
        16..=19 | 25 => [w, w],
        20 | 21 => [2 * h, h],
        22 | 23 => [w, 2 * w],
        _ => given,
    }
}

/// Corners of a compact trapezoid; three for a triangle.
pub(super) fn compact(kind: u64, [w, h]: [i64; 2]) -> Parsed<Vec<[i64; 2]>> {
    // How far the slanting sides reach along the longer side, at its two ends.
    let (long, taken) = match kind {
        0..=3 => (w, h),
        4 | 5 => (w, 2 * h),
        6 | 7 => (w, h),
        8..=11 => (h, w),
        12 | 13 => (h, 2 * w),
        14 | 15 => (h, w),
        _ => (w, 0),
    };
    if taken > long {
        return Err(format!("a {w} × {h} box that compact trapezoid {kind} does not fit").into());
    }
    let points: &[[i64; 2]] = match kind {
        0 => &[[0, 0], [0, h], [w - h, h], [w, 0]],
        1 => &[[0, 0], [0, h], [w, h], [w - h, 0]],
        2 => &[[0, 0], [h, h], [w, h], [w, 0]],
        3 => &[[h, 0], [0, h], [w, h], [w, 0]],
        4 => &[[0, 0], [h, h], [w - h, h], [w, 0]],
        5 => &[[h, 0], [0, h], [w, h], [w - h, 0]],
        6 => &[[0, 0], [h, h], [w, h], [w - h, 0]],
        7 => &[[h, 0], [0, h], [w - h, h], [w, 0]],
        8 => &[[0, 0], [0, h], [w, h - w], [w, 0]],
        9 => &[[0, 0], [0, h - w], [w, h], [w, 0]],
        10 => &[[0, 0], [0, h], [w, h], [w, w]],
        11 => &[[0, w], [0, h], [w, h], [w, 0]],
        12 => &[[0, 0], [0, h], [w, h - w], [w, w]],
        13 => &[[0, w], [0, h - w], [w, h], [w, 0]],
        14 => &[[0, 0], [0, h - w], [w, h], [w, w]],
        15 => &[[0, w], [0, h], [w, h - w], [w, 0]],
        16 => &[[0, 0], [0, w], [w, 0]],
        17 => &[[0, 0], [0, w], [w, w]],
        18 => &[[0, 0], [w, w], [w, 0]],
        19 => &[[0, w], [w, w], [w, 0]],
        20 => &[[0, 0], [h, h], [2 * h, 0]],
        21 => &[[0, h], [2 * h, h], [h, 0]],
        22 => &[[0, 0], [0, 2 * w], [w, w]],
        23 => &[[0, w], [w, 2 * w], [w, 0]],
        24 => &[[0, 0], [0, h], [w, h], [w, 0]],
        25 => &[[0, 0], [0, w], [w, w], [w, 0]],
        _ => return Err(format!("compact trapezoid type {kind}; expected 0 to 25").into()),
    };
    Ok(points.to_vec())
}
