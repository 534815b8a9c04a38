//! A participant, from the hello to the end of the run.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    failure::LoadError,
    invitations::Person,
    media::{Command, Event, Identity, Joining, Mix, Network, Offer, Publisher, Slots, Worker},
    seat::{Seat, announced},
    server::Server,
};

/// How long somebody who leaves stays away.
const AWAY: Duration = Duration::from_secs(1);
/// A token lives for 15 minutes; an older one than this is not used for a hello.
const TOKEN_LIFE: Duration = Duration::from_mins(10);

pub struct Shared {
    pub server: Server,
    pub identity: Identity,
    pub workers: Vec<Worker>,
    pub joins: Joins,
    /// Turns true when the run ends.
    pub stop: watch::Sender<bool>,
    /// Turns true when the floor is to stay as it is.
    pub adjourn: watch::Sender<bool>,
    /// The participants that wait until their media is connected, by their number in this run.
    waiting: Mutex<HashMap<usize, oneshot::Sender<Result<(), String>>>>,
    next_id: AtomicUsize,
}

#[derive(Debug, Default)]
pub struct Joins(Mutex<JoinCounts>);

/// Joins so far, churn included.
#[derive(Debug, Clone, Default)]
pub struct JoinCounts {
    /// With media that is connected.
    pub joined: u64,
    pub present: u64,
    pub failed: BTreeMap<String, u64>,
    /// Connections that ended before the run did.
    pub lost: BTreeMap<String, u64>,
    /// The first failure in full.
    pub example: Option<String>,
}

/// What a participant is to do.
pub struct Part {
    pub person: Person,
    pub room: String,
    /// The number of the room in this run.
    pub room_number: usize,
    /// The number of the publisher in this run, and what it sends.
    pub publishes: Option<(u16, Mix)>,
    /// Whether it asks for the floor, again after every speech.
    pub asks: bool,
    pub slots: Slots,
    pub network: Network,
}

impl Joins {
    pub fn counts(&self) -> JoinCounts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, JoinCounts> {
        // Each critical section changes counters only, so a poisoned lock is consistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn joined(&self) {
        let mut counts = self.lock();
        counts.joined += 1;
        counts.present += 1;
    }

    pub fn failed(&self, error: &LoadError) {
        let mut counts = self.lock();
        *counts.failed.entry(error.code()).or_default() += 1;
        counts.example.get_or_insert_with(|| error.to_string());
    }

    pub fn left(&self, error: Option<&LoadError>) {
        let mut counts = self.lock();
        counts.present = counts.present.saturating_sub(1);
        if let Some(error) = error {
            *counts.lost.entry(error.code()).or_default() += 1;
        }
    }
}

impl Shared {
    pub fn new(server: Server, identity: Identity, workers: Vec<Worker>) -> Self {
        Self {
            server,
            identity,
            workers,
            joins: Joins::default(),
            stop: watch::Sender::new(false),
            adjourn: watch::Sender::new(false),
            waiting: Mutex::default(),
            next_id: AtomicUsize::new(0),
        }
    }

