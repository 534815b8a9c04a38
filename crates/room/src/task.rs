//! The task of a room: it handles every message of the room, one after the other.
//!
//! It takes all waiting messages as one batch. Each is decided and folded in memory (`commands`, `seats`); the batch is
//! recorded, and only then announced (`batch`, `publish`). While the log writes one batch, the room decides the next.
//! Past events are read in `reading`.

mod agenda;
mod batch;
mod channels;
mod chat;
mod clock;
mod commands;
mod devices;
mod events;
mod floor;
mod participants;
mod publish;
mod reading;
mod record;
mod recording;
mod seats;
mod slower;
mod standing;
mod talks;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    future::pending,
    sync::Arc,
    time::Duration,
};

use plenary_floor::SystemCommand;
use plenary_ids::{Millis, Moment, PersonId, Seq};
use plenary_journal::Log;
use plenary_protocol::{Channel, CloseCode, Code, DepartureReason, Problem, RoomEvent, SessionId};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    Body, Clock, MediaPlane, Member, Playback, PlaybackReport, RecordingStatus, RecoveryError,
    RoomConfig, Scene, Snapshot, clock::TimeLine, device_queue::DeviceSender, facts,
    message::RoomMessage, recovery::Recovered, state::RoomState, talks::Talks,
};
use batch::{Batch, Deferred, InFlight, recorded};
use events::EncodedEvent;
use publish::{RosterPace, SeenGallery};

/// How many messages one commit answers, so that the first does not wait long for the last.
const MAX_BATCH_MESSAGES: usize = 256;
/// How often a room with somebody in it compares its time with the machine's clock; and how often the log records that
/// the server is alive while a speech's time is counted. A restart loses no more of it.
const LIVENESS_INTERVAL: Duration = Duration::from_millis(400);
/// How long after a failed commit the room tries again to record what it has noticed meanwhile.
const COMMIT_RETRY_DELAY: Millis = Millis(1000);

/// A seated device, as the room knows it.
#[derive(Debug, Clone)]
struct Device {
    person: PersonId,
    /// Whether it may ever publish; one that only receives may not.
    can_publish: bool,
    /// Whether it publishes for its participant; of a participant's devices at most one does. This record owns the answer.
    /// The device's connection receives it from the queue and hands it to the media plane; `publishing` of a
    /// [`Participant`](plenary_protocol::Participant) is derived from it.
    publishing: bool,
    /// Whether the media plane has a path to it.
    has_path: bool,
    queue: DeviceSender,
    /// The last event that it has received; `Seq(u64::MAX)` for a device that receives none.
    delivered_seq: Seq,
}

/// The devices that are connected and the places that are reserved, which the log does not record.
#[derive(Debug, Clone, Default)]
struct Present {
    devices: BTreeMap<SessionId, Device>,
    /// When the reserved place of each absent participant expires.
    seat_expiry: BTreeMap<PersonId, Moment>,
}

impl Present {
    fn note_path(&mut self, session: &SessionId, open: bool) {
        if let Some(device) = self.devices.get_mut(session) {
            device.has_path = open;
        }
    }
}

pub(crate) struct Room {
    config: RoomConfig,
    media: Arc<dyn MediaPlane>,
    time: TimeLine,
    log: Arc<dyn Log>,
    /// The fingerprint of what the conference file says now.
    facts: String,
    state: RoomState,
    present: Present,
    /// The side talks, which nothing records.
    talks: Talks,
    /// The last events, so that a device that returns after a moment needs no read from the log.
    events: VecDeque<EncodedEvent>,
    scene: Scene,
    gallery: Option<SeenGallery>,
    /// When the devices learn who has come and gone.
    roster: RosterPace,
    /// What the player was told last.
    playback: Option<Playback>,
    /// The player's last report, with its generation: recorded later if it cannot be recorded now.
    playback_report: Option<(PlaybackReport, u64)>,
    epoch: u64,
    /// Decided, and not yet handed to the log.
    batch: Batch,
    /// Handed to the log, the oldest first.
    in_flight: VecDeque<InFlight>,
    /// The last event in the latest snapshot.
    snapshot: Seq,
    /// Devices whose connections ended before they received their seat.
    departed: Vec<SessionId>,
    /// Whether the room takes no more messages.
    draining: bool,
    /// After a failed commit: when to record what the room has noticed meanwhile.
    retry: Option<Moment>,
    /// The language channels, for readers that send the room no message.
    channels: watch::Sender<Arc<[Channel]>>,
    /// The persons who were sent out, for what is read of the room without a message to it.
    removed: watch::Sender<BTreeSet<PersonId>>,
    /// How the recording stands, for the same readers.
    recording: watch::Sender<RecordingStatus>,
}

