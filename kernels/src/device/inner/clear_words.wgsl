@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(THREADS)
fn clear_words(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * ROW;
    if i < WORDS {
        words[i] = 0u;
    }
}
