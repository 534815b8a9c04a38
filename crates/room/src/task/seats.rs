//! People and their devices: who comes in, whose connection is lost, who has gone.

use bytes::Bytes;
use plenary_conference::Role;
use plenary_floor::{Actor, ChairVerb, Command as Floor, Scope};
use plenary_ids::{Millis, PersonId, RoomId, Seq};
use plenary_protocol::{CloseCode, Code, Participant, Presence, Problem, RoomEvent, SessionId};

use super::{Device, Room};
use crate::{Attach, Attached, Body, Member, Outgoing, Resumption, authority, outbox};

impl Room {
    pub(super) async fn attach(&mut self, attach: Attach) -> Result<Attached, Problem> {
        let member = self.member(&attach.person)?;
        let before = self.state.seq;
        let mut publishing = authority::publishes(member.role)
            && !self
                .devices
                .values()
                .any(|device| device.person == member.person && device.publishing);
        if let Some(resume) = &attach.resume
            && self
                .devices
                .get(&resume.session)
                .is_some_and(|device| device.person == member.person)
            && let Some(device) = self.devices.remove(&resume.session)
        {
            // The same device, whose old connection has not been missed yet.
            publishing |= device.publishing;
            device.outbox.close(CloseCode::Replaced);
        }
        let session = SessionId::random();
        let (sender, outbox) = outbox::outbox();
        self.arrive(&member, publishing).await;

        let missed = attach
            .resume
            .map(|resume| resume.seq)
            .filter(|seq| self.holds_all_after(*seq) && *seq <= before);
        let resumption = match missed {
            Some(seq) => Resumption::Events(self.events_after(&member, seq)),
            None => Resumption::Snapshot(Box::new(self.state.snapshot(
                &self.config,
                &member,
                self.now(),
            ))),
        };
        let device = Device {
            person: member.person.clone(),
            publishing,
            outbox: sender,
        };
        self.devices.insert(session.clone(), device);
        Ok(Attached {
            session,
            seq: self.state.seq,
            member,
            publishing,
            resumption,
            outbox,
        })
    }

    /// Whether every event after that place is still here. Place 0 is nobody's: a page that was loaded anew has it.
    fn holds_all_after(&self, seq: Seq) -> bool {
        seq > Seq(0)
            && self
                .events
                .front()
                .is_none_or(|oldest| oldest.event.seq <= seq.next())
    }

    async fn arrive(&mut self, member: &Member, publishing: bool) {
        self.kept_until.remove(&member.person);
        let known = self.state.participants.get(&member.person);
        let participant = Participant {
            person: member.person.clone(),
            name: member.name.clone(),
            role: member.role,
            delegation: member.delegation.clone(),
            state: Presence::Seated,
            publishing: publishing || known.is_some_and(|known| known.publishing),
            muted: known.is_some_and(|known| known.muted),
            joined_at: known.map_or(self.now(), |known| known.joined_at),
        };
        match known {
            None => {
                self.happen(vec![Body::Room(RoomEvent::Joined { participant })])
                    .await;
            }
            Some(known) if *known != participant => {
                self.happen(vec![Body::Room(RoomEvent::Updated { participant })])
                    .await;
            }
            Some(_) => {}
        }
        if !self.state.floor.is_connected(&member.person) {
            self.tell_floor(Floor::Connected {
                person: member.person.clone(),
            })
            .await;
        }
        if member.role == Role::Moderator && self.state.floor.chair().is_none() {
            let actor = Actor::new(member.person.clone(), Scope::Chair);
            let _ = self.decide(&Floor::Chair(ChairVerb::Take), &actor).await;
        }
    }

    pub(super) async fn detach(&mut self, session: &SessionId) {
        let Some(device) = self.devices.remove(session) else {
            return;
        };
        let mut others = self
            .devices
            .values()
            .filter(|other| other.person == device.person);
        let publishing = others.clone().any(|other| other.publishing);
        let away = others.next().is_none();
        let Some(known) = self.state.participants.get(&device.person) else {
            return;
        };
        let mut participant = known.clone();
        participant.publishing = publishing;
        if away {
            participant.state = Presence::Away;
        }
        if *known != participant {
            self.happen(vec![Body::Room(RoomEvent::Updated { participant })])
                .await;
        }
        if away {
            self.keep_place(&device.person);
            self.tell_floor(Floor::Disconnected {
                person: device.person,
            })
            .await;
        }
    }

    pub(super) fn keep_place(&mut self, person: &PersonId) {
        let grace = self
            .state
            .floor
            .settings()
            .reconnect_grace
            .max(Millis::from_secs(1));
        self.kept_until
            .insert(person.clone(), self.now().after(grace));
    }

    pub(super) async fn leave(
        &mut self,
        person: &PersonId,
        reason: &str,
        to: Option<RoomId>,
        code: CloseCode,
    ) {
        self.kept_until.remove(person);
        self.tell_floor(Floor::Disconnected {
            person: person.clone(),
        })
        .await;
        // Who is lost keeps the place on the list, and is passed when called; who is sent away is passed at once.
        if reason != "lost" {
            self.tell_floor(Floor::Left {
                person: person.clone(),
            })
            .await;
        }
        let left = RoomEvent::Left {
            person: person.clone(),
            reason: reason.to_owned(),
            to,
        };
        self.happen(vec![Body::Room(left)]).await;
        let sessions: Vec<SessionId> = self
            .sessions_of(person)
            .map(|(session, _)| session.clone())
            .collect();
        for session in sessions {
            if let Some(device) = self.devices.remove(&session) {
                device.outbox.close(code);
            }
        }
    }

    pub(super) fn sessions_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> impl Iterator<Item = (&'a SessionId, &'a Device)> {
        self.devices
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
