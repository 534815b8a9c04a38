//! Joins a room, publishes a picture and a tone, and prints the counters of each slot as JSON.
//!
//! ```text
//! participant --server http://127.0.0.1:8080 --invitation TOKEN --room climate \
//!     --name Tokyo --colour c81e3c --tone 440 --seconds 10 --request
//! ```

use std::error::Error;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use plenary_client::{Conduct, Config, Media, Participant, Server, Slots, Source};
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    /// The server's address; an invitation link works too.
    #[arg(long)]
    server: String,
    /// The invitation, as `plenary invite` prints it.
    #[arg(long)]
    invitation: String,
    /// The id of the room to join.
    #[arg(long)]
    room: String,
    /// The name written on the picture.
    #[arg(long, default_value = "Plenary")]
    name: String,
    /// The picture's background, as six hexadecimal digits.
    #[arg(long, default_value = "2f6f4f", value_parser = colour)]
    colour: [u8; 3],
    /// The tone's frequency in hertz.
    #[arg(long, default_value_t = 440)]
    tone: u32,
    /// How many seconds to stay.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The number of slots for small pictures.
    #[arg(long, default_value_t = 0)]
    tiles: usize,
    /// How the participant takes part.
    #[arg(long, value_enum, default_value_t = Part::Speaker)]
    part: Part,
    /// Requests the floor after joining.
    #[arg(long)]
    request: bool,
    /// Prints every event to standard error.
    #[arg(long)]
    events: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Publishes and receives, and stops when told to.
    Speaker,
    /// Publishes and receives, and ignores the server's requests to stop.
    Hostile,
    /// Receives media and publishes nothing.
    Listener,
    /// Uses the WebSocket only, without media.
    Signaling,
}

fn colour(text: &str) -> Result<[u8; 3], String> {
    let [_, red, green, blue] = u32::from_str_radix(text, 16)
        .map_err(|error| error.to_string())?
        .to_be_bytes();
    Ok([red, green, blue])
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let server = Server::new(&arguments.server)?;
    let mut config = Config::new(server, arguments.invitation, arguments.room);
    if arguments.part != Part::Signaling {
        let source = if arguments.part == Part::Listener {
            Source::default()
        } else {
            Source::city(&arguments.name, arguments.colour, arguments.tone)?
        };
        let conduct = if arguments.part == Part::Hostile {
            Conduct::Hostile
        } else {
            Conduct::Fair
        };
        config = config.with_media(Media {
            source,
            slots: Slots {
                tiles: arguments.tiles,
                ..Slots::default()
            },
            conduct,
            ..Media::default()
        });
    }

    let (participant, mut events) = Participant::join(config).await?;
    participant.connected(Duration::from_secs(15)).await?;
    if arguments.request {
        let reply = participant.command("floor.request", json!({})).await;
        eprintln!("floor.request: {reply:?}");
    }
    let watch = async {
        while let Some(event) = events.next().await {
            if arguments.events {
                eprintln!("{event}");
            }
        }
    };
    // Ends early when the server closes the connection.
    let _ = tokio::time::timeout(Duration::from_secs(arguments.seconds), watch).await;

    let counts = participant.counts();
    let slots: Vec<_> = participant
        .slots()
        .iter()
        .map(|slot| json!({"slot": slot, "shows": participant.shows(&slot.mid), "count": counts.get(&slot.mid)}))
        .collect();
    println!(
        "{}",
        json!({"session": participant.session(), "you": participant.welcome()["you"], "slots": slots})
    );
    participant.leave().await;
    Ok(())
}
