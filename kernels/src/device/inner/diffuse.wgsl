@group(0) @binding(0) var<storage, read> taps: array<f32>;
@group(0) @binding(1) var<storage, read> from_: array<f32>;
@group(0) @binding(2) var<storage, read_write> to_: array<f32>;

// A place on the axis for one that may lie beyond its walls.
fn inside(i: i32) -> u32 {
    let n = i32(COUNT);
    if i >= 0 && i < n {
        return u32(i);
    }
    if PERIODIC == 1u {
        return u32(((i % n) + n) % n);
    }
    let folded = ((i % (2 * n)) + 2 * n) % (2 * n);
    return u32(min(folded, 2 * n - 1 - folded));
}

@compute @workgroup_size(THREADS)
fn diffuse(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= WORDS {
        return;
    }
    let place = (i / STRIDE) % COUNT;
    let start = i - place * STRIDE;
    var sum = 0.0;
    for (var k = 1u; k <= REACH; k += 1u) {
        let low = from_[start + inside(i32(place) - i32(k)) * STRIDE];
        let high = from_[start + inside(i32(place + k)) * STRIDE];
        sum += taps[k] * (low + high);
    }
    to_[i] = sum + taps[0] * from_[i];
}
