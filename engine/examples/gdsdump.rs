use lithoscope_engine::layout::*;
fn prop(p: &Properties) -> String {
    let Some(p) = p else { return String::new() };
    let mut v: Vec<String> = p
        .iter()
        .map(|p| {
            let PropertyName::Number(n) = &p.name else { panic!() };
            let PropertyValue::Bytes(b) = &p.values[0] else { panic!() };
            format!("{n}={}", String::from_utf8_lossy(b))
        })
        .collect();
    v.sort();
    format!(" P[{}]", v.join(","))
}
fn main() {
    for f in std::env::args().skip(1) {
        let l = match open(std::path::Path::new(&f)) {
            Ok(l) => l,
            Err(e) => {
                println!("ERR {e}");
                continue;
            }
        };
        let mut out = Vec::new();
        let name = |id: CellId| l.cells()[id.0].name.clone();
        for c in l.cells() {
            let n = &c.name;
            out.push(format!("cell {n}{}", prop(&c.properties)));
            for (layer, shapes) in c.layers() {
                for s in shapes.iter() {
                    let (ring, _) = s.geometry.ring();
                    let mut r: Vec<(i32, i32)> = ring.iter().map(|p| (p.x, p.y)).collect();
                    r.dedup();
                    while r.len() > 1 && r[0] == r[r.len() - 1] {
                        r.pop();
                    }
                    let m = (0..r.len()).min_by_key(|&i| r[i]).unwrap_or(0);
                    r.rotate_left(m);
                    let kind = match s.geometry {
                        Geometry::Path { width, ends, ref spine } => {
                            format!("path w{width} n{} round{} ", spine.len(), ends == Ends::Round)
                        }
                        _ => "poly ".into(),
                    };
                    out.push(format!(
                        "{n} {}/{} {kind}{r:?}{}",
                        layer.number,
                        layer.datatype,
                        prop(s.properties)
                    ));
                }
            }
            for t in &c.texts {
                let st = t.style.as_ref().map_or(String::new(), |s| {
                    format!(
                        " mirror{} a{} m{}",
                        s.transform.mirror_x, s.transform.angle_deg, s.transform.magnification
                    )
                });
                out.push(format!(
                    "{n} {}/{} text {:?} {} {}{}{}",
                    t.layer.number,
                    t.layer.datatype,
                    t.string,
                    t.at.x,
                    t.at.y,
                    if std::env::var("STYLE").is_ok() { st } else { String::new() },
                    prop(&t.properties)
                ));
            }
            for i in &c.instances {
                let offs: Vec<[i64; 2]> = i
                    .repetition
                    .as_ref()
                    .map_or(vec![[0, 0]], |r| r.offsets().take(20000).collect());
                let t = &i.transform;
                for o in offs {
                    out.push(format!(
                        "{n} inst {} {} {} m{} a{:.3} s{:.4}{}",
                        name(i.cell),
                        t.origin.x as i64 + o[0],
                        t.origin.y as i64 + o[1],
                        t.mirror_x,
                        t.angle_deg.rem_euclid(360.0),
                        t.magnification,
                        prop(&i.properties)
                    ));
                }
            }
        }
        out.sort();
        println!("unit {} {}", l.unit_nm, prop(&l.properties));
        for o in out {
            println!("{o}");
        }
    }
}
