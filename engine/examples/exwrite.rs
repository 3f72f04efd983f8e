use lithoscope_engine::layout::*;
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let out = std::path::PathBuf::from(&a[0]);
    std::fs::create_dir_all(&out).unwrap();
    {
        let b = |s: &str| PropertyValue::Bytes(s.as_bytes().into());
        let gds = |n: u32, v: &str| Property {
            name: PropertyName::Number(n),
            values: vec![b(v)],
            standard: false,
        };
        let user = Property {
            name: PropertyName::Text("USER".into()),
            values: vec![PropertyValue::Real(0.25), PropertyValue::Signed(-5), b("hi there")],
            standard: false,
        };
        let mut c = Cell::new("TOP");
        let l = Layer::new(5, 1);
        for i in 0..3 {
            let id = c
                .on(l)
                .push_rect(lithoscope_engine::geometry::Rect::new(100 * i, 0, 100 * i + 50, 50))
                .unwrap();
            c.on(l).note(id, Some(vec![gds(7, "seven"), gds(8, "x")].into()));
        }
        let id =
            c.on(l).push_rect(lithoscope_engine::geometry::Rect::new(0, 500, 50, 550)).unwrap();
        c.on(l).note(id, Some(vec![user.clone()].into()));
        let id =
            c.on(l).push_rect(lithoscope_engine::geometry::Rect::new(0, 700, 50, 750)).unwrap();
        c.on(l).note(id, Some(vec![user].into()));
        for i in 0..4 {
            c.texts.push(Text {
                layer: Layer::new(6, 2),
                string: if i % 2 == 0 { "A B".into() } else { "Z".into() },
                at: lithoscope_engine::geometry::Point::new(i * i * 7, 30 - i),
                style: None,
                repetition: (i == 3)
                    .then(|| Repetition::List(vec![[0, 0], [5, 9], [11, -4]].into())),
                properties: (i == 2).then(|| vec![gds(3, "t")].into()),
            });
        }
        let mut ly = Layout::new("x", 1.0, vec![c]);
        ly.layer_names.insert(l, "metal".into());
        ly.layer_names.insert(Layer::new(6, 2), "lab".into());
        for e in ["gds", "oas"] {
            write(&out.join(format!("props.{e}")), &ly, &WriteOptions::default()).unwrap();
        }
    }
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
