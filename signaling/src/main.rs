//! The program `plenary`: runs the command of the command line, and prints why it failed.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use plenary_server::{cli::Cli, failure::Failure, run};

/// Memory is constantly freed on another thread than it was allocated on; the system's allocator takes a lock for that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // As after `| head`, which is no failure.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        // The lines begin with file, line and column, which editors can read.
        Err(faults @ Failure::Conference(_)) => {
            eprintln!("{faults}");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("plenary: {failure}");
            ExitCode::FAILURE
        }
    }
}
