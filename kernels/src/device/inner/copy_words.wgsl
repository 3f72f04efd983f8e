@group(0) @binding(0) var<storage, read> from_: array<u32>;
@group(0) @binding(1) var<storage, read_write> to_: array<u32>;

@compute @workgroup_size(THREADS)
fn copy_words(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i < WORDS {
        to_[i] = from_[i];
    }
}
