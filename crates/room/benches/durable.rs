//! The cost of durability: commands of a hundred senders that are answered when they are on disk, beside plain SQLite
//! that writes the same bytes in as many transactions; and the time to open a log of a million records.
//!
//! ```text
//! cargo bench -p plenary-room --bench durable
//! ```
//!
//! Both run nine times in turn on the same disk, because a shared disk is slow at times. `TMPDIR` selects the disk: on one
//! without syncs, such as a tmpfs, the figures mean little.

#![expect(clippy::unwrap_used, reason = "a program for people who measure")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use mimalloc::MiMalloc;
use plenary_conference::Conference;
use plenary_ids::Seq;
use plenary_journal::{Append, Entry, Journal, Log, Reader, StoredReply};
use plenary_protocol::{Command, CommandId};
use plenary_room::{Caller, Clock, Fold, Preconditions, RoomConfig, RoomHandle};
use plenary_testkit::{START, conference::ConferenceFile, person, room::IdleMediaPlane, room_id};
use rusqlite::{Connection, Row, params};
use serde_json::json;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SENDERS: usize = 100;
const COMMANDS: usize = 200;
const ROUNDS: usize = 9;
const RECORDS: u64 = 1_000_000;

fn conference() -> Conference {
    let ids: Vec<String> = (0..SENDERS).map(|city| format!("city{city}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let file = ConferenceFile::new(&["en"]).cities(&ids);
    file.room("climate", "Climate", "").parse()
}

async fn open(folder: &Path) -> (Journal, RoomHandle) {
    let conference = conference();
    let journal = Journal::open(folder).unwrap();
    let config = RoomConfig::of(&conference, &conference.rooms[0]);
    let log = Arc::new(journal.clone());
    let room = RoomHandle::open(config, Arc::new(IdleMediaPlane), Clock::new(), log).await;
    (journal, room.unwrap())
}

/// Every sender sends its commands one after the other, each after the previous reply.
async fn commands(folder: &Path) -> (Duration, u64) {
    let (journal, room) = open(folder).await;
    let started = Instant::now();
    let senders = (0..SENDERS).map(|sender| {
        let room = room.clone();
        tokio::spawn(async move {
            let person = person(&format!("city{sender}-1"));
            for number in 0..COMMANDS {
                let text = json!({"text": format!("The {number}th word of delegate {sender}, as long as words are.")});
                let command = Command::read("chat.post", text.as_object().cloned().unwrap()).unwrap();
                let caller = Caller::new(person.clone());
                let guard = Preconditions {
                    idempotency_key: CommandId::new(&format!("1f0c9a3e-55b2-4a6c-9d0e-{sender:04}{number:08}")).ok(),
                    if_match: None,
                };
                room.command(caller, command, guard).await.unwrap();
            }
        })
    });
    for sender in join_all(senders).await {
        sender.unwrap();
    }
    (started.elapsed(), journal.health().commits)
}

/// The same records, each with its hash and its time, and the same replies into two plain tables, in as many transactions.
fn plain(written: &Path, commits: u64, folder: &Path) -> (Duration, usize) {
    let from = Connection::open(written.join("journal.db")).unwrap();
    let rows = |sql: &str, columns: usize| -> Vec<Vec<u8>> {
        let mut statement = from.prepare(sql).unwrap();
        let column = |row: &Row<'_>, index| row.get::<_, Vec<u8>>(index).unwrap();
        let row = |row: &Row<'_>| Ok((0..columns).flat_map(|it| column(row, it)).collect());
        let rows = statement.query_map([], row).unwrap();
        rows.map(Result::unwrap).collect()
    };
    // SQLite keeps a time in six bytes.
    let sql = "SELECT hash, unhex(printf('%012x', at)), body FROM record ORDER BY place";
    let records = rows(sql, 3);
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let sql = "SELECT replies FROM batch WHERE replies IS NOT NULL ORDER BY place";
    let replies = rows(sql, 1);
    let replies: Vec<&[u8]> = replies.iter().flat_map(|batch| one_by_one(batch)).collect();
    assert_eq!(replies.len(), SENDERS * COMMANDS);

    let mut to = Connection::open(folder.join("plain.db")).unwrap();
    to.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE record (id INTEGER PRIMARY KEY, body BLOB); CREATE TABLE reply (id INTEGER PRIMARY KEY, body BLOB);",
    )
    .unwrap();
    let batch = records.len().div_ceil(usize::try_from(commits).unwrap());
    let started = Instant::now();
    for (records, replies) in records.chunks(batch).zip(replies.chunks(batch)) {
        let step = to.transaction().unwrap();
        for (table, bodies) in [("record", records), ("reply", replies)] {
            let sql = format!("INSERT INTO {table} (body) VALUES (?1)");
            let mut insert = step.prepare_cached(&sql).unwrap();
            for body in bodies {
                insert.execute(params![body]).unwrap();
            }
        }
        step.commit().unwrap();
    }
    (started.elapsed(), batch)
}

/// The replies of a batch: a person, a key and a body, each after its length.
fn one_by_one(batch: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut replies) = (batch, Vec::new());
    while !rest.is_empty() {
        let length = (0..3).fold(0, |at, _| {
            let length: [u8; 4] = rest[at..at + 4].try_into().unwrap();
            at + 4 + usize::try_from(u32::from_be_bytes(length)).unwrap()
        });
        let (reply, others) = rest.split_at(length);
        replies.push(reply);
        rest = others;
    }
    replies
}

