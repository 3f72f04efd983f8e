//! Numbers, reals and strings as the bytes of an OASIS file.

/// A displacement or position, database units.
pub(super) type Vector = [i64; 2];

/// The difference of two positions; it saturates, which no position that fits a layout reaches.
pub(super) fn minus(a: Vector, b: Vector) -> Vector {
    [a[0].saturating_sub(b[0]), a[1].saturating_sub(b[1])]
}

/// The sum of a position and a displacement, likewise.
pub(super) fn plus(a: Vector, b: Vector) -> Vector {
    [a[0].saturating_add(b[0]), a[1].saturating_add(b[1])]
}

/// Seven bits a byte, lowest first, the top bit set on all but the last.
pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The same for up to 128 bits, which numbers with flags in their low bits may need.
fn wide(out: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The lowest bit is the sign.
pub(super) fn signed(out: &mut Vec<u8>, value: i64) {
    wide(out, u128::from(value.unsigned_abs()) << 1 | u128::from(value < 0));
}

/// A real number: whole or one over a whole number where it is exactly that, else eight bytes.
pub(super) fn real(out: &mut Vec<u8>, value: f64) {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let (size, negative) = (value.abs(), u8::from(value.is_sign_negative()));
    let whole = |v: f64| (1.0..=LARGEST).contains(&v) && v.fract() == 0.0;
    if value == 0.0 {
        out.extend([0, 0]);
    } else if whole(size) {
        out.push(negative);
        unsigned(out, size as u64);
    } else if whole((1.0 / size).round()) && 1.0 / (1.0 / size).round() == size {
        out.push(2 + negative);
        unsigned(out, (1.0 / size).round() as u64);
    } else {
        out.push(7);
        out.extend(value.to_le_bytes());
    }
}

/// A length and the bytes.
pub(super) fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// The direction of a displacement along an axis (0 to 3) or diagonal (4 to 7) and its size.
pub(super) fn octangular([x, y]: Vector) -> Option<(u8, u64)> {
    let (size_x, size_y) = (x.unsigned_abs(), y.unsigned_abs());
    let direction = match (x.signum(), y.signum()) {
        (0 | 1, 0) => 0,
        (0, 1) => 1,
        (-1, 0) => 2,
        (0, _) => 3,
        _ if size_x != size_y => return None,
        (1, 1) => 4,
        (-1, 1) => 5,
        (-1, _) => 6,
        _ => 7,
    };
    Some((direction, size_x.max(size_y)))
}

/// A displacement of any direction (g-delta).
pub(super) fn displacement(out: &mut Vec<u8>, v: Vector) {
    if let Some((direction, size)) = octangular(v) {
        wide(out, u128::from(size) << 4 | u128::from(direction) << 1);
        return;
    }
    let [x, y] = v;
    wide(out, u128::from(x.unsigned_abs()) << 2 | u128::from(x < 0) << 1 | 1);
    signed(out, y);
}

/// A displacement along an axis (2-delta) or diagonal (3-delta): its size above `bits` bits for its
/// direction.
pub(super) fn directed(out: &mut Vec<u8>, (direction, size): (u8, u64), bits: u32) {
    wide(out, u128::from(size) << bits | u128::from(direction));
}
