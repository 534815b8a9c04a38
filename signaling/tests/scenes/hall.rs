//! The hall: who sits in it, what each of them has heard, and what they were allowed to.
//!
//! Every step keeps a ledger of what may flow from whom to whom. What a step adds may flow from the moment before it was
//! asked for; what it takes away may not have been *sent* after the moment at which the step was known to be done. So a
//! frame is a leak if it *came* before its time or *left* after it, whatever the machine is busy with; and a step is
//! done when everybody has received something new of everything that has to flow.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use plenary_client::{
    Config, Entry, Error, Events, Media, Method, Participant, Server as Address, Slots,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    allowed::{Wants, allowed},
    marks::{From, Heard, Notes, now, source},
    server::Server,
};

/// Long enough for a busy machine; nothing waits that long unless it is wrong.
const PATIENCE: Duration = Duration::from_secs(20);
const ROOM: &str = "climate";

/// A way that a source takes: to a listening device, from a device, and in what it appears.
type Way = (String, String, From, Wants);

struct Seat {
    person: String,
    participant: Participant,
    events: Events,
    /// What came and was not yet asked for.
    unread: Vec<Value>,
    stalled: Arc<AtomicBool>,
    notes: Arc<Notes>,
    /// How many of the notes were looked at.
    read: usize,
    wants: BTreeMap<String, Wants>,
    seq: u64,
}

/// A room, and everybody in it.
pub struct Hall {
    pub server: Server,
    address: Address,
    clerk: String,
    /// What everybody has a line for.
    languages: Vec<String>,
    seats: BTreeMap<String, Seat>,
    /// The device of each person that publishes.
    publishes: BTreeMap<String, String>,
    open: BTreeMap<Way, Duration>,
    closed: Vec<(Way, Duration, Duration)>,
    settled: Duration,
}

impl Hall {
    /// A room with these settings, in TOML, and with a gallery.
    pub async fn open(floor: &str) -> Self {
        Self::with_gallery(true, floor).await
    }

    pub async fn with_gallery(gallery: bool, floor: &str) -> Self {
        Self::hearing(&["ja"], gallery, floor).await
    }

    /// Where everybody has a line for each of these languages.
    pub async fn hearing(languages: &[&str], gallery: bool, floor: &str) -> Self {
        let server = Server::start(gallery, floor);
        let address = server.address();
        let clerk = address.redeem(&server.invitation("clerk-1")).await.unwrap();
        Self {
            server,
            address,
            clerk: clerk.token,
            languages: languages.iter().map(ToString::to_string).collect(),
            seats: BTreeMap::new(),
            publishes: BTreeMap::new(),
            open: BTreeMap::new(),
            closed: Vec::new(),
            settled: now(),
        }
    }

    /// Seats people, each with one device that bears the person's name.
    pub async fn seat(&mut self, people: &[&str]) {
        let before = now();
        for person in people {
            self.join(person, person, ROOM, None).await;
        }
        self.settle(before).await;
    }

    /// Seats one more device of somebody.
    pub async fn seat_device(&mut self, person: &str, device: &str) -> Value {
        let before = now();
        let you = self.join(person, device, ROOM, None).await;
        self.settle(before).await;
        you
    }

    async fn join(
        &mut self,
        person: &str,
        device: &str,
        room: &str,
        resume: Option<(String, u64)>,
    ) -> Value {
        let notes = Arc::new(Notes::default());
        let slots = Slots {
            tiles: 8,
            languages: self.languages.clone(),
            ..Slots::default()
        };
        let config = Config {
            entry: Entry::Invitation(self.server.invitation(person)),
            resume,
            ..Config::new(self.address.clone(), "", room)
        };
        let stalled = Arc::new(AtomicBool::new(false));
        let config = config.with_media(Media {
            source: source(device, &stalled),
            slots,
            observer: Some(Arc::clone(&notes) as _),
            ..Media::default()
        });
        let (participant, events) = Participant::join(config).await.unwrap();
        participant.connected(PATIENCE).await.unwrap();
        let welcome = participant.welcome().clone();
        let lines = participant.slots().iter();
        let seat = Seat {
            person: person.to_owned(),
            wants: lines.map(|it| (it.mid.clone(), it.wants.clone())).collect(),
            seq: welcome["seq"].as_u64().unwrap(),
            participant,
            events,
            unread: welcome["events"].as_array().cloned().unwrap_or_default(),
            stalled,
            notes,
            read: 0,
        };
        if welcome["you"]["publishing"] == true {
            self.publishes.insert(person.to_owned(), device.to_owned());
        }
        self.seats.insert(device.to_owned(), seat);
        welcome
    }

