@group(0) @binding(0) var<storage, read> segments: array<Segment>;
@group(0) @binding(1) var<storage, read> frame: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> behind: array<i32>;
@group(0) @binding(5) var<storage, read_write> pixels: array<f32>;

// Changes of the covered area, along x and y: 64 x 64.
var<workgroup> changes: array<atomic<i32>, 4096>;

// Neighbours along x and along y lie in different banks.
fn at(row: i32, column: i32) -> u32 {
    return u32(row * 64 + (column ^ (row & 31)));
}

fn add(row: i32, column: i32, value: i32) {
    if row < TILE && column < TILE && value != 0 {
        atomicAdd(&changes[at(row, column)], value);
    }
}

// Adds an upright segment's part in column x: the first and last row, and what changes between.
fn add_upright(s: Segment, first: i32, last: i32, top_row: i32, column: i32) {
    let kept = 1.0 - s.fx;
    let y = first - top_row;
    var before = vec2<i32>(0, 0);
    for (var i = 0; i < 4; i += 1) {
        // The rows in which the cover changes: first, second, last, the one after.
        var row = first;
        if i == 1 {
            row = first + 1;
        } else if i == 2 {
            row = max(last, first + 2);
        } else if i == 3 {
            row = last + 1;
        }
        var now = vec2<i32>(0, 0);
        if row <= last {
            let height = cover(s, row);
            let own = i32(round(f32(height) * kept));
            now = vec2<i32>(own, height - own);
        } else if i != 3 {
            continue;
        }
        add(y + row - first, column, now.x - before.x);
        add(y + row - first, column + 1, now.y - before.y);
        before = now;
    }
}

// Share of the columns left of u that lies right of a slanted piece from 0 to w.
fn right_of(u: f32, w: f32) -> f32 {
    if u <= 0.0 {
        return 0.0;
    }
    if u < w {
        return u * u / (2.0 * w);
    }
    return u - 0.5 * w;
}

// Adds a slanted segment's part of one row; left: the tile's first column.
fn add_slanted(s: Segment, row: i32, top_row: i32, left: i32) {
    let height = cover(s, row);
    let rise = f32(s.y1 - s.y0) + f32(s.top - s.bottom) / f32(ONE);
    let low = f32(row - s.y0) + f32(select(-s.bottom, 0, row == s.y0)) / f32(ONE);
    let high = f32(row - s.y0) + f32(select(ONE, s.top, row == s.y1) - s.bottom) / f32(ONE);
    let a = s.fx + s.dx * clamp(low / rise, 0.0, 1.0);
    let b = s.fx + s.dx * clamp(high / rise, 0.0, 1.0);

    let start = min(a, b);
    let w = max(a, b) - start;
    let first = clamp(i32(floor(start)) + s.x - left, 0, TILE);
    let last = min(i32(floor(start + w)) + s.x - left, TILE - 1);
    var before = 0;
    for (var column = first; column <= last; column += 1) {
        let u = f32(column - (s.x - left)) - start;
        let share = right_of(u + 1.0, w) - right_of(u, w);
        let now = i32(round(f32(height) * clamp(share, 0.0, 1.0)));
        add(row - top_row, column, now - before);
        add(row - top_row + 1, column, before - now);
        before = now;
    }
    let after = clamp(last + 1, first, TILE);
    add(row - top_row, after, height - before);
    add(row - top_row + 1, after, before - height);
}

@compute @workgroup_size(THREADS)
fn tile_coverage(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let tile = group.y * TILES_X + group.x;
    let t = i32(local.x);
    for (var row = 0; row < TILE; row += 1) {
        atomicStore(&changes[at(row, t)], 0);
    }
    workgroupBarrier();
    atomicStore(&changes[at(t, 0)], behind[tile * 64u + local.x]);
    workgroupBarrier();
    let top_row = i32(group.y + frame[0]) * TILE;
    let left = i32(group.x) * TILE;
    for (var i = starts[tile] + local.x; i < starts[tile + 1u]; i += THREADS) {
        let s = segments[lists[i]];
        let first = max(s.y0, top_row);
        let last = min(s.y1, top_row + TILE - 1);
        if s.dx == 0.0 {
            add_upright(s, first, last, top_row, s.x - left);
        } else {
            for (var row = first; row <= last; row += 1) {
                add_slanted(s, row, top_row, left);
            }
        }
    }
    workgroupBarrier();
    var sum = 0;
    for (var row = 0; row < TILE; row += 1) {
        sum += atomicLoad(&changes[at(row, t)]);
        atomicStore(&changes[at(row, t)], sum);
    }
    workgroupBarrier();
    sum = 0;
    for (var column = 0; column < TILE; column += 1) {
        sum += atomicLoad(&changes[at(t, column)]);
        atomicStore(&changes[at(t, column)], sum);
    }
    workgroupBarrier();
    let x = group.x * 64u + local.x;
    for (var row = 0; row < TILE; row += 1) {
        let y = group.y * 64u + u32(row);
        if x < NX && y < frame[1] {
            pixels[y * NX + x] = f32(atomicLoad(&changes[at(row, t)])) / f32(ONE);
        }
    }
}
