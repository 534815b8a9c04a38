//! The task of a room: everything that happens in it happens here, one thing after the other.
//!
//! It takes all that waits as one batch: each is decided and folded in memory (`orders`, `seats`), the whole is recorded
//! and only then told (`batch`, `publish`). While the log writes one batch, the next is decided. What is asked of the
//! past is in `reading`.

mod batch;
mod channels;
mod happening;
mod orders;
mod publish;
mod reading;
mod seats;

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    sync::Arc,
    time::Duration,
};

use plenary_floor::Command as Floor;
use plenary_ids::{Millis, Moment, PersonId, Seq};
use plenary_journal::Log;
use plenary_protocol::{Channel, CloseCode, Code, Problem, RoomEvent, SessionId};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    Body, Clock, Member, RecoveryError, RoomConfig, Scene, Snapshot, Stage, handle::Ask,
    outbox::Sender, recovery::Recovered, state::RoomState,
};
use batch::{Batch, Deferred, InFlight, recorded};
use happening::Kept;
use publish::SeenGallery;

/// How many wait for one commit at most, so that the first is not kept waiting by the last.
const BATCH: usize = 256;
/// How often the log is told that the server is alive, while a speech's time is counted: a restart loses no more of it.
const PULSE: Duration = Duration::from_millis(400);
/// How long after a failed commit the room tries again to record what it saw for itself.
const RETRY: Millis = Millis(1000);

#[derive(Debug, Clone)]
struct Device {
    person: PersonId,
    publishing: bool,
    /// Whether the media plane has a path to it.
    path: bool,
    outbox: Sender,
    /// The last event that it knows. Before it has been told anything it wants none.
    told: Seq,
}

/// Who is really here, whatever the log says.
#[derive(Debug, Clone, Default)]
struct Present {
    devices: BTreeMap<SessionId, Device>,
    /// Until when the places of those who are away are kept.
    kept_until: BTreeMap<PersonId, Moment>,
}

impl Present {
    fn note_path(&mut self, session: &SessionId, open: bool) {
        if let Some(device) = self.devices.get_mut(session) {
            device.path = open;
        }
    }
}

pub(crate) struct Room {
    config: RoomConfig,
    stage: Arc<dyn Stage>,
    clock: Clock,
    log: Arc<dyn Log>,
    state: RoomState,
    present: Present,
    /// The last events, so that who returns after a moment is told without a look into the log.
    events: VecDeque<Kept>,
    scene: Scene,
    gallery: Option<SeenGallery>,
    epoch: u64,
    /// What is decided and not handed to the log yet.
    batch: Batch,
    /// What the log was handed, the oldest first.
    in_flight: VecDeque<InFlight>,
    /// The last event in the latest snapshot.
    snapshot: Seq,
    /// Connections that ended before their seat could be told to them.
    departed: Vec<SessionId>,
    /// Whether nothing is asked of it any more.
    draining: bool,
    /// After a failed commit: when to record what the room has seen for itself meanwhile.
    retry: Option<Moment>,
    /// The language channels, for whoever looks at them without asking.
    channels: watch::Sender<Arc<[Channel]>>,
}

