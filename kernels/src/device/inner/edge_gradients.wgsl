@group(0) @binding(0) var<storage, read> edges: array<Edge>;
@group(0) @binding(1) var<storage, read> tables: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> form: array<f32>;
@group(0) @binding(3) var<storage, read> adjoint: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> gradients: array<f32>;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn edge_gradients(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let width = 2u * HALF + 1u;
    let bins = HALF + 1u;
    let e = group.x + group.y * ROW;
    if e >= EDGES {
        return;
    }
    let edge = edges[e];
    var sum = 0.0;
    for (var i = local.x; i < width * width; i += THREADS) {
        // Bins along the edge's own direction and across it.
        let u = i / width;
        let v = i % width;
        let s = select(HALF - u, u - HALF, u >= HALF);
        let t = select(HALF - v, v - HALF, v >= HALF);
        var along = tables[(2u * e + 1u) * bins + s];
        if u < HALF {
            along.y = -along.y;
        }
        var across = tables[2u * e * bins + t] * form[t];
        if v < HALF {
            across.y = -across.y;
        }
        // Rows of the adjoint are n, columns m.
        let at = select(u * width + v, v * width + u, edge.is_horizontal == 1u);
        sum += times(adjoint[edge.place * width * width + at], times(along, across)).x;
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
        // Outward is to the edge's right whichever way it runs.
        gradients[e] = select(sums[0], -sums[0], edge.length_share < 0.0) * form[bins];
    }
}
