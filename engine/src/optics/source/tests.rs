//! The shapes' moments, and what their parameters may be.

use ndarray::Array2;

use super::points::{LEAST_POINTS, MOST_POINTS};
use super::*;
use crate::optics::symmetry::{MIRRORS, NONE};

fn dipole(rotation_deg: f64) -> Source {
    Source::Dipole { inner: 0.5, outer: 0.8, half_angle_deg: 25.0, rotation_deg, balance: vec![] }
}

fn quadrupole(rotation_deg: f64) -> Source {
    Source::Quadrupole {
        inner: 0.6,
        outer: 0.85,
        half_angle_deg: 15.0,
        rotation_deg,
        balance: vec![],
    }
}

fn all() -> Vec<Source> {
    vec![
        Source::Circular { sigma: 0.6 },
        Source::Annular { inner: 0.7, outer: 0.9 },
        dipole(0.0),
        dipole(30.0),
        quadrupole(45.0),
        quadrupole(-20.0),
    ]
}

/// Σ w σ_x^a σ_y^b over the points and their images.
fn moment(source: &Source, a: i32, b: i32) -> f64 {
    let symmetry = source.symmetry();
    let mut sum = 0.0;
    for SourcePoint { sigma: [x, y], weight } in source.points(source.symmetry(), 20) {
        for [sx, sy] in symmetry.elements {
            let share = weight / symmetry.order() as f64;
            sum += share * (x * f64::from(*sx)).powi(a) * (y * f64::from(*sy)).powi(b);
        }
    }
    sum
}

#[test]
fn points_lie_in_the_source_and_share_unit_power() {
    for source in all() {
        assert!((moment(&source, 0, 0) - 1.0).abs() < 1e-12);
        let (inner, outer) = source.radii();
        for SourcePoint { sigma: [x, y], weight } in source.points(source.symmetry(), 20) {
            let radius = x.hypot(y);
            assert!(weight > 0.0 && radius <= outer && radius >= inner - 1e-3, "{source:?}");
        }
    }
}

#[test]
fn second_moments_are_those_of_the_shape() {
    for source in all() {
        let (inner, outer) = source.radii();
        // ∫r³dr / ∫r dr over the ring.
        let radial = 0.5 * (outer.powi(2) + inner.powi(2));
        let (xx, yy, xy) = (moment(&source, 2, 0), moment(&source, 0, 2), moment(&source, 1, 1));
        assert!((xx + yy - radial).abs() < 1e-3, "{source:?}: {}", xx + yy - radial);
        // A dipole's poles of half angle h lean the moments by cos 2φ·sin 2h / 2h.
        let (lean, turn) = match source {
            Source::Dipole { half_angle_deg, rotation_deg, .. } => {
                let open = 2.0 * half_angle_deg.to_radians();
                (radial * open.sin() / open, 2.0 * rotation_deg.to_radians())
            }
            _ => (0.0, 0.0),
        };
        assert!((xx - yy - lean * turn.cos()).abs() < 1e-3, "{source:?}");
        assert!((2.0 * xy - lean * turn.sin()).abs() < 1e-3, "{source:?}");
    }
}

#[test]
fn the_cut_is_as_fine_as_promised() {
    for source in all() {
        for half in [6, 27, 80] {
            let points = source.points(source.symmetry(), half).len() as f64;
            assert!((0.9 * LEAST_POINTS..1.4 * MOST_POINTS).contains(&points), "{points}");
        }
    }
    let point = Source::Circular { sigma: 1e-300 };
    let on_axis = Source::Circular { sigma: 0.0 };
    assert_eq!(point.points(NONE, 9), on_axis.points(NONE, 9));
}

