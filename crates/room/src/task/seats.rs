//! People and their devices: who comes in, whose connection is lost, who has gone.

use bytes::Bytes;
use plenary_conference::Role;
use plenary_floor::{Actor, ChairVerb, Command as Floor, Scope};
use plenary_ids::{Millis, PersonId, RoomId, Seq};
use plenary_protocol::{CloseCode, Code, Participant, Presence, Problem, RoomEvent, SessionId};

use super::{
    Device, Room,
    batch::{Deferred, Newcomer},
};
use crate::{Attach, Body, Member, Outgoing, authority, outbox};

impl Room {
    /// Seats a device; it is told so once that is recorded.
    pub(super) fn attach(&mut self, attach: &Attach) -> Result<Newcomer, Problem> {
        let member = self.member(&attach.person)?;
        let mut publishing = authority::publishes(member.role)
            && !self
                .sessions_of(&member.person)
                .any(|(_, device)| device.publishing);
        if let Some(resume) = &attach.resume
            && self
                .present
                .devices
                .get(&resume.session)
                .is_some_and(|device| device.person == member.person)
            && let Some(device) = self.present().devices.remove(&resume.session)
        {
            // The same device, whose old connection has not been missed yet.
            publishing |= device.publishing;
            let close = Deferred::Close(device.outbox, CloseCode::Replaced);
            self.batch.answers.push(close);
        }
        let session = SessionId::random_in(&self.realm(&member.person));
        let (sender, outbox) = outbox::outbox();
        let device = Device {
            person: member.person.clone(),
            publishing,
            path: false,
            outbox: sender,
            told: Seq(u64::MAX),
        };
        self.present().devices.insert(session.clone(), device);
        self.arrive(&member);
        let seq = self.state.seq;
        if let Some(device) = self.present.devices.get_mut(&session) {
            device.told = seq;
        }
        Ok(Newcomer {
            arrival: self.arrival(&member, attach.resume.as_ref()),
            session,
            member,
            publishing,
            seq,
            outbox,
        })
    }

    fn arrive(&mut self, member: &Member) {
        self.present().kept_until.remove(&member.person);
        let known = self.state.participants.get(&member.person);
        let participant = Participant {
            person: member.person.clone(),
            name: member.name.clone(),
            role: member.role,
            delegation: member.delegation.clone(),
            state: Presence::Seated,
            publishing: self
                .sessions_of(&member.person)
                .any(|(_, device)| device.publishing),
            muted: known.is_some_and(|known| known.muted),
            joined_at: known.map_or(self.now(), |known| known.joined_at),
        };
        match known {
            None => self.happen(vec![Body::Room(RoomEvent::Joined { participant })]),
            Some(known) if *known != participant => {
                self.happen(vec![Body::Room(RoomEvent::Updated { participant })]);
            }
            Some(_) => {}
        }
        if !self.state.floor.is_connected(&member.person) {
            self.tell_floor(&Floor::Connected {
                person: member.person.clone(),
            });
        }
        if member.role == Role::Moderator && self.state.floor.chair().is_none() {
            let actor = Actor::new(member.person.clone(), Scope::Chair);
            let _ = self.decide(&Floor::Chair(ChairVerb::Take), &actor);
        }
    }

    pub(super) fn detach(&mut self, session: &SessionId) {
        if let Some(device) = self.forget(session) {
            if device.publishing {
                self.hand_on_publishing(&device.person);
            }
            self.miss(&device.person);
        }
    }

    /// The one device that is left of somebody's publishes from now on: a holder whose laptop is gone is heard by the
    /// phone beside it. Of several nobody knows which is in hand; the person says so.
    fn hand_on_publishing(&mut self, person: &PersonId) {
        let left: Vec<SessionId> = self.sessions_of(person).map(|(it, _)| it.clone()).collect();
        if let [only] = left.as_slice()
            && let Some(device) = self.present().devices.get_mut(only)
        {
            device.publishing = true;
            let told = Deferred::Tell(device.outbox.clone(), Outgoing::Publish(true));
            self.batch.answers.push(told);
        }
    }

    /// Brings what is recorded of everybody in line with who is really here: after a restart, when nobody is, and
    /// after a time in which nothing could be recorded.
    pub(super) fn take_stock(&mut self) {
        let known: Vec<PersonId> = self.state.participants.keys().cloned().collect();
        for person in known {
            if self.config.members.contains_key(&person) {
                self.miss(&person);
            } else {
                self.leave(&person, "left", None, CloseCode::Forbidden);
            }
        }
    }

    /// Notes which of a person's devices are left, and that the person is away if none is.
    fn miss(&mut self, person: &PersonId) {
        let publishing = self
            .sessions_of(person)
            .any(|(_, device)| device.publishing);
        let away = self.sessions_of(person).next().is_none();
        let Some(known) = self.state.participants.get(person) else {
            return;
        };
        let mut participant = known.clone();
        participant.publishing = publishing;
        participant.state = if away {
            Presence::Away
        } else {
            Presence::Seated
        };
        if *known != participant {
            self.happen(vec![Body::Room(RoomEvent::Updated { participant })]);
        }
        if !away {
            return;
        }
        if !self.present.kept_until.contains_key(person) {
            self.keep_place(person);
        }
        if self.state.floor.is_connected(person) {
            self.tell_floor(&Floor::Disconnected {
                person: person.clone(),
            });
        }
    }

    pub(super) fn keep_place(&mut self, person: &PersonId) {
        let grace = self
            .state
            .floor
            .settings()
            .reconnect_grace
            .max(Millis::from_secs(1));
        let until = self.now().after(grace);
        self.present().kept_until.insert(person.clone(), until);
    }

    pub(super) fn leave(
        &mut self,
        person: &PersonId,
        reason: &str,
        to: Option<RoomId>,
        code: CloseCode,
    ) {
        self.present().kept_until.remove(person);
        self.tell_floor(&Floor::Disconnected {
            person: person.clone(),
        });
        // Who is lost keeps the place on the list, and is passed when called; who is sent away is passed at once.
        if reason != "lost" {
            self.tell_floor(&Floor::Left {
                person: person.clone(),
            });
        }
        self.stop_interpreting(person, reason == "lost");
        let left = RoomEvent::Left {
            person: person.clone(),
            reason: reason.to_owned(),
            to,
        };
        self.happen(vec![Body::Room(left)]);
        let sessions: Vec<SessionId> = self
            .sessions_of(person)
            .map(|(session, _)| session.clone())
            .collect();
        for session in sessions {
            if let Some(device) = self.present().devices.remove(&session) {
                let until = self.state.seq;
                self.batch.leaving.push((device, until, code));
            }
        }
    }

    pub(super) fn sessions_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> impl Iterator<Item = (&'a SessionId, &'a Device)> {
        self.present
            .devices
            .iter()
            .filter(move |(_, device)| device.person == *person)
    }

    pub(super) fn relay(
        &mut self,
        from: &PersonId,
        to: &PersonId,
        text: &Bytes,
    ) -> Result<(), Problem> {
        self.member(from)?;
        let mut found = false;
        for (_, device) in self.sessions_of(to) {
            found |= device.outbox.send(Outgoing::Text(text.clone()));
        }
        if found {
            return Ok(());
        }
        Err(Problem::new(
            Code::NotFound,
            format!("{to} is not in this room."),
        ))
    }
}
