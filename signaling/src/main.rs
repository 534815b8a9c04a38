//! The program: reads the command line, does it, and says in words what went wrong.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use plenary_server::{cli::Cli, failure::Failure, run};

/// What is decided on one thread is written and freed on another, all the time; the system's allocator locks for that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // `| head` has seen enough.
        Err(failure) if failure.is_a_closed_pipe() => ExitCode::SUCCESS,
        // Its lines begin with file, line and column, as editors read them.
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
