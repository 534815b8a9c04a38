//! What happened, kept: an append-only log per room that is on disk before anybody is told.
//!
//! It knows bytes, not what they mean. A room appends [`Entry`]s at the place it expects to be at ([`Append`]), together
//! with the replies they answer and now and then a snapshot; all of it is durable in one step, or none of it. Each
//! [`Record`] carries a [`Hash`] over the record before it, so that a log cannot be changed unseen. [`Log`] is what a
//! room needs of a log, and suits a replicated one; [`Journal`] is the one on this machine's disk, and [`Reader`] reads
//! its folder beside a running server or without one.
//!
//! Start at [`Log`], then [`Journal::open`]. How many appends share one commit is in `writer.rs`, the tables are in
//! `schema.rs`.
//!
//! ```
//! use plenary_ids::{Moment, RoomId, Seq};
//! use plenary_journal::{Append, Entry, Journal, Log};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let journal = Journal::open(folder.path())?;
//! let room = RoomId::new("climate")?;
//! let entries = vec![Entry { at: Moment(1_634_000_400_000), body: "{}".into() }];
//! let head = journal.append(Append { entries, ..Append::after(room.clone(), Seq(0)) }).await?;
//! assert_eq!(head.seq, Seq(1));
//! assert_eq!(journal.read(room, Seq(0), 10).await?[0].hash, head.hash);
//! # Ok(())
//! # }
//! ```

mod error;
mod folder;
mod follow;
mod handed;
mod health;
mod journal;
mod log;
mod reader;
mod record;
mod replied;
mod schema;
mod writer;

pub use error::{AppendError, Flaw, OpenError, ReadError};
pub use follow::Follow;
pub use health::{Health, Slow, Trouble};
pub use journal::Journal;
pub use log::{Answer, Append, Log, Recovery, Reply, Snapshot};
pub use reader::{Reader, Records};
pub use record::{Chain, Entry, Hash, Head, Record};
