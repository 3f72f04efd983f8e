// Settings: 0 cells a unit of x, 1 largest value.
@group(0) @binding(0) var<storage, read> cells: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read> from_: array<f32>;
@group(0) @binding(3) var<storage, read_write> to_: array<f32>;

@compute @workgroup_size(THREADS)
fn linear_table(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i >= WORDS {
        return;
    }
    let x = from_[i];
    // Asked of the bits, since compilers may take it that nothing is NaN: above 0, infinity too.
    var place = 0.0;
    if bitcast<u32>(x) - 1u < 0x7f800000u {
        place = min(x * settings[0], f32(CELLS));
    }
    let cell = min(u32(place), CELLS - 1u);
    to_[i] = min(cells[cell].x + (place - f32(cell)) * cells[cell].y, settings[1]);
}