    /// The number of one more participant.
    pub fn next_id(&self) -> usize {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Begins the media of a participant; the receiver is told that it is connected, or why it cannot be.
    pub fn begin(&self, joining: Joining) -> oneshot::Receiver<Result<(), String>> {
        let (connected, waiting) = oneshot::channel();
        self.waiting().insert(joining.id, connected);
        self.tell(joining.id, Command::Join(Box::new(joining)));
        waiting
    }

    /// The thread that has the media of a participant.
    fn worker(&self, id: usize) -> Option<&Worker> {
        self.workers.get(id % self.workers.len().max(1))
    }

    pub fn tell(&self, id: usize, command: Command) {
        if let Some(worker) = self.worker(id) {
            worker.send(command);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<usize, oneshot::Sender<Result<(), String>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what the threads report, for as long as they run.
    pub async fn dispatch(&self, mut events: mpsc::UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            let (id, outcome) = match event {
                Event::Connected(id) => (id, Ok(())),
                Event::Failed(id, why) => (id, Err(why)),
            };
            if let Some(waiting) = self.waiting().remove(&id) {
                // A participant that has left no longer waits.
                let _ = waiting.send(outcome);
            }
        }
    }
}

/// Waits until the run ends.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The end of the sender is the end of the run, too.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Takes part until the run ends. `joined` is told once how the first join went; `leave` makes the participant leave and
/// come back.
pub async fn attend(
    shared: Arc<Shared>,
    mut part: Part,
    joined: oneshot::Sender<bool>,
    mut leave: mpsc::Receiver<()>,
) {
    let mut stop = shared.stop.subscribe();
    let mut redeemed = Instant::now();
    let mut joined = Some(joined);
    loop {
        let outcome = join(&shared, &mut part, &mut redeemed).await;
        if let Err(error) = &outcome {
            shared.joins.failed(error);
        }
        if let Some(joined) = joined.take() {
            let _ = joined.send(outcome.is_ok());
        }
        let Ok((mut seat, id)) = outcome else {
            return;
        };
        let ended = tokio::select! {
            ended = stay(&shared, &mut seat, id, &part) => Some(ended),
            Some(()) = leave.recv() => None,
            () = stopped(&mut stop) => None,
        };
        shared.tell(id, Command::Leave(id));
        shared.joins.left(ended.as_ref());
        // A participant that lost its connection joins again, as a browser does.
        if ended.is_none() {
            seat.close().await;
        }
        if tokio::time::timeout(AWAY, stopped(&mut stop)).await.is_ok() {
            return;
        }
        while leave.try_recv().is_ok() {}
    }
}

async fn join(
    shared: &Shared,
    part: &mut Part,
    redeemed: &mut Instant,
) -> Result<(Seat, usize), LoadError> {
    if redeemed.elapsed() > TOKEN_LIFE {
        (part.person.token, _) = shared.server.redeem(&part.person.invitation).await?;
        *redeemed = Instant::now();
    }
    let id = shared.next_id();
    let publisher = part.publishes.as_ref();
    let publisher = publisher.map(|(number, mix)| Publisher::new(*number, mix));
    let offer = Offer::new(publisher.as_ref(), part.slots, shared.identity.fingerprint);
    let mut seat = Seat::open(&shared.server, publisher.is_some()).await?;
    let hello = json!({
        "type": "hello",
        "token": part.person.token,
        "room": part.room,
        "offer": offer.text,
        "slots": offer.wants,
        // A listener reads no event, so it takes them in as few messages as possible.
        "batches": publisher.is_none(),
    });
    let greeted = Instant::now();
    let welcome = seat.greet(&hello).await?;
    let answer = welcome["answer"].as_str().unwrap_or_default();
    let answer = offer.read_answer(answer, seat.reached)?;
    let joining = Joining {
        id,
        room: part.room_number,
        answer,
        publisher,
        camera_mid: offer.camera_mid,
        network: part.network,
        hello: greeted,
    };
    let waiting = shared.begin(joining);
    if part.asks {
        seat.command("floor.request", json!({})).await?;
    }
    // What the server says meanwhile is about slots, and must not wait until it is full.
    let connected = tokio::select! {
        connected = waiting => connected.unwrap_or_else(|_| Err("the thread ended".to_owned())),
        error = stay(shared, &mut seat, id, part) => Err(error.to_string()),
    };
    if let Err(why) = connected {
        shared.tell(id, Command::Leave(id));
        return Err(LoadError::Media(why));
    }
    shared.joins.joined();
    Ok((seat, id))
}

/// Reads what the server says until the connection ends.
async fn stay(shared: &Shared, seat: &mut Seat, id: usize, part: &Part) -> LoadError {
    loop {
        let message = match seat.next().await {
            Ok(message) => message,
            Err(error) => return error,
        };
        match message["type"].as_str().unwrap_or_default() {
            "slots" => shared.tell(id, Command::Announce(id, announced(&message))),
            "media.ended" => {
                let why = message["why"].as_str().unwrap_or("unknown");
                return LoadError::Media(format!("the server ended it: {why}"));
            }
            kind if part.asks && ends_request(kind, &message, &part.person.id) => {
                if let Err(error) = seat.command("floor.request", json!({})).await {
                    return error;
                }
            }
            _ => {}
        }
    }
}

/// Whether the event ended this person's request for the floor, or opened the list.
fn ends_request(kind: &str, message: &Value, person: &str) -> bool {
    match kind {
        "list.opened" | "list.reopened" => true,
        "floor.released" | "floor.revoked" | "floor.denied" => {
            message["request"]["beneficiary"] == person
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_asks_again_after_the_own_speech_and_not_after_anothers() {
        let event = json!({"request": {"beneficiary": "tokyo-1"}});
        assert!(ends_request("floor.revoked", &event, "tokyo-1"));
        assert!(!ends_request("floor.revoked", &event, "seoul-1"));
        assert!(!ends_request("floor.granted", &event, "tokyo-1"));
        assert!(ends_request("list.opened", &json!({}), "tokyo-1"));
    }
}
