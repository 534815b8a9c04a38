//! What happened before, for those who were not there.

use bytes::Bytes;
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{Code, Problem, Resume};
use ring::digest::{Context, SHA256};

use super::{Kept, Room, batch::Arrival};
use crate::Member;

/// How many events a returning device is told one by one; one that missed more gets a snapshot.
const MISSED: usize = 4096;
/// How many events are given to who asks for them.
const HISTORY: usize = 10_000;

// What waits for the log takes the room for itself: what the log is writing meanwhile can be shared by nobody.
impl Room {
    /// What a device is told on arrival: what it missed, if its place is its own, in this log and not too far back, else
    /// the room as it is. Place 0 is nobody's: a page that was loaded anew has it.
    pub(super) fn arrival(&self, reader: &Member, resume: Option<&Resume>) -> Arrival {
        let seq = self.state.seq;
        match resume {
            Some(resume)
                if (Seq(1)..=seq).contains(&resume.seq)
                    && resume.session.is_in(&self.realm(&reader.person))
                    && seq.0 - resume.seq.0 <= MISSED as u64 =>
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
        let many = usize::try_from(until.0 - known.0).unwrap_or(MISSED);
        self.after(reader, known, many).await
    }

    /// What the sessions of a person in this room's log have in common, also after a restart: somebody else saw other
    /// events, and another room counts its own.
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
        self.after(reader, after, HISTORY).await
    }

    async fn after(
        &mut self,
        reader: &Member,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Bytes>, Problem> {
        let oldest = self.events.front().map(|oldest| oldest.event.seq);
        if after >= self.state.seq || oldest.is_some_and(|oldest| oldest <= after.next()) {
            let later = self.events.iter().filter(|kept| kept.event.seq > after);
            return Ok(later
                .take(limit)
                .map(|kept| kept.for_reader(reader))
                .collect());
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
        let told = records.into_iter().map(|record| {
            let event = serde_json::from_slice(&record.body)
                .map_err(|error| unread(format!("record {}: {error}", record.seq.0)))?;
            Ok(Kept::of(event, record.body).for_reader(reader))
        });
        told.collect()
    }
}