impl Room {
    /// A room as its log leaves it. If it ran before, its first event records the restart.
    pub(crate) async fn open(
        config: RoomConfig,
        media: Arc<dyn MediaPlane>,
        clock: Clock,
        log: Arc<dyn Log>,
        recovered: Recovered,
    ) -> Result<Self, RecoveryError> {
        let Recovered {
            state,
            tail,
            alive,
            is_new,
            snapshot,
        } = recovered;
        let mut room = Self {
            removed: watch::Sender::new(state.removed.clone()),
            recording: watch::Sender::new(state.recording.status().clone()),
            state,
            facts: facts::fingerprint(&config.facts),
            config,
            media,
            time: TimeLine::new(clock),
            log,
            present: Present::default(),
            talks: Talks::default(),
            events: VecDeque::new(),
            scene: Scene::default(),
            gallery: None,
            roster: RosterPace::default(),
            playback: None,
            playback_report: None,
            epoch: 0,
            batch: Batch::default(),
            in_flight: VecDeque::new(),
            draining: false,
            snapshot,
            departed: Vec::new(),
            retry: None,
            channels: watch::Sender::new(Arc::default()),
        };
        for (event, record) in tail {
            room.retain(EncodedEvent::with_text(event, record.body));
        }
        room.batch.begins = is_new;
        if room.state.seq > Seq(0) {
            room.record_restart(alive);
            room.reconcile_standing();
            room.reconcile_presence();
            room.follow_interpreter_paths();
        }
        room.record_from_the_beginning();
        match room.commit().await {
            Ok(()) => Ok(room),
            Err(error) => Err(RecoveryError::Write {
                room: room.config.id.clone(),
                error,
            }),
        }
    }

    fn is_counting(&self) -> bool {
        self.state.floor.live().next().is_some()
    }

