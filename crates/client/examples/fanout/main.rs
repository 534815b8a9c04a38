//! What signaling costs the server, each figure beside a yardstick in the same run: the CPU time of an event in a full room,
//! of a relayed signal and of a join, and the memory of a seat.
//!
//! `cargo run --release -p plenary-client --example fanout`, after `cargo build --release -p plenary`. `PLENARY_BIN` names
//! another server, `ROUNDS` and `SEATED` change its size, and an argument (`events`, `relay`, `joins`) picks one figure.

mod figures;
mod lean;
mod load;
mod process;

use std::error::Error;

/// What a figure fails with.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    let figure = std::env::args().nth(1).unwrap_or_default();
    if figure == "lean" {
        return lean::serve();
    }
    // One thread: the load must not take both cores.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(figures::print(&figure))
}
