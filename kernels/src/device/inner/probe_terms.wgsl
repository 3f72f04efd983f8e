// Settings: 0 threshold, 1 EPE steepness, 2 EPE margin, 3 EPE weight, 4 guard steepness,
// 5 guard margin, 6 guard weight, 7 share of the gradient: 1, or 0 to leave it out.
struct Probe {
    image: u32,
    side: f32,
    dose2: f32,
    is_guard: u32,
}
@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> probes: array<Probe>;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read> columns: array<f32>;
@group(0) @binding(4) var<storage, read> settings: array<f32>;
@group(0) @binding(5) var<storage, read_write> slopes: array<f32>;
@group(0) @binding(6) var<storage, read_write> terms: array<f32>;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn probe_terms(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let p = group.x + group.y * ROW;
    if p >= PROBES {
        return;
    }
    let probe = probes[p];
    var sum = 0.0;
    for (var x = local.x; x < N; x += THREADS) {
        var down = 0.0;
        for (var y = 0u; y < N; y += 1u) {
            down += rows[p * N + y] * images[(probe.image * N + y) * N + x];
        }
        sum += down * columns[p * N + x];
    }
    sums[local.x] = sum;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if local.x < step {
            sums[local.x] += sums[local.x + step];
        }
        workgroupBarrier();
    }
    if local.x == 0u {
        // How far on the wrong side.
        let wrong = probe.side * (settings[0] - probe.dose2 * sums[0]);
        var term = 0.0;
        var slope = 0.0;
        if probe.is_guard == 1u {
            let x = settings[4] * (wrong + settings[5]);
            var grown = x;
            if x < -10.0 {
                // log(1 + small) loses what is small.
                grown = exp(x);
            } else if x <= 20.0 {
                grown = log(1.0 + exp(x));
            }
            term = settings[6] * grown;
            slope = settings[6] * settings[4] * sigmoid(x);
        } else {
            let z = sigmoid(settings[1] * (wrong + settings[2]));
            term = settings[3] * z;
            slope = settings[3] * settings[1] * z * (1.0 - z);
        }
        terms[p] = term;
        slopes[p] = -probe.side * probe.dose2 * slope;
    }
}