    /// Somebody does something that succeeds; the result.
    pub async fn does(&mut self, device: &str, command: &str, arguments: Value) -> Value {
        let done = self.tries(device, command, arguments).await;
        done.unwrap_or_else(|problem| panic!("{device} {command}: {problem}"))
    }

    /// Somebody does something that is refused; the problem.
    pub async fn is_refused(&mut self, device: &str, command: &str, arguments: Value) -> Value {
        let done = self.tries(device, command, arguments).await;
        done.expect_err("it was to be refused")
    }

    async fn tries(
        &mut self,
        device: &str,
        command: &str,
        arguments: Value,
    ) -> Result<Value, Value> {
        let before = now();
        let done = self.seats[device].participant.command(command, arguments);
        let done = timeout(PATIENCE, done).await.expect("no reply");
        if command == "device.use" && done.is_ok() {
            let person = self.seats[device].person.clone();
            self.publishes.insert(person, device.to_owned());
        }
        self.settle(before).await;
        done.map_err(|error| match error {
            Error::Refused(problem) => {
                json!({ "code": problem.code, "detail": problem.detail, "request": problem.request })
            }
            other => panic!("{other}"),
        })
    }

    /// Somebody gets a channel, and is heard in it once the server has his sound.
    pub async fn interprets(&mut self, device: &str, command: &str, arguments: Value) {
        let interpreter = match command {
            "channel.hand_over" => arguments["to"].clone(),
            _ => json!(self.seats[device].person),
        };
        let language = arguments["language"].clone();
        let done = self.seats[device].participant.command(command, arguments);
        timeout(PATIENCE, done).await.expect("no reply").unwrap();
        self.is_interpreted(device, &language, &interpreter).await;
    }

    /// A lost interpreter comes back to where he was, and to his channel.
    pub async fn returns_to_interpret(
        &mut self,
        device: &str,
        place: (String, u64),
        language: &str,
    ) {
        let (before, interrupted) = (now(), self.room().await);
        self.join(device, device, ROOM, Some(place)).await;
        // Until he is heard, his own line for the language carries the floor like everybody's.
        for way in self.ways(&interrupted).into_keys() {
            self.open.entry(way).or_insert(before);
        }
        self.is_interpreted(device, &json!(language), &json!(device))
            .await;
    }

    async fn is_interpreted(&mut self, witness: &str, language: &Value, by: &Value) {
        self.learns(witness, "channel.changed", |event| {
            let channel = &event["channel"];
            channel["language"] == *language
                && channel["interpreter"] == *by
                && channel["state"] == "interpreted"
        })
        .await;
    }

    /// A delegate asks for the floor; the id of the request.
    pub async fn asks(&mut self, device: &str) -> Value {
        let request = self
            .does(device, "floor.request", json!({ "kind": "statement" }))
            .await;
        request["id"].clone()
    }

    /// A delegate asks, and the chair grants.
    pub async fn is_granted(&mut self, chair: &str, device: &str) -> Value {
        let request = self.asks(device).await;
        self.does(chair, "floor.grant", json!({ "request": request }))
            .await;
        request
    }

