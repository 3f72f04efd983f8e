@group(0) @binding(0) var<storage, read> segments: array<Segment>;
@group(0) @binding(1) var<storage, read> frame: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> lists: array<u32>;

@compute @workgroup_size(THREADS)
fn list_segments(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= SEGMENTS {
        return;
    }
    let s = segments[i];
    let start = i32(frame[0]);
    let low = max(s.y0 / TILE, start);
    let high = min(s.y1 / TILE, start + i32(TILES_Y) - 1);
    for (var row = low; row <= high; row += 1) {
        let base = u32(row - start) * TILES_X;
        for (var column = first_column(s); column <= last_column(s); column += 1u) {
            let tile = base + column;
            lists[starts[tile] + atomicAdd(&counts[tile], 1u)] = i;
        }
    }
}
