@group(0) @binding(0) var<storage, read> edges: array<Edge>;
@group(0) @binding(1) var<storage, read> tables: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> form: array<f32>;
@group(0) @binding(3) var<storage, read> ranges: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> tone: array<f32>;
@group(0) @binding(5) var<storage, read_write> spectrum: array<vec2<f32>>;

var<workgroup> sums: array<vec2<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn mask_spectrum(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let bins = HALF + 1u;
    let n = group.x / width;
    let column = group.x % width;
    let m = select(HALF - column, column - HALF, column >= HALF);
    let range = ranges[group.y];
    var sum = vec2<f32>(0.0, 0.0);
    for (var i = local.x; i < range.y; i += THREADS) {
        let e = range.x + i;
        var across = vec2<f32>(edges[e].at_share, 0.0);
        if m > 0u {
            let phase = tables[2u * e * bins + m];
            let size = form[m] / (6.2831853 * f32(m));
            across = vec2<f32>(-phase.y, phase.x) * size;
        }
        if column < HALF {
            across.y = -across.y;
        }
        sum += times(across, tables[(2u * e + 1u) * bins + n]);
    }
    sums[local.x] = sum;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if local.x < step {
            sums[local.x] += sums[local.x + step];
        }
        workgroupBarrier();
    }
    if local.x == 0u {
        let change = vec2<f32>(tone[0], tone[1]);
        let shape = sums[0];
        let base = group.y * width * width;
        let own = base + column * width + HALF + n;
        let mirrored = base + (2u * HALF - column) * width + HALF - n;
        if n > 0u {
            spectrum[own] = times(change, shape);
            spectrum[mirrored] = times(change, vec2<f32>(shape.x, -shape.y));
        } else if column > HALF {
            // Row 0 holds both signs of m: one of them writes the pair.
            spectrum[own] = times(change, shape);
            spectrum[mirrored] = times(change, vec2<f32>(shape.x, -shape.y));
        } else if column == HALF {
            spectrum[own] = times(change, vec2<f32>(shape.x, 0.0)) + vec2<f32>(tone[2], tone[3]);
        }
    }
}
