//! The program `plenary`: runs the command of the command line, and prints why it failed.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use plenary_server::{cli::Cli, failure::Failure, run};

/// Memory is constantly freed on another thread than it was allocated on; the system's allocator takes a lock for that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    use_small_pages();
    run_command()
}

/// Has the kernel give memory in small pages, before there is much of it. With huge ones the allocator, which asks for them, held
/// 16 MB more at rest, and a seat with media took 226 instead of 140 KiB; the packets became no cheaper.
fn use_small_pages() {
    // A kernel that knows nothing of it gives small ones.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[tokio::main]
async fn run_command() -> ExitCode {
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
