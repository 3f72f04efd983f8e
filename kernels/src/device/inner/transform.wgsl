// Transforms LINES lines of N = 2^a 3^b numbers at once in shared memory: Stockham's order, so that
// no pass reverses digits. A line is worked on by THREADS / LINES threads.
var<workgroup> ping: array<vec2<f32>, LINES * N>;
var<workgroup> pong: array<vec2<f32>, LINES * N>;

fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// e^(2*pi*i*k/N), conjugate for the forward transform.
fn root(k: u32) -> vec2<f32> {
    let w = roots[k % N];
    return vec2<f32>(w.x, select(w.y, -w.y, FORWARD == 1u));
}

// i*a for the inverse transform, -i*a for the forward one.
fn quarter(a: vec2<f32>) -> vec2<f32> {
    return select(vec2<f32>(-a.y, a.x), vec2<f32>(a.y, -a.x), FORWARD == 1u);
}

fn fetch(flip: bool, at: u32) -> vec2<f32> {
    if flip {
        return pong[at];
    }
    return ping[at];
}

fn store(flip: bool, at: u32, value: vec2<f32>) {
    if flip {
        ping[at] = value;
    } else {
        pong[at] = value;
    }
}

// From `ping`; returns whether the result lies in `pong`.
fn transform(line: u32, lane: u32) -> bool {
    let lanes = THREADS / LINES;
    let base = line * N;
    var flip = false;
    var left = N;
    var stride = 1u;
    while left > 1u {
        var radix = 2u;
        if left % 4u == 0u {
            radix = 4u;
        } else if left % 3u == 0u {
            radix = 3u;
        }
        let rest = left / radix;
        workgroupBarrier();
        for (var j = lane; j < N / radix; j += lanes) {
            let p = j / stride;
            let q = j % stride;
            let from_ = base + q + stride * p;
            let step = stride * rest;
            let to_ = base + q + stride * radix * p;
            let turn = p * stride;
            if radix == 4u {
                let a = fetch(flip, from_);
                let b = fetch(flip, from_ + step);
                let c = fetch(flip, from_ + 2u * step);
                let d = fetch(flip, from_ + 3u * step);
                let e = a + c;
                let f = a - c;
                let g = b + d;
                let h = quarter(b - d);
                store(flip, to_, e + g);
                store(flip, to_ + stride, times(f + h, root(turn)));
                store(flip, to_ + 2u * stride, times(e - g, root(2u * turn)));
                store(flip, to_ + 3u * stride, times(f - h, root(3u * turn)));
            } else if radix == 3u {
                let a = fetch(flip, from_);
                let b = fetch(flip, from_ + step);
                let c = fetch(flip, from_ + 2u * step);
                let sum = b + c;
                let mean = a - 0.5 * sum;
                let side = quarter(b - c) * 0.86602540;
                store(flip, to_, a + sum);
                store(flip, to_ + stride, times(mean + side, root(turn)));
                store(flip, to_ + 2u * stride, times(mean - side, root(2u * turn)));
            } else {
                let a = fetch(flip, from_);
                let b = fetch(flip, from_ + step);
                store(flip, to_, a + b);
                store(flip, to_ + stride, times(a - b, root(turn)));
            }
        }
        flip = !flip;
        left = rest;
        stride *= radix;
    }
    workgroupBarrier();
    return flip;
}

// Where bin i - HALF lies among N.
fn wrapped(i: u32) -> u32 {
    return (i + N - HALF) % N;
}
