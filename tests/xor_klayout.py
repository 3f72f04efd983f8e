#!/usr/bin/env python3
"""Compare layouts as KLayout reads them: equal units, layers and, on every layer, merged regions.

    tests/xor_klayout.py [--strict] A B [A B …]

Each pair must have the same database unit, the same layers with a shape in their top cells taken
together, and regions whose XOR is empty. OASIS files on the right are read in KLayout's strict mode
with --strict. Prints one line a pair and fails where one differs. Needs python's klayout; where it
is absent it says so and exits with 77.
"""
import sys

try:
    import klayout.db as db
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)


def read(path, strict):
    """The layout of a file."""
    options = db.LoadLayoutOptions()
    if strict and (path.endswith(".oas") or path.endswith(".oas.gz")):
        options.oasis_expect_strict_mode = 1
    layout = db.Layout()
    layout.read(path, options)
    return layout


def regions(layout):
    """Layer to merged region, all top cells together, in database units."""
    found = {}
    for index in layout.layer_indexes():
        region = db.Region()
        for cell in layout.top_cells():
            region += db.Region(cell.begin_shapes_rec(index))
        region.merge()
        if not region.is_empty():
            info = layout.get_info(index)
            key = (info.layer, info.datatype) if info.layer >= 0 else info.name
            found[key] = found.get(key, db.Region()) + region
    return found


def differences(left, right, strict):
    """In words."""
    a, b = read(left, False), read(right, strict)
    if abs(a.dbu - b.dbu) > 1e-12 * a.dbu:
        return [f"unit {a.dbu} and {b.dbu}"]
    cells = [sorted(c.name for c in layout.top_cells()) for layout in (a, b)]
    if cells[0] != cells[1]:
        return [f"top cells {cells[0]} and {cells[1]}"]
    a, b = regions(a), regions(b)
    if a.keys() != b.keys():
        return [f"layers {sorted(map(str, a))} and {sorted(map(str, b))}"]
    return [f"layer {key}: {(a[key] ^ b[key]).area()} differ" for key in a if not (a[key] ^ b[key]).is_empty()]


def main():
    files = [argument for argument in sys.argv[1:] if argument != "--strict"]
    strict = len(files) < len(sys.argv) - 1
    failed = 0
    for left, right in zip(files[::2], files[1::2]):
        found = differences(left, right, strict)
        failed += bool(found)
        print(f"{right}: {'; '.join(found) or 'equal'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
