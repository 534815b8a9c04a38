//! The journal: an append-only, hash-chained log per room, durable before anything is acknowledged.
//!
//! It stores bytes and does not know their meaning. A room appends [`Entry`]s at the sequence number that it expects
//! ([`Append`], optimistic concurrency), together with the replies to the commands that caused them and now and then a
//! snapshot; all of it becomes durable in one step, or none. Each [`Record`] carries a [`Hash`] over the record before
//! it (a hash chain), so that a changed log is detected. [`Log`] is the interface that a room needs, and suits a
//! replicated log too; [`Journal`] implements it on this machine's disk with SQLite's write-ahead log, and [`Reader`]
//! reads a data folder with or without a running server.
//!
//! Start at [`Log`], then [`Journal::open`]. The group commit is in `writer.rs`, the tables are in `migration.rs`.
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

#![warn(clippy::indexing_slicing)]

mod copy;
mod error;
mod folder;
mod follow;
mod health;
mod journal;
mod lock;
mod log;
mod migration;
mod prepared;
mod reader;
mod record;
mod reply_batch;
mod reply_index;
mod schema;
mod shared;
mod writer;

pub use copy::copy;
pub use error::{AppendError, CorruptRecord, OpenError, ReadError};
pub use follow::Follow;
pub use health::{DiskFault, Health, SlowDisk};
pub use journal::{Journal, LostWal};
pub use lock::is_in_use;
pub use log::{Append, Log, LogFuture, Recovery, Snapshot, StoredReply};
pub use reader::{Reader, Records};
pub use record::{Entry, Hash, HashChain, Head, Record};