    /// A device learns of an event; the first such that it was not asked for before.
    pub async fn learns(
        &mut self,
        device: &str,
        kind: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let seat = self.seats.get_mut(device).unwrap();
        let fits = |event: &Value| event["type"] == kind && wanted(event);
        let event = loop {
            if let Some(at) = seat.unread.iter().position(fits) {
                break seat.unread.remove(at);
            }
            let next = timeout(PATIENCE, seat.events.next()).await;
            let next = next.unwrap_or_else(|_| panic!("{device} never learned of {kind}"));
            let event = next.unwrap_or_else(|| panic!("{device} was cut off before {kind}"));
            seat.seq = event["seq"].as_u64().unwrap_or(seat.seq);
            seat.unread.push(event);
        };
        // It may have happened at any time since the last step.
        self.settle(self.settled).await;
        event
    }

    /// A device's connection breaks, which `witness` learns.
    pub async fn loses(&mut self, device: &str, witness: &str) {
        let seat = self.seats.remove(device).unwrap();
        let person = seat.person.clone();
        drop(seat);
        self.learns(witness, "participant.updated", |event| {
            event["participant"]["person"] == *person && event["participant"]["state"] == "away"
        })
        .await;
    }

    /// A device sends nothing more, or goes on sending; its connection stands.
    pub fn stalls(&self, device: &str, stalled: bool) {
        self.seats[device].stalled.store(stalled, Ordering::Relaxed);
    }

    /// One of several devices of somebody is closed.
    pub async fn puts_away(&mut self, device: &str) {
        let before = now();
        let seat = self.seats.remove(device).unwrap();
        seat.participant.leave().await;
        self.settle(before).await;
    }

    /// The chair sends somebody to another room.
    pub async fn is_moved(&mut self, chair: &str, device: &str, to: &str) {
        let moved = json!({ "person": self.seats[device].person, "to": to });
        let done = self.seats[chair]
            .participant
            .command("participant.move", moved);
        timeout(PATIENCE, done).await.expect("no reply").unwrap();
        let seat = self.seats.remove(device).unwrap();
        timeout(PATIENCE, seat.participant.closed())
            .await
            .expect("sent away");
        self.settle(now()).await;
    }

    /// Where a device could go on, were its connection to break.
    pub fn place(&self, device: &str) -> (String, u64) {
        let seat = &self.seats[device];
        (seat.participant.session().to_owned(), seat.seq)
    }

    /// The server is killed, and everybody cut off; where each device was.
    pub fn is_killed(&mut self) -> BTreeMap<String, (String, u64)> {
        let places = self.seats.keys().map(|it| (it.clone(), self.place(it)));
        let places = places.collect();
        self.server.kill();
        let after = now();
        self.nothing_leaked();
        let open = std::mem::take(&mut self.open);
        let closed = open.into_iter().map(|(way, since)| (way, since, after));
        self.closed.extend(closed);
        self.seats.clear();
        places
    }

    /// A lost device comes back to where it was; what it is welcomed with.
    pub async fn returns(&mut self, device: &str, place: (String, u64)) -> Value {
        let before = now();
        let welcome = self.join(device, device, ROOM, Some(place)).await;
        self.settle(before).await;
        welcome
    }

    /// A device sits down in the other room, out of this hall's sight.
    pub async fn visits(&mut self, person: &str, room: &str) -> (Participant, Events) {
        let config = Config::new(self.address.clone(), self.server.invitation(person), room);
        Participant::join(config).await.unwrap()
    }

    /// The room as it is.
    pub async fn room(&self) -> Value {
        let path = format!("/rooms/{ROOM}");
        let asked = self
            .address
            .call(Method::GET, &path, Some(&self.clerk), None);
        asked.await.unwrap()
    }

    /// The room's record so far.
    pub async fn proceedings(&self) -> Value {
        let path = format!("/rooms/{ROOM}/proceedings");
        let asked = self
            .address
            .call(Method::GET, &path, Some(&self.clerk), None);
        asked.await.unwrap()
    }

    /// What an operator sees of the room.
    pub async fn health(&self) -> Value {
        let invitation = self.server.invitation("operator-1");
        let operator = self.address.redeem(&invitation).await.unwrap();
        let path = format!("/rooms/{ROOM}/health");
        let asked = self
            .address
            .call(Method::GET, &path, Some(&operator.token), None);
        asked.await.unwrap()
    }

