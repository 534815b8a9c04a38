//! Joins a room as many listeners, who publish nothing and receive the stage. Prints `{"joined":200}` once the media of all
//! is connected, and for each line of its input the sums of all listeners since they joined; ends with its input.
//!
//! ```text
//! audience --server http://127.0.0.1:8080 --room climate < one-invitation-per-line-and-an-empty-line
//! ```

use std::error::Error;
use std::io::BufRead;
use std::time::Duration;

use clap::Parser;
use plenary_client::{Config, Count, Media, Participant, Server, Slots};
use serde_json::json;
use tokio::sync::mpsc;

const CONNECT_TIMEOUT: Duration = Duration::from_mins(2);

#[derive(Parser)]
struct Arguments {
    /// The server's address, as `http://host:port`.
    #[arg(long)]
    server: String,
    /// The id of the room to join.
    #[arg(long)]
    room: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let server = Server::new(&arguments.server)?;
    let mut lines = input();
    let mut listeners = Vec::new();
    while let Some(invitation) = lines.recv().await.filter(|line| !line.is_empty()) {
        let media = Media {
            slots: Slots {
                voices: 1,
                stage: true,
                ..Slots::NONE
            },
            ..Media::default()
        };
        let config =
            Config::new(server.clone(), invitation, arguments.room.clone()).with_media(media);
        let (listener, mut events) = Participant::join(config).await?;
        listener.connected(CONNECT_TIMEOUT).await?;
        tokio::spawn(async move { while events.next().await.is_some() {} });
        listeners.push(listener);
    }
    println!("{}", json!({"joined": listeners.len()}));

    while lines.recv().await.is_some() {
        let counts: Vec<Count> = listeners
            .iter()
            .flat_map(|listener| listener.counts().into_values())
            .collect();
        let sum = |field: fn(&Count) -> u64| counts.iter().map(field).sum::<u64>();
        println!(
            "{}",
            json!({
                "packets": sum(|count| count.packets),
                "bytes": sum(|count| count.bytes),
                "frames": sum(|count| count.frames),
                "missing": sum(|count| count.missing),
            })
        );
    }
    Ok(())
}

/// The lines of standard input.
fn input() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}
