#!/usr/bin/env python3
"""Times KLayout's module loading layout files: median of nine, and the peak memory of a process.

    tests/time_klayout.py FILE...

To be set beside `cargo bench -p lithoscope-tests --bench layout`, run next to it.
"""
import subprocess
import sys
import time

import klayout.db as db

PEAK = """
import sys
import klayout.db as db

def peak():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

before = peak()
layout = db.Layout()
layout.read(sys.argv[1])
print(f"{peak():.1f} MB, {peak() - before:.1f} MB of it for the layout")
"""


def seconds(path):
    start = time.perf_counter()
    layout = db.Layout()
    layout.read(path)
    return time.perf_counter() - start


for path in sys.argv[1:]:
    times = sorted(seconds(path) for _ in range(9))
    peak = subprocess.run(
        [sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True
    ).stdout.strip()
    print(f"{path}: {1e3 * times[4]:.1f} ms ({1e3 * times[0]:.1f} to {1e3 * times[-1]:.1f}), {peak}")
