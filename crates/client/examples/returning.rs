//! Joins a room, rejoins whenever the connection ends, as a browser does, and prints when media arrives.
//!
//! It prints one line of JSON for each join, `{"seated":{"resumed":true,"session":"…"},"at_ms":…}`, and for the first
//! packet of each connection, `{"packet":{"slot":"…"},"at_ms":…}`; times are milliseconds since 1970.
//!
//! ```text
//! returning --server http://127.0.0.1:8080 --invitation TOKEN --room climate [--listen]
//! ```

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use plenary_client::{Config, Events, Media, Participant, Server, Slots, Source};
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    /// The server's address, as `http://host:port`.
    #[arg(long)]
    server: String,
    /// The invitation, as `plenary invite` prints it.
    #[arg(long)]
    invitation: String,
    /// The id of the room to join.
    #[arg(long)]
    room: String,
    /// Receives media and publishes nothing.
    #[arg(long)]
    listen: bool,
}

/// The pause after a failed connection.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let source = if arguments.listen {
        Source::default()
    } else {
        Source::city("Tokyo", [0xc8, 0x1e, 0x3c], 440)?
    };
    let mut resume = None;
    loop {
        let server = Server::new(&arguments.server)?;
        let mut config =
            Config::new(server, &arguments.invitation, &arguments.room).with_media(Media {
                source: source.clone(),
                slots: Slots::default(),
                ..Media::default()
            });
        config.resume.clone_from(&resume);
        match Participant::join(config).await {
            Ok((participant, events)) => resume = Some(stay(participant, events).await),
            Err(error) => {
                eprintln!("{error}");
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        }
    }
}

/// Stays until the connection ends, and returns the session and the sequence number to resume from.
async fn stay(participant: Participant, mut events: Events) -> (String, u64) {
    let welcome = participant.welcome();
    let session = participant.session().to_owned();
    print_line(json!({"seated": {"resumed": welcome["resumed"] == true, "session": session}}));
    let mut seq = welcome["seq"].as_u64().unwrap_or(0);
    let first = async {
        let mut slot = None;
        let counted = participant.until_counted(Duration::from_hours(1), |counts| {
            slot = counts
                .iter()
                .find(|(_, count)| count.packets > 0)
                .map(|(mid, _)| mid.clone());
            slot.is_some()
        });
        if counted.await.is_ok() {
            print_line(json!({"packet": {"slot": slot}}));
        }
        std::future::pending::<()>().await;
    };
    let read = async {
        while let Some(event) = events.next().await {
            seq = event["seq"].as_u64().unwrap_or(seq);
        }
    };
    tokio::select! {
        () = first => {}
        () = read => {}
    }
    (session, seq)
}

fn print_line(mut line: Value) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    line["at_ms"] = json!(now.as_secs_f64() * 1000.0);
    println!("{line}");
}
