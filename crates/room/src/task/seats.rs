//! Participants and their devices: arrival, lost connections, departure, and which device publishes. Rules of order,
//! section 12.

use plenary_conference::Role;
use plenary_floor::{Actor, Command as FloorCommand, Scope, SystemCommand};
use plenary_ids::{Millis, PersonId, RoomId, Seq};
use plenary_protocol::{
    Access, CloseCode, Code, DepartureReason, Participant, Presence, Problem, RoomEvent, SessionId,
};

use super::{
    Device, Room,
    batch::{Deferred, PendingSeat},
};
use crate::{
    Attach, Body, Member, RelayedSignal, Sending, authority,
    device_queue::{MAX_SIGNAL_BYTES, device_queue},
};

impl Room {
    /// Seats a device. It receives its seat once that is recorded.
    pub(super) fn attach(&mut self, attach: &Attach) -> Result<PendingSeat, Problem> {
        let member = self.member(&attach.person)?;
        let can_publish = authority::publishes(member.role) && attach.sending != Sending::Never;
        let takes_over = can_publish && attach.sending == Sending::TakesOver;
        let mut publishing =
            takes_over || (can_publish && !self.has_publishing_device(&member.person));
        if let Some(resume) = &attach.resume
            && self
                .present
                .devices
                .get(&resume.session)
                .is_some_and(|device| device.person == member.person)
            && let Some(device) = self.present_mut().devices.remove(&resume.session)
        {
            // The same device, before the end of its old connection was noticed.
            publishing |= can_publish && device.publishing;
            let close = Deferred::Close(device.queue, CloseCode::Replaced);
            self.batch.answers.push(close);
        }
        let session = SessionId::random_in(&self.realm(&member.person));
        let (queue, outbox) = device_queue(publishing);
        let device = Device {
            person: member.person.clone(),
            can_publish,
            publishing,
            has_path: false,
            queue,
            delivered_seq: Seq(u64::MAX),
        };
        self.present_mut().devices.insert(session.clone(), device);
        if takes_over {
            self.stop_publishing_but(&session, &member.person);
        }
        self.show_talks_to(&session);
        // A watcher takes no place: the room records nothing of it, and nobody learns of it.
        if member.watching.is_none() {
            self.arrive(&member);
        }
        let seq = self.state.seq;
        if let Some(device) = self.present.devices.get_mut(&session) {
            device.delivered_seq = seq;
        }
        Ok(PendingSeat {
            arrival: self.arrival(&member, attach.resume.as_ref()),
            session,
            member,
            seq,
            outbox,
        })
    }

    fn arrive(&mut self, member: &Member) {
        self.record_facts();
        self.present_mut().seat_expiry.remove(&member.person);
        let known = self.state.participants.get(&member.person);
        let participant = Participant {
            person: member.person.clone(),
            name: member.name.clone(),
            names: member.names.clone(),
            role: member.role,
            delegation: member.delegation.clone(),
            state: Presence::Seated,
            publishing: self.has_publishing_device(&member.person),
            muted: known.is_some_and(|known| known.muted),
            joined_at: known.map_or(self.now(), |known| known.joined_at),
            since: None,
        };
        match known {
            None => self.emit(vec![Body::Room(RoomEvent::Joined { participant })]),
            Some(known) if **known != participant => {
                self.emit(vec![Body::Room(RoomEvent::Updated { participant })]);
            }
            Some(_) => {}
        }
        if !self.state.floor.is_connected(&member.person) {
            self.apply_system_command(&SystemCommand::Connected(member.person.clone()));
        }
        if member.role == Role::Moderator && self.state.floor.chair().is_none() {
            let actor = Actor::new(member.person.clone(), Scope::Chair);
            let _ = self.decide(&FloorCommand::ChairTake {}, &actor);
        }
    }

    /// Frees the seat of a device whose connection has ended.
    pub(super) fn detach(&mut self, session: &SessionId) {
        if let Some(device) = self.remove_device(session) {
            if device.publishing {
                self.hand_over_publishing(&device.person);
            }
            self.update_presence(&device.person);
        }
    }

    /// The participant's only remaining device that can publish does from now on: a holder whose laptop is gone is heard
    /// through the phone. Of several devices the room cannot know which one is in use; the participant says so.
    fn hand_over_publishing(&mut self, person: &PersonId) {
        let left = self.sessions_of(person);
        let left = left.filter(|(_, device)| device.can_publish);
        let left: Vec<SessionId> = left.map(|(it, _)| it.clone()).collect();
        if let [only] = left.as_slice() {
            self.set_publishing(only, true);
        }
    }

    /// Makes a device the only one of its participant that publishes.
    pub(super) fn move_publishing_to(&mut self, session: &SessionId, person: &PersonId) {
        // Off before on: a participant never has two streams.
        self.stop_publishing_but(session, person);
        self.set_publishing(session, true);
    }

    /// Tells every device of a participant that publishes to stop, but for one.
    fn stop_publishing_but(&mut self, session: &SessionId, person: &PersonId) {
        let others: Vec<SessionId> = self
            .sessions_of(person)
            .filter(|(other, device)| device.publishing && *other != session)
            .map(|(other, _)| other.clone())
            .collect();
        for other in others {
            self.set_publishing(&other, false);
        }
    }

    /// Decides whether a device publishes. The device learns it once the batch is recorded.
    fn set_publishing(&mut self, session: &SessionId, publishing: bool) {
        if let Some(device) = self.present_mut().devices.get_mut(session) {
            device.publishing = publishing;
            let announcement = Deferred::SetPublishing(device.queue.clone(), publishing);
            self.batch.answers.push(announcement);
        }
    }

