//! Past events, for devices that return and for readers of the history.

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{Code, Problem, Resume};
use ring::digest::{Context, SHA256};

use super::{EncodedEvent, Room, batch::Arrival};
use crate::Member;

/// How many missed events a returning device receives; one that missed more receives a snapshot.
const MAX_RESUMED_EVENTS: usize = 4096;
/// How many events one read of the history returns.
const MAX_HISTORY_EVENTS: usize = 10_000;

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
            _ => Arrival::Room(Box::new(self.state.snapshot(
                &self.config,
                reader,
                self.now(),
            ))),
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

    /// The events after a place, oldest first.
    pub(super) async fn history(
        &mut self,
        reader: &Member,
        after: Seq,
    ) -> Result<Vec<Bytes>, Problem> {
        self.after(reader, after, MAX_HISTORY_EVENTS).await
    }

    async fn after(
        &mut self,
        reader: &Member,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Bytes>, Problem> {
        let oldest = self.events.front().map(|oldest| oldest.event.seq);
        if after >= self.state.seq || oldest.is_some_and(|oldest| oldest <= after.next()) {
            let later = self.events.iter().filter(|it| it.event.seq > after);
            return Ok(later.take(limit).map(|it| it.for_reader(reader)).collect());
        }
        let unread = |why: String| {
            tracing::error!(room = %self.config.id, why, "the log cannot be read");
            Problem::new(
                Code::Unavailable,
                "What happened before cannot be read at the moment.",
            )
        };
        let records = self.log.read(self.config.id.clone(), after, limit).await;
        let records = records.map_err(|error| unread(error.to_string()))?;
        let events = records.into_iter().map(|record| {
            let event = serde_json::from_slice(&record.body)
                .map_err(|error| unread(format!("record {}: {error}", record.seq.0)))?;
            Ok(EncodedEvent::with_text(event, record.body).for_reader(reader))
        });
        events.collect()
    }
}
