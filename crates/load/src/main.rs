//! Puts a Plenary server under load from one process, and reports what its participants received.
//!
//! It is a client of the protocol (`docs/protocol.md`) and nothing else: it works against any server by its address and
//! invitations. It is no WebRTC stack: [`media`] does as much of one as the server needs to see a healthy client. For
//! comparison, [`janus`] puts the same participants into a room of the Janus WebRTC server.
//!
//! Start with [`run::run`], which is a run from its first connection to its report.

mod attend;
mod chair;
mod failure;
mod invitations;
mod janus;
mod media;
mod metrics;
mod options;
mod process;
mod progress;
mod report;
mod run;
mod seat;
mod server;
mod socket;
mod statistics;

use std::{path::Path, process::ExitCode};

use clap::Parser;
use failure::LoadError;
use options::Options;
use report::Report;

fn main() -> ExitCode {
    let options = Options::parse();
    match load(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plenary-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(options: &Options) -> Result<(), LoadError> {
    // Signaling needs one thread; media has its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = if let Some(janus) = &options.janus {
        runtime.block_on(janus::run(options, janus))?
    } else {
        let invitations = invitations::read(&options.invitations)?;
        runtime.block_on(run::run(options, &invitations))?
    };
    write(options, &report)
}

fn write(options: &Options, report: &Report) -> Result<(), LoadError> {
    let text = report::text(report);
    let output = &options.output;
    let json = || serde_json::to_string_pretty(report).unwrap_or_default();
    match output.json.as_deref() {
        Some(file) if file == Path::new("-") => {
            println!("{}", json());
            eprint!("{text}");
        }
        Some(file) => {
            print!("{text}");
            write_file(file, &json())?;
        }
        None => print!("{text}"),
    }
    if let Some(file) = output.html.as_deref() {
        write_file(file, &report::page(report))?;
    }
    Ok(())
}

fn write_file(file: &Path, text: &str) -> Result<(), LoadError> {
    std::fs::write(file, text).map_err(|error| LoadError::Unwritable(file.to_owned(), error))
}
