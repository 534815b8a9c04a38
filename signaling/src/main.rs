//! The program: reads the command line, does it, and says in words what went wrong.

use std::process::ExitCode;

use clap::Parser;
use plenary_server::{cli::Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // `| head` has seen enough.
        Err(failure) if failure.is_a_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("plenary: {failure}");
            ExitCode::FAILURE
        }
    }
}