    fn has_publishing_device(&self, person: &PersonId) -> bool {
        self.sessions_of(person)
            .any(|(_, device)| device.publishing)
    }

    /// Reconciles the recorded presence of every participant with the connected devices: after a restart, when there are
    /// none, and after a time in which nothing could be recorded.
    pub(super) fn reconcile_presence(&mut self) {
        let known: Vec<PersonId> = self.state.participants.keys().cloned().collect();
        for person in known {
            if self.config.members.contains_key(&person) {
                self.update_presence(&person);
            } else {
                self.leave(&person, DepartureReason::Left, None, CloseCode::Forbidden);
            }
        }
    }

    /// Derives a participant's recorded presence from the connected devices.
    pub(super) fn update_presence(&mut self, person: &PersonId) {
        let away = self.sessions_of(person).next().is_none();
        let Some(known) = self.state.participants.get(person) else {
            return;
        };
        let mut participant = Participant::clone(known);
        participant.publishing = self.has_publishing_device(person);
        (participant.state, participant.since) = match (away, known.state) {
            (false, _) => (Presence::Seated, None),
            (true, Presence::Seated) => (Presence::Away, Some(self.now())),
            (true, Presence::Away) => (Presence::Away, known.since),
        };
        if **known != participant {
            self.emit(vec![Body::Room(RoomEvent::Updated { participant })]);
        }
        if !away {
            return;
        }
        if !self.present.seat_expiry.contains_key(person) {
            self.reserve_seat(person);
        }
        if self.state.floor.is_connected(person) {
            self.apply_system_command(&SystemCommand::Disconnected(person.clone()));
        }
    }

    /// Keeps the place of an absent participant for the grace time of the room.
    pub(super) fn reserve_seat(&mut self, person: &PersonId) {
        let grace = self
            .state
            .floor
            .settings()
            .reconnect_grace
            .max(Millis::from_secs(1));
        let until = self.now().after(grace);
        self.present_mut().seat_expiry.insert(person.clone(), until);
    }

    /// Takes a participant out of the room, and closes their devices with `code`.
    pub(super) fn leave(
        &mut self,
        person: &PersonId,
        reason: DepartureReason,
        to: Option<RoomId>,
        code: CloseCode,
    ) {
        self.present_mut().seat_expiry.remove(person);
        self.apply_system_command(&SystemCommand::Disconnected(person.clone()));
        // A lost participant stays on the list and is passed when called; one who is sent away leaves the list at once.
        let is_lost = reason == DepartureReason::Lost;
        if !is_lost {
            self.apply_system_command(&SystemCommand::Left(person.clone()));
        }
        self.stop_interpreting(person, is_lost);
        self.emit(vec![Body::Room(RoomEvent::Left {
            person: person.clone(),
            reason,
            to,
        })]);
        let sessions: Vec<SessionId> = self
            .sessions_of(person)
            .map(|(session, _)| session.clone())
            .collect();
        for session in sessions {
            if let Some(device) = self.present_mut().devices.remove(&session) {
                let until = self.state.seq;
                self.batch.leaving.push((device, until, code));
            }
        }
    }

    pub(super) fn sessions_of<'a>(
        &'a self,
        person: &'a PersonId,
    ) -> impl Iterator<Item = (&'a SessionId, &'a Device)> {
        // The sessions of a person stand together, so that an arrival need not look at everybody's.
        let realm = self.realm(person);
        self.present
            .devices
            .range(SessionId::before_all_in(&realm)..)
            .take_while(move |(session, _)| session.is_in(&realm))
            .filter(move |(_, device)| device.person == *person)
    }

    /// Relays a signal to every device of its receiver, if both can be in a call, or to the one device with which it shares
    /// a side talk. It is never recorded. If one of the devices has no place for it, none receives it: the sender can
    /// repeat the signal without sending it twice to the others.
    pub(super) fn relay(&mut self, signal: &RelayedSignal) -> Result<(), Problem> {
        let RelayedSignal {
            from,
            to,
            talk,
            text,
        } = signal;
        authority::check_access(self.member(from)?.role, Access::Call)?;
        self.check_side_talks()?;
        if text.len() > MAX_SIGNAL_BYTES {
            let detail = format!("A signal has at most {MAX_SIGNAL_BYTES} bytes.");
            return Err(Problem::new(Code::TooLarge, detail));
        }
        let receiver = self.config.members.get(to).ok_or_else(|| not_here(to))?;
        if !Access::Call.allowed().includes(receiver.role) {
            let detail = format!("{to} is here as {} and can be in no call.", receiver.role);
            return Err(Problem::new(Code::Forbidden, detail));
        }
        let only = match talk {
            Some((talk, session)) => Some(self.talks.other_device(*talk, session, to)?),
            None => None,
        };
        let devices = || {
            let devices = self.sessions_of(to);
            let devices = devices.filter(|(session, _)| only.is_none_or(|only| only == *session));
            let devices = devices.map(|(_, device)| &device.queue);
            devices.filter(|queue| !queue.is_closed())
        };
        if devices().next().is_none() {
            return Err(not_here(to));
        }
        if devices().any(|queue| queue.check_signals().is_err()) {
            let detail = format!(
                "{to} has not read the signals that were sent before; try again in a moment."
            );
            return Err(Problem::new(Code::RateLimited, detail));
        }
        devices().for_each(|queue| queue.send_signal(text.clone()));
        Ok(())
    }
}

pub(super) fn not_here(person: &PersonId) -> Problem {
    Problem::new(Code::NotFound, format!("{person} is not in this room."))
}
