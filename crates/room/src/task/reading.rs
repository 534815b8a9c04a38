//! Past events, for devices that return and for readers of the history.

use std::sync::Arc;

use bytes::Bytes;
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_journal::Log;
use plenary_protocol::{Code, Problem, Resume};
use ring::digest::{Context, SHA256};

use super::{EncodedEvent, Room, batch::Arrival};
use crate::{Member, message::Responder};

/// How many missed events a returning device receives; one that missed more receives a snapshot.
const MAX_RESUMED_EVENTS: usize = 4096;
/// How many events one read of the history returns.
const MAX_HISTORY_EVENTS: usize = 10_000;
/// After how many events that were read from the log others have their turn.
const EVENTS_AT_ONCE: usize = 256;

/// Past events as a reader may see them.
type Read = Result<Vec<Bytes>, Problem>;

// A read of the log borrows the room mutably, because a batch that the log is writing cannot be shared.
impl Room {
    /// What a device receives on arrival: the events that it missed, if its session is of this log and not too far back,
    /// else the room as it is. A page that was loaded anew resumes from 0, and receives the room.
    pub(super) fn arrival(&self, reader: &Member, resume: Option<&Resume>) -> Arrival {
        let seq = self.state.seq;
        match resume {
            Some(resume)
                if (Seq(1)..=seq).contains(&resume.seq)
                    && resume.session.is_in(&self.realm(&reader.person))
                    && seq.0 - resume.seq.0 <= MAX_RESUMED_EVENTS as u64 =>
            {
                Arrival::Since(resume.seq)
            }
            _ => Arrival::Room(None),
        }
    }

    /// The events after one place up to another, oldest first.
    pub(super) async fn missed(
        &mut self,
        reader: &Member,
        known: Seq,
        until: Seq,
    ) -> Result<Vec<Bytes>, Problem> {
        let many = usize::try_from(until.0 - known.0).unwrap_or(MAX_RESUMED_EVENTS);
        self.after(reader, known, many).await
    }

    /// The common part of the ids of a person's sessions in this room's log, also after a restart: another person saw
    /// other events, and another room has its own sequence numbers.
    pub(super) fn realm(&self, person: &PersonId) -> String {
        let mut sha = Context::new(&SHA256);
        for part in [
            self.log.identity(),
            self.config.id.as_str(),
            person.as_str(),
        ] {
            sha.update(part.as_bytes());
            sha.update(b"\n");
        }
        let hash = sha.finish();
        let mut start = [0; 8];
        start
            .iter_mut()
            .zip(hash.as_ref())
            .for_each(|(to, from)| *to = *from);
        format!("{:016x}", u64::from_be_bytes(start))
    }

    /// Answers with the announced events after a place, oldest first. The log is read beside the room and not by it: a
    /// reader of a long history, over and over, must not keep the room from what it is for.
    pub(super) fn history(&self, reader: Member, after: Seq, responder: Responder<Read>) {
        if let Some(events) = self.remembered(&reader, after, MAX_HISTORY_EVENTS) {
            drop(responder.send(Ok(events)));
            return;
        }
        let announced = self.events.back().map_or(after, |last| last.event.seq);
        let limit = announced.0.saturating_sub(after.0);
        let limit =
            usize::try_from(limit).map_or(MAX_HISTORY_EVENTS, |it| it.min(MAX_HISTORY_EVENTS));
        let (log, room) = (Arc::clone(&self.log), self.config.id.clone());
        tokio::spawn(async move {
            let events = read(log.as_ref(), room, &reader, after, limit).await;
            drop(responder.send(events));
        });
    }

    async fn after(&mut self, reader: &Member, after: Seq, limit: usize) -> Read {
        if let Some(events) = self.remembered(reader, after, limit) {
            return Ok(events);
        }
        let room = self.config.id.clone();
        read(self.log.as_ref(), room, reader, after, limit).await
    }

    /// The events after a place, if the room still has them all.
    fn remembered(&self, reader: &Member, after: Seq, limit: usize) -> Option<Vec<Bytes>> {
        let oldest = self.events.front().map(|oldest| oldest.event.seq);
        if after < self.state.seq && oldest.is_none_or(|oldest| oldest > after.next()) {
            return None;
        }
        let later = self.events.iter().filter(|it| it.event.seq > after);
        Some(later.take(limit).map(|it| it.for_reader(reader)).collect())
    }
}

/// The events that a log has after a place, oldest first.
async fn read(log: &dyn Log, room: RoomId, reader: &Member, after: Seq, limit: usize) -> Read {
    let unread = |why: String| {
        tracing::error!(%room, why, "the log cannot be read");
        Problem::new(
            Code::Unavailable,
            "What happened before cannot be read at the moment.",
        )
    };
    let records = log.read(room.clone(), after, limit).await;
    let records = records.map_err(|error| unread(error.to_string()))?;
    let mut events = Vec::with_capacity(records.len());
    for (number, record) in records.into_iter().enumerate() {
        if number % EVENTS_AT_ONCE == EVENTS_AT_ONCE - 1 {
            tokio::task::yield_now().await;
        }
        let event = serde_json::from_slice(&record.body)
            .map_err(|error| unread(format!("record {}: {error}", record.seq.0)))?;
        events.push(EncodedEvent::with_text(event, record.body).for_reader(reader));
    }
    Ok(events)
}