#[test]
fn rings_and_poles_out_of_range_are_named() {
    let wrong = [
        ("sigma", Source::Circular { sigma: 1.1 }),
        ("outer", Source::Annular { inner: 0.5, outer: f64::NAN }),
        ("inner", Source::Annular { inner: 0.5, outer: 0.5 }),
        ("inner", Source::Annular { inner: f64::NAN, outer: 0.5 }),
        ("rotation_deg", dipole(f64::INFINITY)),
        (
            "half_angle_deg",
            Source::Quadrupole {
                inner: 0.5,
                outer: 0.6,
                half_angle_deg: 60.0,
                rotation_deg: 0.0,
                balance: vec![],
            },
        ),
    ];
    for (name, source) in wrong {
        let message = source.validate().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    }
    for source in all() {
        source.validate().unwrap();
    }
}

#[test]
fn an_unknown_word_in_a_preset_is_refused() {
    let good = "shape = 'annular'\ninner = 0.5\nouter = 0.7\n";
    assert!(toml::from_str::<Source>(good).is_ok());
    assert!(toml::from_str::<Source>(&format!("{good}middle = 0.6\n")).is_err());
}

/// Σ w σ_x^a σ_y^b of a source cut without any symmetry.
fn plain_moment(source: &Source, a: i32, b: i32) -> f64 {
    let points = source.points(NONE, 20);
    points.iter().map(|p| p.weight * p.sigma[0].powi(a) * p.sigma[1].powi(b)).sum()
}

#[test]
fn an_unequal_dipole_leans_to_its_brighter_pole() {
    let poles = |balance: Vec<f64>| Source::Dipole {
        inner: 0.5,
        outer: 0.8,
        half_angle_deg: 25.0,
        rotation_deg: 0.0,
        balance,
    };
    // A ring sector's centroid: (2/3)(R³ − r³)/(R² − r²)·sin h/h.
    let half_angle = 25f64.to_radians();
    let centroid = 2.0 / 3.0 * (0.512 - 0.125) / (0.64 - 0.25) * half_angle.sin() / half_angle;
    for (balance, lean) in [(vec![], 0.0), (vec![2.0, 2.0], 0.0), (vec![3.0, 1.0], 0.5)] {
        let found = plain_moment(&poles(balance.clone()), 1, 0);
        assert!((found - lean * centroid).abs() < 1e-3, "{balance:?}: {found}");
    }
    let one = poles(vec![0.0, 5.0]);
    assert!((plain_moment(&one, 1, 0) + centroid).abs() < 1e-3);
    assert!(!one.symmetry().has([-1, 1]) && one.symmetry().has([1, -1]));
    assert_eq!(poles(vec![1.0, 1.0]).symmetry().order(), 4);
    for bad in [vec![1.0], vec![0.0, 0.0], vec![1.0, -1.0], vec![1.0, f64::NAN]] {
        assert!(poles(bad).validate().unwrap_err().to_string().contains("balance"));
    }
}

#[test]
fn poles_alike_in_opposite_pairs_keep_their_mirrors() {
    let four = |rotation_deg: f64, balance: [f64; 4]| {
        let source = Source::Quadrupole {
            inner: 0.6,
            outer: 0.85,
            half_angle_deg: 15.0,
            rotation_deg,
            balance: balance.to_vec(),
        };
        let group = source.symmetry();
        [[-1, 1], [1, -1], [-1, -1]].map(|signs| group.has(signs))
    };
    assert_eq!(four(0.0, [1.0, 2.0, 1.0, 2.0]), [true; 3]);
    assert_eq!(four(0.0, [1.0, 2.0, 1.0, 3.0]), [true, false, false]);
    assert_eq!(four(45.0, [1.0, 1.0, 2.0, 2.0]), [true, false, false]);
    assert_eq!(four(45.0, [1.0, 2.0, 2.0, 1.0]), [false, true, false]);
    assert_eq!(four(45.0, [1.0, 2.0, 1.0, 2.0]), [false, false, true]);
    assert_eq!(four(10.0, [1.0, 2.0, 1.0, 2.0]), [false, false, true]);
    assert_eq!(four(0.0, [1.0, 2.0, 3.0, 4.0]), [false; 3]);
}

