//! Vectors of three numbers.

/// A place or direction: x, y, z.
pub type Vector = [f64; 3];

pub fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub fn subtract(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub fn scale(a: Vector, by: f64) -> Vector {
    a.map(|v| v * by)
}

pub fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub fn unit(a: Vector) -> Vector {
    scale(a, 1.0 / dot(a, a).sqrt().max(f64::MIN_POSITIVE))
}
