//! Joins a room as a listener, and prints each second how many packets of sound came and the longest gap between two.
//!
//! One line of JSON each second, `{"packets":50,"longest_gap_ms":24.1}`. A gap that is still going on counts with its
//! length so far.
//!
//! ```text
//! sound_gaps --server http://127.0.0.1:8080 --invitation TOKEN --room climate
//! ```

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use plenary_client::{Config, FrameObserver, Media, Participant, Server, Slots};
use serde_json::json;

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
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// The arrivals of sound since the last report.
#[derive(Debug, Default)]
struct Arrivals {
    latest: Option<Instant>,
    longest_gap: Duration,
    packets: u64,
}

impl Arrivals {
    fn extend_gap(&mut self, now: Instant) {
        if let Some(latest) = self.latest {
            self.longest_gap = self.longest_gap.max(now.duration_since(latest));
        }
    }
}

/// Observes the only voice that the listener receives: its one slot.
#[derive(Debug, Default)]
struct SoundGaps(Mutex<Arrivals>);

impl SoundGaps {
    fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of packets and the longest gap since the last report.
    fn report(&self) -> (u64, Duration) {
        let mut arrivals = self.arrivals();
        arrivals.extend_gap(Instant::now());
        let Arrivals {
            longest_gap,
            packets,
            ..
        } = *arrivals;
        arrivals.longest_gap = Duration::ZERO;
        arrivals.packets = 0;
        (packets, longest_gap)
    }
}

impl FrameObserver for SoundGaps {
    fn on_frame(&self, _mid: &str, _start: &[u8]) {
        let now = Instant::now();
        let mut arrivals = self.arrivals();
        arrivals.extend_gap(now);
        arrivals.latest = Some(now);
        arrivals.packets += 1;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let gaps = Arc::new(SoundGaps::default());
    let server = Server::new(&arguments.server)?;
    let media = Media {
        slots: Slots {
            voices: 1,
            ..Slots::NONE
        },
        observer: Some(gaps.clone()),
        ..Media::default()
    };
    let config = Config::new(server, arguments.invitation, arguments.room).with_media(media);
    let (participant, mut events) = Participant::join(config).await?;
    participant.connected(CONNECT_TIMEOUT).await?;

    let report = async {
        let mut ticks = tokio::time::interval(REPORT_INTERVAL);
        loop {
            ticks.tick().await;
            let (packets, longest) = gaps.report();
            println!(
                "{}",
                json!({"packets": packets, "longest_gap_ms": longest.as_secs_f64() * 1e3})
            );
        }
    };
    let read = async { while events.next().await.is_some() {} };
    tokio::select! {
        () = report => {}
        () = read => eprintln!("the server closed the connection"),
    }
    Ok(())
}