    pub async fn channel(&self, language: &str) -> Value {
        let room = self.room().await;
        let mut all = room["channels"].as_array().unwrap().iter();
        all.find(|it| it["language"] == language).unwrap().clone()
    }

    /// What health says is wrong with somebody.
    pub async fn cause(&self, person: &str) -> String {
        let health = self.health().await;
        let mut seats = health["participants"].as_array().unwrap().iter();
        let seat = seats.find(|it| it["person"] == person).unwrap();
        seat["cause"].as_str().unwrap_or_default().to_owned()
    }

    /// A figure of the server's.
    pub fn metric(&self, name: &str) -> u64 {
        self.server.metric(name)
    }

    pub async fn floor(&self) -> Value {
        self.room().await["floor"].clone()
    }

    /// Ends the meeting, and looks through everything that was ever heard once more.
    pub async fn close(mut self) {
        self.settle(now()).await;
        assert_eq!(
            self.server
                .metric("plenary_media_ungranted_packets_forwarded_total"),
            0
        );
        for seat in std::mem::take(&mut self.seats).into_values() {
            seat.participant.leave().await;
        }
    }

    /// Brings the ledger up to date after a step that began at `before`, and holds everybody's notes against it.
    async fn settle(&mut self, before: Duration) {
        let after = now();
        let ways = self.ways(&self.room().await);
        let gone: Vec<Way> = self
            .open
            .keys()
            .filter(|way| !ways.contains_key(*way))
            .cloned()
            .collect();
        for way in gone {
            let since = self.open.remove(&way).unwrap();
            self.closed.push((way, since, after));
        }
        for way in ways.keys() {
            self.open.entry(way.clone()).or_insert(before);
        }
        for ((listener, device, from, wants), _) in ways.iter().filter(|(_, must)| **must) {
            let seat = &self.seats[listener];
            let came = seat.notes.until(|heard| {
                heard.mark.device == *device
                    && heard.mark.from == *from
                    && seat.wants.get(&heard.mid) == Some(wants)
                    && heard.mark.sent > after
            });
            let came = timeout(PATIENCE, came).await;
            assert!(
                came.is_ok(),
                "{listener} does not get {device}'s {from:?} as a {wants}"
            );
            // What flows in a line is what the server says that it shows.
            let person = &self.seats[device].person;
            let told = seat.participant.until_shown(person, wants, PATIENCE);
            told.await.unwrap();
        }
        self.nothing_leaked();
        self.settled = now();
    }

    /// Who may hear whom in such a room, by device; and who has to.
    fn ways(&self, room: &Value) -> BTreeMap<Way, bool> {
        let mut ways = BTreeMap::new();
        for (listener, seat) in &self.seats {
            for ((person, from, wants), must) in &allowed(room, &seat.person) {
                if !seat.wants.values().any(|it| it == wants) {
                    continue;
                }
                let Some(device) = self.publishes.get(person) else {
                    continue;
                };
                // Nobody is shown to himself; and who is not in this hall sends nothing.
                if *person != seat.person && self.seats.contains_key(device) {
                    let way = (listener.clone(), device.clone(), *from, wants.clone());
                    let sends = !self.seats[device].stalled.load(Ordering::Relaxed);
                    ways.insert(way, *must && sends);
                }
            }
        }
        ways
    }

    fn nothing_leaked(&mut self) {
        let mut leaks = BTreeSet::new();
        for (listener, seat) in &mut self.seats {
            let heard = seat.notes.since(seat.read);
            seat.read += heard.len();
            for Heard { mark, mid, at } in heard {
                let way = (
                    listener.clone(),
                    mark.device,
                    mark.from,
                    seat.wants[&mid].clone(),
                );
                let open = self.open.get(&way).is_some_and(|since| at >= *since);
                let was_open = || {
                    self.closed
                        .iter()
                        .any(|(it, since, until)| *it == way && at >= *since && mark.sent <= *until)
                };
                if !open && !was_open() {
                    leaks.insert(format!("{way:?} sent {:?}, came {at:?}", mark.sent));
                }
            }
        }
        assert!(leaks.is_empty(), "leaked: {leaks:#?}");
    }
}
