#!/usr/bin/env bash
# Fills fuzz/corpus from the samples and, where it is there, the reference data.
set -euo pipefail
cd "$(dirname "$0")"
shared=${LITHOSCOPE_SHARED:-../../shared}

gather() {
  local target=$1 suffix=$2
  shift 2
  mkdir -p "corpus/$target"
  # Small files only: a fuzzer makes nothing of large ones.
  find "$@" -name "*.$suffix" -size -64k -exec cp -f --no-preserve=mode {} "corpus/$target/" \; 2>/dev/null || true
  echo "$target: $(find "corpus/$target" -type f | wc -l) files"
}

gather gds gds ../samples "$shared/gds"
gather oasis oas ../samples "$shared/oasis"
gather glp glp ../samples "$shared/clips" "$shared/iccad13"
# The layer properties of a real process are too large to be fuzzed; this is enough to start from.
mkdir -p corpus/lyp
printf '<layer-properties><properties><source>1/0@1</source><fill-color>#ff80a8</fill-color><visible>true</visible></properties></layer-properties>' >corpus/lyp/small.lyp