async fn durable() {
    let all = f64::from(u32::try_from(SENDERS * COMMANDS).unwrap());
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (took, commits) = commands(one.path()).await;
        let ours = all / took.as_secs_f64();
        let (took, batch) = plain(one.path(), commits, other.path());
        let theirs = all / took.as_secs_f64();
        ratios.push(ours / theirs);
        println!(
            "durable commands/s, {SENDERS} senders: {ours:.0}; plain SQLite, the same bytes {batch} to a transaction: \
             {theirs:.0}; ratio {:.2}",
            ours / theirs
        );
    }
    ratios.sort_by(f64::total_cmp);
    verdict(
        "ratio to plain SQLite, median",
        ratios[ROUNDS / 2],
        ratios[ROUNDS / 2] >= 0.7,
        ">= 0.7",
    );
}

/// A log of chat messages and replies as a room writes it, with a snapshot at the place of the last one.
async fn write_million(folder: &Path) {
    const PAGE: u64 = 5000;
    let conference = conference();
    let journal = Journal::open(folder).unwrap();
    let config = RoomConfig::of(&conference, &conference.rooms[0]);
    let room = config.id.clone();
    let mut fold = Fold::new(&config);
    let first = Append {
        snapshot: Some(fold.snapshot().into()),
        ..Append::after(room.clone(), Seq(0))
    };
    let mut head = journal.append(first).await.unwrap();
    while head.seq.0 < RECORDS {
        let entries = (head.seq.0 + 1..=head.seq.0 + PAGE).map(|seq| {
            let event = json!({"seq": seq, "at": "2021-10-12T01:00:00.000Z", "type": "chat.posted", "id": seq,
                "from": "city0-1", "to": "room", "text": format!("The {seq}th word, as long as words usually are.")});
            Entry {
                at: START,
                body: event.to_string().into(),
            }
        });
        let entries: Vec<Entry> = entries.collect();
        let replies = (head.seq.0 + 1..=head.seq.0 + PAGE).map(|seq| StoredReply {
            person: person("city0-1"),
            idempotency_key: format!("1f0c9a3e-55b2-4a6c-9d0e-{seq:012}"),
            body: format!("{{\"result\":{{\"id\":{seq}}}}}").into(),
        });
        let append = Append {
            entries,
            replies: replies.collect(),
            ..Append::after(room.clone(), head.seq)
        };
        head = journal.append(append).await.unwrap();
        // A room writes a snapshot every few hundred events; one before the last page is enough here.
        if head.seq.0 + PAGE <= RECORDS {
            for record in journal
                .read(room.clone(), Seq(head.seq.0 - PAGE), 5000)
                .await
                .unwrap()
            {
                fold.take(&record).unwrap();
            }
        }
        if head.seq.0 + PAGE == RECORDS {
            let snapshot = Some(fold.snapshot().into());
            let append = Append {
                snapshot,
                ..Append::after(room.clone(), head.seq)
            };
            journal.append(append).await.unwrap();
        }
    }
}

async fn million() {
    let folder = tempfile::tempdir().unwrap();
    write_million(folder.path()).await;
    let mut times = Vec::new();
    for _ in 0..5 {
        let started = Instant::now();
        let (journal, room) = open(folder.path()).await;
        times.push(started.elapsed().as_secs_f64());
        drop((room, journal));
        // The room's task drops the journal once its last handle is gone.
        while Journal::open(folder.path()).is_err() {
            tokio::task::yield_now().await;
        }
    }
    times.sort_by(f64::total_cmp);
    verdict(
        "seconds to open a log of a million records, median",
        times[2],
        times[2] < 1.0,
        "< 1",
    );
    let started = Instant::now();
    let reader = Reader::open(folder.path()).unwrap();
    reader.verify(&room_id("climate")).unwrap();
    println!(
        "seconds to verify it: {:.2}",
        started.elapsed().as_secs_f64()
    );
}

fn verdict(what: &str, value: f64, met: bool, target: &str) {
    let met = if met { "met" } else { "MISSED" };
    println!("{what}: {value:.3} (target {target}: {met})");
}

#[tokio::main]
async fn main() {
    println!("cargo bench -p plenary-room --bench durable");
    durable().await;
    million().await;
}
