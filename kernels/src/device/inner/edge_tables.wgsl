@group(0) @binding(0) var<storage, read> edges: array<Edge>;
@group(0) @binding(1) var<storage, read> form: array<f32>;
@group(0) @binding(2) var<storage, read_write> tables: array<vec2<f32>>;

@compute @workgroup_size(THREADS)
fn edge_tables(@builtin(global_invocation_id) id: vec3<u32>) {
    let bins = HALF + 1u;
    let i = id.x + id.y * ROW;
    if i >= EDGES * bins {
        return;
    }
    let e = i / bins;
    let bin = i % bins;
    let edge = edges[e];
    tables[2u * e * bins + bin] = unit(0u - bin * edge.at);
    var along = vec2<f32>(edge.length_share, 0.0);
    if bin > 0u {
        // The difference of both ends' phases, without their cancelling.
        let size = unit(bin * edge.half_length).y * form[bin] / (3.14159265 * f32(bin));
        along = unit(0u - bin * edge.middle) * size;
    }
    tables[(2u * e + 1u) * bins + bin] = along;
}