/// A ring as a map of `side` cells a side.
fn ring_map(side: usize) -> Array2<f32> {
    let at = |index: usize| (2.0 * index as f64 + 1.0 - side as f64) / side as f64;
    Array2::from_shape_fn((side, side), |(row, column)| {
        let radius = at(row).hypot(at(column));
        f32::from(u8::from((0.5..0.8).contains(&radius)))
    })
}

#[test]
fn a_map_of_a_shape_has_the_moments_of_the_shape() {
    for side in [65, 128, 1025] {
        let map = Source::from_map(&ring_map(side)).unwrap();
        assert_eq!(map.symmetry().order(), 4);
        for (a, b, expected) in [(0, 0, 1.0), (2, 0, 0.2225), (1, 1, 0.0), (0, 2, 0.2225)] {
            let (with, without) = (moment(&map, a, b), plain_moment(&map, a, b));
            let tolerance = 0.5 / side as f64 + 1e-3;
            assert!((with - expected).abs() < tolerance, "{side}: {a}, {b}: {with}");
            assert!((without - expected).abs() < tolerance, "{side}: {a}, {b}: {without}");
        }
        let points = map.points(MIRRORS, 27).len() as f64;
        assert!(points <= 2.0 * MOST_POINTS, "{side}: {points}");
    }
}

#[test]
fn a_text_map_has_its_first_line_at_the_top() {
    let text = "// two poles, the upper one brighter\n.....\n..#..\n.....\n..3..\n.....\n";
    let source = Source::parse_map(text).unwrap();
    let numbers = "0 0 0 0 0\n0 0 1 0 0\n\n0,0,0,0,0\n0 0 0.3333333333333333 0 0\n0 0 0 0 0";
    assert_eq!(Source::parse_map(numbers).unwrap(), source);
    // Centres at σ_y = ±0.4, three to one.
    assert!((plain_moment(&source, 0, 1) - 0.2).abs() < 1e-12);
    assert!((plain_moment(&source, 1, 0)).abs() < 1e-12);
    let mut array = Array2::zeros((5, 5));
    (array[[3, 2]], array[[1, 2]]) = (9.0, 3.0);
    let drawn = Source::from_map(&array).unwrap();
    assert!((plain_moment(&drawn, 0, 1) - 0.2).abs() < 1e-12);
    let toml = toml::to_string(&source).unwrap();
    assert_eq!(toml::from_str::<Source>(&toml).unwrap(), source);
}

#[test]
fn a_map_that_cannot_be_used_names_the_row() {
    let wrong = [
        ("", 1, "0 rows"),
        ("...\n.x.\n...", 2, "`x`"),
        ("...\n.#\n...", 2, "2 cells"),
        ("0 0\n\n0 nine\n", 3, "`nine`"),
        ("0 0\n0 -1\n", 2, "-1"),
        ("0 0\n0 NaN\n", 2, "NaN"),
        ("..\n..", 1, "dark"),
        (
            "........\n........\n........\n........\n........\n........\n........\n.......#",
            8,
            "disc",
        ),
    ];
    for (text, line, word) in wrong {
        let message = Source::parse_map(text).unwrap_err().to_string();
        assert!(message.contains(&format!("row {line}:")) && message.contains(word), "{message}");
    }
    assert!(Source::from_map(&Array2::ones((1026, 1026))).is_err());
    assert!(Source::from_map(&Array2::ones((2, 3))).is_err());
    let narrow = Source::Map { rows: vec![vec![1.0], vec![1.0, 0.0]] };
    assert!(narrow.validate().is_err());
}

#[test]
fn a_point_keeps_the_mirrors_it_lies_on() {
    let held = |x: f64, y: f64| Source::Point { x, y }.symmetry().order();
    assert_eq!([held(0.0, 0.0), held(0.3, 0.0), held(0.0, -0.3), held(0.3, 0.3)], [4, 2, 2, 1]);
    assert!(Source::Point { x: 0.8, y: 0.7 }.validate().is_err());
    assert!(Source::Point { x: f64::NAN, y: 0.0 }.validate().is_err());
    Source::Point { x: 0.6, y: 0.8 }.validate().unwrap();
}
