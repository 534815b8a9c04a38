#!/usr/bin/env bash
# Builds the packages into target/package: a .deb, and a tar with the same statically linked binary. `make package` calls it.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v strip >/dev/null || { echo "plenary: 'strip' is needed: apt install binutils" >&2; exit 1; }
cargo deb --version >/dev/null 2>&1 || cargo install --locked cargo-deb

target=$(rustc -vV | sed -n 's/^host: //p')
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
out=target/package
mkdir -p "$out/image"

# With a target named, the flags hold for the program only, not for build scripts and procedural macros, which cannot be
# static.
RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --release -p plenary --target "$target"
cargo deb --no-build --strip -p plenary --target "$target" --output "$out/"

cp "target/$target/release/plenary" "$out/image/plenary"
strip "$out/image/plenary"
name="plenary-$version-${target%%-*}-linux"
rm -rf "${out:?}/$name"
mkdir -p "$out/$name/examples"
cp "$out/image/plenary" README.md LICENSE CHANGELOG.md config/plenary.toml config/package/plenary.service "$out/$name/"
cp config/conferences/cmc-2021.toml "$out/$name/examples/"
cp -r docs "$out/$name/docs"
tar --sort=name --owner=0 --group=0 --numeric-owner -C "$out" -cJf "$out/$name.tar.xz" "$name"
rm -r "${out:?}/$name"
ls -l "$out"/*.deb "$out"/*.tar.xz
