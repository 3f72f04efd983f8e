use lithoscope_engine::layout::*;
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let out = std::path::PathBuf::from(&a[0]);
    std::fs::create_dir_all(&out).unwrap();
    for f in &a[1..] {
        let t = Instant::now();
        let l = open(std::path::Path::new(f)).unwrap();
        let tr = t.elapsed();
        for ext in ["oas", "gds", "oas.gz", "gds.gz"] {
            let stem = std::path::Path::new(f).file_name().unwrap().to_string_lossy().into_owned();
            let o = out.join(format!("{stem}.{ext}"));
            let t = Instant::now();
            let w = write(&o, &l, &WriteOptions::default());
            let dt = t.elapsed();
            let size = std::fs::metadata(&o).map(|m| m.len()).unwrap_or(0);
            println!(
                "{stem}.{ext} {size} write {dt:.3?} read {tr:.3?} {}",
                match w {
                    Ok(w) => w
                        .lost
                        .iter()
                        .chain(&w.beyond)
                        .map(|n| n.to_string())
                        .collect::<Vec<_>>()
                        .join("; "),
                    Err(e) => e.to_string(),
                }
            );
        }
    }
}