impl Room {
    /// A room where its log ends. If it was running before, that it is back is the next thing that happens.
    pub(crate) async fn open(
        config: RoomConfig,
        stage: Arc<dyn Stage>,
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
            state,
            config,
            stage,
            clock,
            log,
            present: Present::default(),
            events: VecDeque::new(),
            scene: Scene::default(),
            gallery: None,
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
            room.remember(Kept::of(event, record.body));
        }
        room.batch.begins = is_new;
        if room.state.seq > Seq(0) {
            let down_since = room.down_since(alive);
            room.tell_floor(&Floor::Restarted { down_since });
            room.take_stock();
            room.follow_interpreters();
        }
        match room.commit().await {
            Ok(()) => Ok(room),
            Err(error) => Err(RecoveryError::Write {
                room: room.config.id.clone(),
                error,
            }),
        }
    }

    /// When the server went down, which it was last known not to have done at `alive`. While time is counted it says so
    /// every [`PULSE`], so it may have run for as long again: of a time that has been shown, nothing is taken back.
    fn down_since(&self, alive: Moment) -> Moment {
        if self.is_counting() {
            let pulse = u64::try_from(PULSE.as_millis()).unwrap_or(u64::MAX);
            alive.after(Millis(pulse)).min(self.now())
        } else {
            alive
        }
    }

    fn is_counting(&self) -> bool {
        self.state.floor.live().next().is_some()
    }

    /// Runs until nobody holds a handle any more, or it is drained.
    pub(crate) async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        let mut pulse = Instant::now();
        loop {
            let deadline = self.deadline().map(|moment| self.clock.instant(moment));
            let (counting, full) = (self.is_counting(), self.is_full());
            let mut asks = Vec::new();
            if self.departed.is_empty() {
                tokio::select! {
                    recorded = recorded(&mut self.in_flight) => {
                        // A failure has been told to everybody whom it concerns.
                        let _ = self.conclude(recorded).await;
                    }
                    count = asked.recv_many(&mut asks, BATCH), if !full => if count == 0 {
                        let _ = self.commit().await;
                        return;
                    },
                    () = until(deadline) => {}
                    () = until(counting.then_some(pulse)) => {
                        self.log.heartbeat(self.now());
                        pulse = Instant::now() + PULSE;
                        continue;
                    }
                }
            }
            for session in std::mem::take(&mut self.departed) {
                self.detach(&session);
            }
            let mut drained = None;
            for ask in asks {
                match ask {
                    // What was asked before is still done; what was asked after is not.
                    Ask::Drain(done) => {
                        drained = Some(done);
                        break;
                    }
                    ask => self.hear(ask).await,
                }
            }
            self.time_has_come();
            self.follow_interpreters();
            if let Some(done) = drained {
                self.happen(vec![Body::Room(RoomEvent::Draining {})]);
                self.draining = true;
                let _ = self.commit().await;
                self.close().await;
                let _ = done.send(());
                return;
            }
            self.submit().await;
        }
    }

    async fn hear(&mut self, ask: Ask) {
        match ask {
            Ask::Attach(attach, answer) => match self.attach(&attach) {
                Ok(newcomer) => self.batch.answers.push(Deferred::Seat(newcomer, answer)),
                Err(problem) => self.batch.answers.push(Deferred::NoSeat(problem, answer)),
            },
            Ask::Detach(session) => self.detach(&session),
            Ask::Command(caller, command, guard, answer) => {
                let deferred = self.command(&caller, &command, guard, answer).await;
                self.batch.answers.push(deferred);
            }
            Ask::Relay {
                from,
                to,
                text,
                answer,
            } => {
                // Nothing of it is recorded. Whoever asked may be gone.
                let _ = answer.send(self.relay(&from, &to, &text));
            }
            // What is asked of the room is answered as it is once all before it is recorded.
            Ask::Snapshot(reader, answer) => {
                self.batch
                    .answers
                    .push(Deferred::Snapshot(reader, None, answer));
            }
            Ask::Events(reader, after, answer) => {
                self.batch
                    .answers
                    .push(Deferred::Events(reader, after, answer));
            }
            Ask::Voice(person) => self.tell_floor(&Floor::Voice { person }),
            Ask::Flow(person, flowing) => self.flow(person, flowing),
            Ask::Path(session, open) => self.path(&session, open),
            Ask::Stalled(answer) => {
                let _ = answer.send(self.state.floor.stalled());
            }
            Ask::Drain(done) => drop(done),
        }
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn snapshot_for(&self, reader: &PersonId) -> Result<Box<Snapshot>, Problem> {
        let member = self.member(reader)?;
        let room = self.state.snapshot(&self.config, &member, self.now());
        Ok(Box::new(room))
    }

    fn member(&self, person: &PersonId) -> Result<Member, Problem> {
        let member = self.config.members.get(person).ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                format!("{person} has no place in the room {}.", self.config.id),
            )
        })?;
        if self.state.removed.contains(person) {
            return Err(sent_out());
        }
        Ok(member.clone())
    }

    fn deadline(&self) -> Option<Moment> {
        let first = self
            .present
            .kept_until
            .values()
            .copied()
            .chain(self.state.floor.deadline())
            .chain(self.state.decisions.deadline())
            .chain(self.retry)
            .min()?;
        // While nothing can be recorded, time that has come would come again at once.
        Some(self.retry.map_or(first, |retry| first.max(retry)))
    }

    fn time_has_come(&mut self) {
        let now = self.now();
        if let Some(retry) = self.retry {
            if retry > now {
                return;
            }
            self.retry = None;
            self.take_stock();
        }
        if self
            .state
            .floor
            .deadline()
            .is_some_and(|deadline| deadline <= now)
        {
            self.tell_floor(&Floor::Tick);
        }
        if let Some(closing) = self.state.decisions.due(now)
            && let Ok(bodies) = self.state.decided(closing, now)
        {
            self.happen(bodies);
        }
        let over: Vec<PersonId> = self
            .present
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
                self.leave(&person, "lost", None, CloseCode::Replaced);
            }
        }
    }
}

fn sent_out() -> Problem {
    let detail = "You were asked to leave this room. A moderator can admit you again.";
    Problem::new(Code::Forbidden, detail)
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => pending().await,
    }
}
