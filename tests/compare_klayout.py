#!/usr/bin/env python3
"""What KLayout's module reads from layout files, as JSON on standard output.

    tests/compare_klayout.py FILE...             per top cell and layer: shapes and merged area
    tests/compare_klayout.py --outlines FILE...  per cell: the corners of its shapes, in order

Shapes are counted as they stand when flattened (boxes, polygons and paths); areas are in database
units squared. A file that KLayout refuses has an "error". Without the module the exit code is 3.
"""
import json
import os
import sys

try:
    import klayout.db as db
except ImportError:
    sys.exit(3)


def loaded(path):
    layout = db.Layout()
    layout.read(path)
    return layout


def layers(layout):
    for index in layout.layer_indexes():
        info = layout.get_info(index)
        yield f"{info.layer}/{info.datatype}", index


def summary(layout):
    cells = {}
    for cell in layout.top_cells():
        found = {}
        for name, index in layers(layout):
            region = db.Region(cell.begin_shapes_rec(index))
            region.merged_semantics = False
            if region.count():
                shapes = region.count()
                found[name] = {"shapes": shapes, "area": region.merged().area()}
        cells[cell.name] = found
    return {"dbu": layout.dbu, "cells": cells}


def corners(shape):
    return [[p.x, p.y] for p in shape.polygon.each_point_hull()]


def outlines(layout):
    found = {}
    for cell in layout.each_cell():
        shapes = [s for _, index in layers(layout) for s in cell.shapes(index).each()]
        found[cell.name] = [corners(s) for s in shapes if s.is_path() or s.is_polygon() or s.is_box()]
    return found


def main():
    # KLayout prints its warnings on standard output; that is for the JSON alone.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    arguments = sys.argv[1:]
    look = outlines if arguments[:1] == ["--outlines"] else summary
    answer = {}
    for path in arguments[look is outlines:]:
        try:
            answer[path] = look(loaded(path))
        except RuntimeError as error:
            answer[path] = {"error": str(error)}
    json.dump(answer, output)
    output.close()


main()
