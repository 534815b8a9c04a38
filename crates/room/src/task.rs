//! The task of a room: everything that happens in it happens here, one thing after the other.

mod happening;
mod orders;
mod seats;

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    sync::Arc,
};

use bytes::Bytes;
use plenary_floor::Command as Floor;
use plenary_ids::{Moment, PersonId, Seq};
use plenary_protocol::{CloseCode, Code, Problem, SessionId};
use tokio::sync::mpsc;

use crate::{
    Clock, Member, RoomConfig, Scene, Stage,
    handle::{Ask, Snapshot},
    outbox::Sender,
    replies::Replies,
    state::RoomState,
};
use happening::Kept;

struct Device {
    person: PersonId,
    publishing: bool,
    outbox: Sender,
}

struct Room {
    config: RoomConfig,
    stage: Arc<dyn Stage>,
    clock: Clock,
    state: RoomState,
    devices: BTreeMap<SessionId, Device>,
    /// Until when the places of those who are away are kept.
    kept_until: BTreeMap<PersonId, Moment>,
    events: VecDeque<Kept>,
    replies: Replies,
    scene: Scene,
    epoch: u64,
}

/// Runs a room until nobody holds a handle to it any more, or it is drained.
pub(crate) async fn run(
    config: RoomConfig,
    stage: Arc<dyn Stage>,
    clock: Clock,
    mut asked: mpsc::Receiver<Ask>,
) {
    let mut room = Room {
        state: RoomState::new(&config),
        config,
        stage,
        clock,
        devices: BTreeMap::new(),
        kept_until: BTreeMap::new(),
        events: VecDeque::new(),
        replies: Replies::default(),
        scene: Scene::default(),
        epoch: 0,
    };
    loop {
        let deadline = room.deadline().map(|moment| room.clock.instant(moment));
        tokio::select! {
            ask = asked.recv() => match ask {
                Some(Ask::Drain(done)) => {
                    room.drain().await;
                    let _ = done.send(());
                    return;
                }
                Some(ask) => room.hear(ask).await,
                None => return,
            },
            () = until(deadline) => room.time_has_come().await,
        }
    }
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => pending().await,
    }
}

impl Room {
    async fn hear(&mut self, ask: Ask) {
        // Whoever asked may be gone by now; what was asked is done all the same.
        match ask {
            Ask::Attach(attach, answer) => {
                let attached = self.attach(attach).await;
                // A connection that ended while it waited leaves no seat behind.
                if let Err(Ok(attached)) = answer.send(attached) {
                    self.detach(&attached.session).await;
                }
            }
            Ask::Detach(session) => self.detach(&session).await,
            Ask::Command(caller, command, guard, answer) => {
                let _ = answer.send(self.command(&caller, &command, guard).await);
            }
            Ask::Relay {
                from,
                to,
                text,
                answer,
            } => {
                let _ = answer.send(self.relay(&from, &to, &text));
            }
            Ask::Snapshot(reader, answer) => {
                let _ = answer.send(self.snapshot(&reader).map(Box::new));
            }
            Ask::Events(reader, after, answer) => {
                let _ = answer.send(
                    self.member(&reader)
                        .map(|member| self.events_after(&member, after)),
                );
            }
            Ask::Voice(person) => self.tell_floor(Floor::Voice { person }).await,
            Ask::Flow(person, flowing) => self.flow(person, flowing).await,
            Ask::Drain(done) => drop(done),
        }
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn member(&self, person: &PersonId) -> Result<Member, Problem> {
        let member = self.config.members.get(person).ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                format!("{person} has no place in the room {}.", self.config.id),
            )
        })?;
        if self.state.removed.contains(person) {
            let detail = "You were asked to leave this room. A moderator can admit you again.";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(member.clone())
    }

    fn snapshot(&self, reader: &PersonId) -> Result<Snapshot, Problem> {
        let member = self.member(reader)?;
        Ok(self.state.snapshot(&self.config, &member, self.now()))
    }

    fn events_after(&self, reader: &Member, after: Seq) -> Vec<Bytes> {
        let later = self.events.iter().filter(|kept| kept.event.seq > after);
        later.map(|kept| kept.for_reader(reader)).collect()
    }

    fn deadline(&self) -> Option<Moment> {
        self.kept_until
            .values()
            .copied()
            .chain(self.state.floor.deadline())
            .chain(self.state.decisions.deadline())
            .min()
    }

    async fn time_has_come(&mut self) {
        let now = self.now();
        if self
            .state
            .floor
            .deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            self.tell_floor(Floor::Tick).await;
        }
        if let Some(closing) = self.state.decisions.due(now)
            && let Ok(bodies) = self.state.decided(closing, now)
        {
            self.happen(bodies).await;
        }
        let over: Vec<PersonId> = self
            .kept_until
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(person, _)| person.clone())
            .collect();
        for person in over {
            // Whoever holds the floor stays: the chair decides about him, not the clock.
            if self.state.floor.is_holder(&person) {
                self.keep_place(&person);
            } else {
                self.leave(&person, "lost", None, CloseCode::Replaced).await;
            }
        }
    }
}
