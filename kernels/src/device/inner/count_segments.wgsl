// Frame: 0 first row of tiles, 1 rows of pixels.
@group(0) @binding(0) var<storage, read> segments: array<Segment>;
@group(0) @binding(1) var<storage, read> frame: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> behind: array<atomic<i32>>;

// Adds to how much is covered behind a tile's left side, as a difference along y.
fn add(tile: u32, row: i32, value: i32) {
    if row < TILE && value != 0 {
        atomicAdd(&behind[tile * 64u + u32(row)], value);
    }
}

@compute @workgroup_size(THREADS)
fn count_segments(@builtin(global_invocation_id) id: vec3<u32>) {
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
            atomicAdd(&counts[base + column], 1u);
        }
        let next = last_column(s) + 1u;
        if next >= TILES_X {
            continue;
        }
        let first = max(s.y0, row * TILE);
        let last = min(s.y1, row * TILE + TILE - 1);
        let y = first - row * TILE;
        // Rows between the first and the last are alike.
        add(base + next, y, cover(s, first));
        if last > first {
            add(base + next, y + 1, cover(s, first + 1) - cover(s, first));
        }
        if last > first + 1 {
            add(base + next, y + last - first, cover(s, last) - cover(s, last - 1));
        }
        add(base + next, y + last - first + 1, -cover(s, last));
    }
}
