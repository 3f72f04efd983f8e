//! Writes the sample layouts into `samples/`: `cargo run -p lithoscope-engine --example make_samples`.

use std::path::Path;

mod shapes;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    for (name, bytes) in shapes::all()? {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
