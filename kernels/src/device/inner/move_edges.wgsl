// Settings: turns of 2^-32 a nm, shares of the period a nm.
struct Moving {
    still: Edge,
    at_by: u32,
    from_by: u32,
    to_by: u32,
}
@group(0) @binding(0) var<storage, read> moving: array<Moving>;
@group(0) @binding(1) var<storage, read> offsets: array<f32>;
@group(0) @binding(2) var<storage, read> settings: array<f32>;
@group(0) @binding(3) var<storage, read_write> edges: array<Edge>;

// How far a coordinate goes, nm: 0 stays, 1 + 2i goes with offset i, 2 + 2i against it.
fn gone(by: u32) -> f32 {
    if by == 0u {
        return 0.0;
    }
    let offset = offsets[(by - 1u) / 2u];
    return select(offset, -offset, by % 2u == 0u);
}

fn turns(nm: f32) -> u32 {
    return u32(i32(round(nm * settings[0])));
}

@compute @workgroup_size(THREADS)
fn move_edges(@builtin(global_invocation_id) id: vec3<u32>) {
    let e = id.x + id.y * ROW;
    if e >= EDGES {
        return;
    }
    let own = moving[e];
    let at = gone(own.at_by);
    let from_ = gone(own.from_by);
    let to_ = gone(own.to_by);
    var edge = own.still;
    edge.at += turns(at);
    edge.middle += turns(0.5 * (from_ + to_));
    edge.half_length += turns(0.5 * (to_ - from_));
    edge.at_share += at * settings[1];
    edge.length_share += (to_ - from_) * settings[1];
    edges[e] = edge;
}