    /// Runs until the last handle is dropped, or the room is drained.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<RoomMessage>) {
        let mut pulse = Instant::now();
        loop {
            let deadline = self.deadline().map(|moment| self.time.instant(moment));
            let full = self.is_full();
            let wakes = self.is_counting() || !self.state.participants.is_empty();
            let mut messages = Vec::new();
            if self.departed.is_empty() {
                tokio::select! {
                    recorded = recorded(&mut self.in_flight) => {
                        // Every caller that a failure concerns has its problem by now.
                        let _ = self.conclude(recorded).await;
                    }
                    count = queue.recv_many(&mut messages, MAX_BATCH_MESSAGES), if !full => if count == 0 {
                        let _ = self.commit().await;
                        return;
                    },
                    () = until(deadline) => {}
                    () = until(self.roster.due()) => {
                        self.tell_roster();
                        continue;
                    }
                    () = until(wakes.then_some(pulse)) => {
                        pulse = Instant::now() + LIVENESS_INTERVAL;
                        let moved = self.follow_clock();
                        if self.is_counting() {
                            self.log.heartbeat(self.now());
                        }
                        if !moved {
                            continue;
                        }
                    }
                }
            }
            self.follow_clock();
            for session in std::mem::take(&mut self.departed) {
                self.detach(&session);
            }
            let mut drained = None;
            for message in messages {
                match message {
                    // Earlier messages are still executed; later ones are not.
                    RoomMessage::Drain(done) => {
                        drained = Some(done);
                        break;
                    }
                    message => self.dispatch(message).await,
                }
            }
            self.run_due_timers();
            self.follow_interpreter_paths();
            self.follow_talks();
            if let Some(done) = drained {
                self.emit(vec![Body::Room(RoomEvent::Draining {})]);
                self.draining = true;
                let _ = self.commit().await;
                self.close().await;
                let _ = done.send(());
                return;
            }
            self.submit().await;
        }
    }

    async fn dispatch(&mut self, message: RoomMessage) {
        match message {
            RoomMessage::Attach(attach, responder) => {
                let answer = match self.attach(&attach) {
                    Ok(seat) => Deferred::Seat(seat, responder),
                    Err(problem) => Deferred::NoSeat(problem, responder),
                };
                self.batch.answers.push(answer);
            }
            RoomMessage::Detach(session) => self.detach(&session),
            RoomMessage::Command(caller, command, preconditions, reply_to) => {
                let deferred = self
                    .command(&caller, *command, preconditions, reply_to)
                    .await;
                self.batch.answers.push(deferred);
            }
            RoomMessage::Relay(signal, reply_to) => reply_to.send(self.relay(&signal)),
            // Reads are answered once everything before them is recorded.
            RoomMessage::Snapshot(reader, responder) => {
                self.batch
                    .answers
                    .push(Deferred::Snapshot(reader, None, responder));
            }
            RoomMessage::Events(reader, after, responder) => {
                self.batch
                    .answers
                    .push(Deferred::Events(reader, after, responder));
            }
            RoomMessage::Voice(person) => self.apply_system_command(&SystemCommand::Voice(person)),
            RoomMessage::Flow(person, flowing) => self.flow(person, flowing),
            RoomMessage::Path(session, open) => self.path(&session, open),
            RoomMessage::Playback(report, generation) => self.report_playback(report, generation),
            RoomMessage::Record(report, responder) => self.report_recording(report, responder),
            RoomMessage::Takes(responder) => drop(responder.send(self.kept_takes())),
            RoomMessage::Stalled(responder) => {
                let _ = responder.send(self.state.floor.stalled());
            }
            RoomMessage::Talks(responder) => drop(responder.send(self.talks.talking())),
            RoomMessage::Drain(done) => drop(done),
        }
    }

    fn now(&self) -> Moment {
        self.time.now()
    }

    fn snapshot_for(&self, reader: &PersonId) -> Result<Box<Snapshot>, Problem> {
        let member = self.member(reader)?;
        let room = self.state.snapshot(&self.config, &member, self.now());
        Ok(Box::new(room))
    }

    fn member(&self, person: &PersonId) -> Result<Member, Problem> {
        let member = self.config.reader(person).ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                format!("{person} has no place in the room {}.", self.config.id),
            )
        })?;
        check_removed(&self.state.removed, person)?;
        Ok(member.clone())
    }

    fn deadline(&self) -> Option<Moment> {
        let first = self
            .present
            .seat_expiry
            .values()
            .copied()
            .chain(self.state.floor.deadline())
            .chain(self.state.decisions.deadline())
            .chain(self.state.channels.deadline())
            .chain(self.talks.deadline())
            .chain(self.retry)
            .min()?;
        // While nothing can be recorded, a deadline that has passed would wake the room again at once.
        Some(self.retry.map_or(first, |retry| first.max(retry)))
    }

    fn run_due_timers(&mut self) {
        let now = self.now();
        if let Some(retry) = self.retry {
            if retry > now {
                return;
            }
            self.retry = None;
            self.reconcile_presence();
            if let Some((report, generation)) = self.playback_report.clone() {
                self.report_playback(report, generation);
            }
        }
        if self
            .state
            .floor
            .deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            self.apply_system_command(&SystemCommand::Tick);
        }
        if self
            .state
            .decisions
            .deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            let present = self.state.members_present(&self.config);
            if let Some(closing) = self.state.decisions.due(now, present)
                && let Ok(bodies) = self.state.decided(closing, now)
            {
                self.emit(bodies);
            }
        }
        self.hand_over_channels();
        let expired: Vec<PersonId> = self
            .present
            .seat_expiry
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(person, _)| person.clone())
            .collect();
        for person in expired {
            // A holder of the floor stays: the chair decides about the speech, not the clock.
            if self.state.floor.is_holder(&person) {
                self.reserve_seat(&person);
            } else {
                self.leave(&person, DepartureReason::Lost, None, CloseCode::Replaced);
            }
        }
    }
}

/// Passes a person who was not sent out.
pub(crate) fn check_removed(
    removed: &BTreeSet<PersonId>,
    person: &PersonId,
) -> Result<(), Problem> {
    if removed.contains(person) {
        Err(removed_problem())
    } else {
        Ok(())
    }
}

fn removed_problem() -> Problem {
    let detail = "You were asked to leave this room. A moderator can admit you again.";
    Problem::new(Code::Forbidden, detail)
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => pending().await,
    }
}
