//! Takes a seat and takes it again whenever the connection ends, as a browser does, and says when media arrives.
//!
//! One line of JSON for each: `{"seated":{"resumed":true,"session":"…"},"at_ms":…}` and, for the first packet of each
//! connection, `{"packet":{"slot":"…"},"at_ms":…}`; times are milliseconds since 1970.
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
    /// The server's address.
    #[arg(long)]
    server: String,
    /// The invitation, as `plenary invite` prints it.
    #[arg(long)]
    invitation: String,
    /// The room's id.
    #[arg(long)]
    room: String,
    /// Publishes nothing.
    #[arg(long)]
    listen: bool,
}

/// How soon a connection that was refused is tried again.
const PATIENCE: Duration = Duration::from_millis(100);

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
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// Until the connection ends; gives where to go on.
async fn stay(participant: Participant, mut events: Events) -> (String, u64) {
    let welcome = participant.welcome();
    let session = participant.session().to_owned();
    say(json!({"seated": {"resumed": welcome["resumed"] == true, "session": session}}));
    let mut seq = welcome["seq"].as_u64().unwrap_or(0);
    let first = async {
        let mut slot = None;
        let heard = participant.until_counted(Duration::from_hours(1), |counts| {
            slot = counts
                .iter()
                .find(|(_, count)| count.packets > 0)
                .map(|(mid, _)| mid.clone());
            slot.is_some()
        });
        if heard.await.is_ok() {
            say(json!({"packet": {"slot": slot}}));
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

fn say(mut line: Value) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    line["at_ms"] = json!(now.as_secs_f64() * 1000.0);
    println!("{line}");
}
