//! What happened before, for those who were not there.

use bytes::Bytes;
use plenary_ids::Seq;
use plenary_protocol::{Code, Problem, Resume};

use super::{Kept, Room};
use crate::{Member, Resumption};

/// How many events a returning device is told one by one; one that missed more gets a snapshot.
const MISSED: usize = 4096;
/// How many events are given to who asks for them.
const HISTORY: usize = 10_000;

impl Room {
    /// What a device is told on arrival: what it missed, if its place is in this log and not too far back, else the
    /// room as it is. Place 0 is nobody's: a page that was loaded anew has it.
    pub(super) async fn resumption(&self, reader: &Member, resume: Option<&Resume>) -> Resumption {
        if let Some(resume) = resume
            && (Seq(1)..=self.state.seq).contains(&resume.seq)
            && resume.session.is_in(self.log.identity())
            && self.state.seq.0 - resume.seq.0 <= MISSED as u64
            && let Ok(events) = self.after(reader, resume.seq, MISSED).await
        {
            return Resumption::Events(events);
        }
        let room = self.state.snapshot(&self.config, reader, self.now());
        Resumption::Snapshot(Box::new(room))
    }

    /// The events after a place, oldest first.
    pub(super) async fn history(&self, reader: &Member, after: Seq) -> Result<Vec<Bytes>, Problem> {
        self.after(reader, after, HISTORY).await
    }

    async fn after(
        &self,
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
