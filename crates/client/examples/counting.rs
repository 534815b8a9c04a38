//! Joins a room, publishes a picture and a tone all the time, and prints as JSON what each slot shows and has received,
//! until its input ends.
//!
//! ```text
//! counting --server http://127.0.0.1:8080 --invitation TOKEN --room climate
//! ```

use std::error::Error;
use std::time::Duration;

use clap::Parser;
use plenary_client::{Config, Media, Participant, Server, Source};
use serde_json::json;
use tokio::sync::oneshot;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Parser)]
struct Arguments {
    /// The address of the server's pages, such as `http://127.0.0.1:8080`.
    #[arg(long)]
    server: String,
    /// The invitation, as `plenary invite` prints it.
    #[arg(long)]
    invitation: String,
    /// The id of the room to join.
    #[arg(long)]
    room: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let server = Server::new(&arguments.server)?;
    let media = Media {
        source: Source::city("Plenary", [0x2f, 0x6f, 0x4f], 440)?,
        ..Media::default()
    };
    let config = Config::new(server, arguments.invitation, arguments.room).with_media(media);
    let (participant, _events) = Participant::join(config).await?;
    participant.connected(CONNECT_TIMEOUT).await?;
    println!(
        "{}",
        json!({"connected": true, "slots": slots(&participant)})
    );

    let mut ended = input_ended();
    let mut ticks = tokio::time::interval(REPORT_INTERVAL);
    loop {
        tokio::select! {
            _ = ticks.tick() => println!("{}", json!({"slots": slots(&participant)})),
            _ = &mut ended => break,
        }
    }
    participant.leave().await;
    Ok(())
}

fn slots(participant: &Participant) -> Vec<serde_json::Value> {
    let counts = participant.counts();
    let slots = participant.slots().iter();
    slots
        .map(|slot| json!({"slot": slot, "shows": participant.shows(&slot.mid), "count": counts.get(&slot.mid)}))
        .collect()
}

/// Resolves when standard input ends.
fn input_ended() -> oneshot::Receiver<()> {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    end
}
