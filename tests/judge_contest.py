#!/usr/bin/env python3
"""Correct the ten contest clips with the program and judge the written masks independently.

    tests/judge_contest.py [--program target/release/lithoscope] [--shared ../shared] [--out DIR]
                           [--recipe NAME]

Prints a table, and fails unless the report's own figures equal the judge's and, with the recipe
iccad13-no-sraf, the averages, times and memory stay within the promised bounds. Needs python's
klayout, numpy and scipy; where they or the reference data are absent it says so and exits 0.
"""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOUNDS = {"l2": 28_000, "pvb": 56_000, "epe": 4, "shots": 75}
SECONDS, BYTES = 10.0, 500e6
# Pixels whose intensity lies within rounding of the threshold may fall either way.
PIXELS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "target/release/lithoscope"))
    parser.add_argument("--shared", default=os.environ.get("LITHOSCOPE_SHARED", str(ROOT.parent / "shared")))
    parser.add_argument("--out", help="folder for masks and reports; a temporary one unless given")
    parser.add_argument("--recipe", default="iccad13-no-sraf")
    return parser.parse_args()


def correct(a, clip, out):
    """Run the program on one clip; its report."""
    mask, report = out / f"{clip}.gds", out / f"{clip}.json"
    subprocess.run(
        [a.program, "opc", f"{a.shared}/iccad13/{clip}.glp", "--recipe", a.recipe, "--kernels",
         f"{a.shared}/iccad13", "-o", mask, "--report", report, "--quiet"],
        check=True)
    return json.loads(report.read_text())


def judge(a, clip, out):
    """The judge's figures for one written mask."""
    command = [sys.executable, f"{a.shared}/tools/judge.py", f"{a.shared}/iccad13/{clip}.glp",
               str(out / f"{clip}.gds"), "--layer", "2/0", "--layer", "3/0"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def differences(report, verdict):
    """Where the report and the judge disagree, in words."""
    best = report["best"]
    pairs = [("l2", best["l2_nm2"], PIXELS), ("pvb", best["pvb_nm2"], PIXELS),
             ("epe", best["epe_violations"], 0), ("shots", best["shots"], 0)]
    pairs += [(name, best[name], 0) for name in ("missing", "broken", "bridged", "extra")]
    return [f"{name}: report {own}, judge {verdict[name]}" for name, own, slack in pairs
            if abs(own - verdict[name]) > slack]


def main():
    a = arguments()
    absent = [m for m in ("klayout", "numpy", "scipy") if importlib.util.find_spec(m) is None]
    if absent or not Path(a.shared, "iccad13").is_dir():
        print(f"skipped: {'python lacks ' + ', '.join(absent) if absent else 'no reference data in ' + a.shared}")
        return 0
    out = Path(a.out or tempfile.mkdtemp(prefix="lithoscope-contest-"))
    out.mkdir(parents=True, exist_ok=True)
    clips = [f"M1_test{i}" for i in range(1, 11)]
    reports = {clip: correct(a, clip, out) for clip in clips}  # one at a time: they are timed
    with ThreadPoolExecutor(2) as pool:
        verdicts = dict(zip(clips, pool.map(lambda clip: judge(a, clip, out), clips)))
    wrong = []
    print(f"{'clip':10} {'L2':>7} {'PVB':>7} {'EPE':>4} {'shots':>6} {'s':>6} {'MB':>6} {'width':>6} {'space':>6}  printed shapes")
    for clip in clips:
        v, r = verdicts[clip], reports[clip]
        shapes = ", ".join(f"{v[n]} {n}" for n in ("missing", "broken", "bridged", "extra") if v[n]) or "all"
        seconds, megabytes = r["seconds"]["total"], r.get("peak_memory_bytes", 0) / 1e6
        print(f"{clip:10} {v['l2']:7} {v['pvb']:7} {v['epe']:4} {v['shots']:6} {seconds:6.2f} {megabytes:6.0f} {v['min_width']:6} {v['min_space']:6}  {shapes}")
        wrong += [f"{clip}: {d}" for d in differences(r, v)]
        if seconds > SECONDS:
            wrong.append(f"{clip}: {seconds:.1f} s, more than {SECONDS:.0f}")
        if megabytes > BYTES / 1e6:
            wrong.append(f"{clip}: {megabytes:.0f} MB, more than {BYTES / 1e6:.0f}")
    averages = {name: sum(v[name] for v in verdicts.values()) / len(clips) for name in BOUNDS}
    seconds = sum(r["seconds"]["total"] for r in reports.values()) / len(clips)
    print(f"{'average':10} {averages['l2']:7.0f} {averages['pvb']:7.0f} {averages['epe']:4.1f} {averages['shots']:6.1f} {seconds:6.2f}")
    if a.recipe == "iccad13-no-sraf":
        wrong += [f"average {n} {averages[n]:.1f}, more than {b}" for n, b in BOUNDS.items() if averages[n] > b]
    for line in wrong:
        print(f"FAILED {line}")
    print(f"masks and reports: {out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
