use lithoscope_engine::{layout, opc::*};
use std::path::Path;
use std::time::Instant;
fn main() {
    let dir = Path::new("/work/shared/iccad13");
    let args: Vec<String> = std::env::args().skip(1).collect();
    let recipe = match args.first().map(String::as_str) {
        Some(f) if f.ends_with(".toml") => {
            Recipe::parse(f, &std::fs::read_to_string(f).unwrap()).unwrap()
        }
        Some(n) => Recipe::named(n).unwrap(),
        None => Recipe::named("iccad13-no-sraf").unwrap(),
    };
    let mut sum = [0.0f64; 5];
    for i in 1..=10 {
        let lay = layout::open(&dir.join(format!("M1_test{i}.glp"))).unwrap();
        let clip = lay.default_clip(2048).unwrap();
        let process = load_process(&recipe, clip.window, Some(dir), None).unwrap();
        let t = Instant::now();
        let mut run = OpcRun::new(&clip, &recipe, &process).unwrap();
        let t0 = t.elapsed().as_secs_f64();
        while run.step().unwrap().is_some() {}
        let dt = t.elapsed().as_secs_f64();
        let b = run.best();
        let m = run.history()[b].metrics;
        let f = run.history().last().unwrap().metrics;
        println!(
            "{i}: best {b} L2 {} PVB {} EPE {} shots {} | last {} {} {} | frags {} gauges {} | setup {t0:.3} s total {dt:.2} s {:.2} ms/step {:?}",
            m.l2_nm2,
            m.pvb_nm2,
            m.epe_violations,
            m.shots,
            f.l2_nm2,
            f.pvb_nm2,
            f.epe_violations,
            run.target().fragments().len(),
            run.gauges().len(),
            (dt - t0) / run.total_steps() as f64 * 1e3,
            run.topology(b)
        );
        for (s, v) in sum.iter_mut().zip([
            m.l2_nm2 as f64,
            m.pvb_nm2 as f64,
            m.epe_violations as f64,
            m.shots as f64,
            dt,
        ]) {
            *s += v / 10.0;
        }
    }
    println!("avg {sum:?}");
}
