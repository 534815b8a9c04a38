//! The cities of `plenary demo --with-cities`: headless delegates with moving pictures and tones.
//!
//! Reads from standard input an array of invitations, as `plenary invite --format json` prints them, takes a seat in
//! every room of each, and leaves when the input ends. The demo keeps the input open, so the cities end with
//! it, even when it is killed.

mod attend;
mod palette;

use std::io;
use std::process::ExitCode;

use plenary_client::{Config, Server, Source, SourceError};
use serde::Deserialize;
use tokio::task::{JoinSet, spawn_blocking};
use tracing_subscriber::EnvFilter;

/// The part of an invitation that a delegate needs; the other fields are ignored.
#[derive(Debug, Deserialize)]
struct Invitation {
    person: String,
    /// The text written across the picture.
    name: String,
    rooms: Vec<String>,
    #[serde(rename = "invitation")]
    secret: String,
    /// The link for browsers, which begins with the server's address.
    url: String,
}

#[derive(Debug, thiserror::Error)]
enum CitiesError {
    #[error("standard input is not an array of invitations: {0}")]
    Invitations(#[from] serde_json::Error),
    #[error(transparent)]
    Address(#[from] plenary_client::Error),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(EnvFilter::from_default_env())
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plenary-cities: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), CitiesError> {
    let invitations = spawn_blocking(read_invitations).await??;
    let _delegates = seat(&invitations)?;
    spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())).await??;
    Ok(())
}

/// Reads one JSON array and not the input's end, which comes only when the delegates are to leave.
fn read_invitations() -> Result<Vec<Invitation>, serde_json::Error> {
    Vec::deserialize(&mut serde_json::Deserializer::from_reader(
        io::stdin().lock(),
    ))
}

/// Starts a task for every seat. The delegates vanish when the set is dropped.
fn seat(invitations: &[Invitation]) -> Result<JoinSet<()>, CitiesError> {
    let mut delegates = JoinSet::new();
    for (invitation, (colour, hertz)) in invitations.iter().zip(palette::palette()) {
        let server = Server::new(&invitation.url)?;
        // Encoded once for all rooms.
        let source = Source::city(&invitation.name, colour, hertz)?;
        for room in &invitation.rooms {
            let config = Config::new(server.clone(), &invitation.secret, room);
            delegates.spawn(attend::attend(
                config,
                invitation.person.clone(),
                source.clone(),
            ));
        }
    }
    Ok(delegates)
}
