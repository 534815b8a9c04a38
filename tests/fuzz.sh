#!/usr/bin/env bash
# A minute (or FUZZ_SECONDS) of every fuzz target of every crate. What it finds is kept in target/fuzz; a crash is written
# to the crate's fuzz/artifacts, and ends this with an error.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
# The sanitizers are unstable; the compiler is the pinned one all the same.
export RUSTC_BOOTSTRAP=1
for fuzz in crates/*/fuzz; do
  for target in $(cargo fuzz list --fuzz-dir "$fuzz"); do
    found="target/fuzz/found/$target"
    mkdir -p "$found"
    seeds=()
    for folder in "$fuzz/seeds/$target" "$fuzz/corpus/$target"; do
      if [ -d "$folder" ]; then seeds+=("$folder"); fi
    done
    echo "fuzzing $fuzz $target"
    cargo fuzz run -O --fuzz-dir "$fuzz" --target-dir target/fuzz "$target" "$found" "${seeds[@]}" -- \
      -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10
  done
done
