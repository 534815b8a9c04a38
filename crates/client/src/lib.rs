//! A headless participant, for tests, load and the cities of the demo.
//!
//! It does what a browser does: redeems an invitation, opens the WebSocket, offers a microphone, a camera and its slots,
//! publishes encoded loops and counts what arrives in each slot. It implements the protocol independently, without any
//! crate of the server, so that it does not repeat the server's bugs. It decodes no media and interprets no events: they
//! are JSON values for the caller.
//!
//! Start with [`Participant::join`]; [`Source::city`] creates media to publish.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use plenary_client::{Config, Media, Participant, Server, Source};
//! use serde_json::json;
//!
//! # async fn example() -> Result<(), plenary_client::Error> {
//! let server = Server::new("http://127.0.0.1:8080")?;
//! let media = Media {
//!     source: Source::city("Tokyo", [200, 30, 60], 440)?,
//!     ..Media::default()
//! };
//! let config = Config::new(server, "the invitation", "climate").with_media(media);
//! let (tokyo, mut events) = Participant::join(config).await?;
//! tokyo.connected(Duration::from_secs(5)).await?;
//! tokyo.command("floor.request", json!({"kind": "statement"})).await?;
//! events.until("floor.granted", Duration::from_secs(60), |_| true).await?;
//! tokyo.leave().await;
//! # Ok(())
//! # }
//! ```

mod codecs;
mod counters;
mod http;
mod link;
mod participant;
mod peer;
mod problem;
mod slots;
mod sources;

pub use counters::{Count, FrameObserver, Kind};
pub use http::{Credentials, Server};
pub use hyper::Method;
pub use link::Closed;
pub use participant::{Conduct, Config, Entry, Events, Media, Participant};
pub use problem::{Error, Problem};
pub use slots::{Shows, Slot, Slots};
pub use sources::{Clip, FrameSource, PICTURE_HEIGHT, PICTURE_WIDTH, Source, SourceError};
