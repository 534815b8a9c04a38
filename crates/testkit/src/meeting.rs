//! A meeting with real media: the server as a process, headless participants over ICE, DTLS and SRTP, and after every
//! step a check of what each of them receives.
//!
//! A meeting keeps a ledger of the flows that are allowed. What a step adds may flow from the moment before the step was
//! requested. What it takes away may not have been *sent* after the moment at which the step was known to be done. So a
//! frame is a leak if it *came* before its flow was allowed or *left* after it was forbidden, however busy the machine is.
//! A step is done when everybody has received something new of everything that has to flow.

mod allowed;
mod frames;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use plenary_client::{Config, Entry, Error, Events, Media, Method, Participant, Server, Slots};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    WAIT_TIMEOUT,
    conference::ConferenceFile,
    process::{Process, Program},
};

use self::{
    allowed::{Wants, allowed},
    frames::{ReceivedFrame, ReceivedFrames, Track, now, tagged_source},
};

const ROOM: &str = "climate";

/// A listening device, a sending device, its track, and what the listener's slot wants.
type Flow = (String, String, Track, Wants);

/// The point from which a device resumes after its connection was lost: its session, and the last event that it has.
pub type ResumePoint = (String, u64);

/// The room `climate` of a meeting.
pub struct MeetingOptions<'a> {
    pub gallery: bool,
    /// TOML for `[room.floor]`.
    pub floor: &'a str,
    /// The languages that every device has a slot for.
    pub languages: &'a [&'a str],
}

impl Default for MeetingOptions<'_> {
    fn default() -> Self {
        Self {
            gallery: true,
            floor: "",
            languages: &["ja"],
        }
    }
}

/// Four cities (Brussels is an observer), two moderators and staff in two rooms.
fn conference(options: &MeetingOptions<'_>) -> ConferenceFile {
    let (gallery, floor) = (options.gallery, options.floor);
    let climate = format!("gallery = {gallery}\n[room.floor]\n{floor}");
    let address = "id = \"address\"\nkind = \"address\"\nspeakers = [\"tokyo-1\"]";
    ConferenceFile::new(&["en", "ja", "fr"])
        .cities(&["tokyo", "seoul", "delhi"])
        .city("brussels", "status = \"observer\"", "")
        .staff(&[
            ("moderator-1", "moderator"),
            ("moderator-2", "moderator"),
            ("clerk-1", "clerk"),
            ("interpreter-1", "interpreter"),
            ("interpreter-2", "interpreter"),
            ("operator-1", "operator"),
        ])
        .room(ROOM, "Climate", &climate)
        .room("covid", "Covid", "")
        .item(ROOM, "Address", "09:00", 10, address)
}

struct Device {
    person: String,
    participant: Participant,
    events: Events,
    /// Events that came and that no step has waited for yet.
    unread: Vec<Value>,
    stalled: Arc<AtomicBool>,
    frames: Arc<ReceivedFrames>,
    /// How many of the frames were checked.
    checked: usize,
    /// What each slot wants, by its media line.
    wants: BTreeMap<String, Wants>,
    seq: u64,
}

/// A room, and the devices in it.
pub struct Meeting {
    program: Program,
    process: Process,
    address: Server,
    clerk_token: String,
    languages: Vec<String>,
    devices: BTreeMap<String, Device>,
    /// The publishing device of each person.
    publishing: BTreeMap<String, String>,
    open: BTreeMap<Flow, Duration>,
    closed: Vec<(Flow, Duration, Duration)>,
    settled: Duration,
}

impl Meeting {
    /// `binary` is `env!("CARGO_BIN_EXE_plenary")`.
    pub async fn open(binary: &'static str, options: MeetingOptions<'_>) -> Self {
        let program = Program::new(binary, conference(&options).toml());
        let process = program.serve();
        let address = process.server();
        let clerk = address.redeem(program.invitation("clerk-1")).await;
        Self {
            program,
            process,
            address,
            clerk_token: clerk.unwrap().token,
            languages: options.languages.iter().map(ToString::to_string).collect(),
            devices: BTreeMap::new(),
            publishing: BTreeMap::new(),
            open: BTreeMap::new(),
            closed: Vec::new(),
            settled: now(),
        }
    }

    /// People join, each with one device that is named after the person.
    pub async fn join(&mut self, people: &[&str]) {
        let before = now();
        for person in people {
            self.connect(person, person, None).await;
        }
        self.settle(before).await;
    }

    /// A person joins with one more device; returns the welcome.
    pub async fn join_with(&mut self, person: &str, device: &str) -> Value {
        let before = now();
        let welcome = self.connect(person, device, None).await;
        self.settle(before).await;
        welcome
    }

    async fn connect(&mut self, person: &str, device: &str, resume: Option<ResumePoint>) -> Value {
        let frames = Arc::new(ReceivedFrames::default());
        let slots = Slots {
            tiles: 8,
            languages: self.languages.clone(),
            ..Slots::default()
        };
        let config = Config {
            entry: Entry::Invitation(self.program.invitation(person).to_owned()),
            resume,
            ..Config::new(self.address.clone(), "", ROOM)
        };
        let stalled = Arc::new(AtomicBool::new(false));
        let config = config.with_media(Media {
            source: tagged_source(device, &stalled),
            slots,
            observer: Some(Arc::clone(&frames) as _),
            ..Media::default()
        });
        let (participant, events) = Participant::join(config).await.unwrap();
        participant.connected(WAIT_TIMEOUT).await.unwrap();
        let welcome = participant.welcome().clone();
        if welcome["you"]["publishing"] == true {
            let device = device.to_owned();
            self.publishing.insert(person.to_owned(), device);
        }
        let slots = participant.slots().iter();
        let joined = Device {
            person: person.to_owned(),
            wants: slots.map(|it| (it.mid.clone(), it.wants.clone())).collect(),
            seq: welcome["seq"].as_u64().unwrap(),
            participant,
            events,
            unread: welcome["events"].as_array().cloned().unwrap_or_default(),
            stalled,
            frames,
            checked: 0,
        };
        self.devices.insert(device.to_owned(), joined);
        welcome
    }

    /// Executes a command that succeeds; returns its result.
    pub async fn execute(&mut self, device: &str, command: &str, arguments: Value) -> Value {
        let done = self.try_execute(device, command, arguments).await;
        done.unwrap_or_else(|problem| panic!("{device} {command}: {problem}"))
    }

    /// Executes a command that is refused; returns the problem.
    pub async fn expect_refusal(&mut self, device: &str, command: &str, arguments: Value) -> Value {
        let done = self.try_execute(device, command, arguments).await;
        done.expect_err("a refusal")
    }

    async fn try_execute(
        &mut self,
        device: &str,
        command: &str,
        arguments: Value,
    ) -> Result<Value, Value> {
        let before = now();
        let done = self.command(device, command, arguments).await;
        if command == "device.use" && done.is_ok() {
            let person = self.devices[device].person.clone();
            self.publishing.insert(person, device.to_owned());
        }
        self.settle(before).await;
        done.map_err(|error| match error {
            Error::Refused(problem) => {
                json!({ "code": problem.code, "detail": problem.detail, "request": problem.request })
            }
            other => panic!("{other}"),
        })
    }

    async fn command(&self, device: &str, command: &str, arguments: Value) -> Result<Value, Error> {
        let reply = self.devices[device].participant.command(command, arguments);
        timeout(WAIT_TIMEOUT, reply).await.expect("no reply")
    }

    /// Takes a channel or hands it over, and waits until the server receives the new interpreter's sound.
    pub async fn interpret(&mut self, device: &str, command: &str, arguments: Value) {
        let interpreter = match command {
            "channel.hand_over" => arguments["to"].clone(),
            _ => json!(self.devices[device].person),
        };
        let language = arguments["language"].clone();
        self.command(device, command, arguments).await.unwrap();
        self.wait_until_interpreted(device, &language, &interpreter)
            .await;
    }

    /// A lost interpreter resumes, and has the channel again.
    pub async fn resume_interpreting(&mut self, device: &str, at: ResumePoint, language: &str) {
        let (before, interrupted) = (now(), self.room().await);
        self.connect(device, device, Some(at)).await;
        // Until the interpreter is received, the interpreter's own slot for the language carries the floor as well.
        for flow in self.flows(&interrupted).into_keys() {
            self.open.entry(flow).or_insert(before);
        }
        self.wait_until_interpreted(device, &json!(language), &json!(device))
            .await;
    }

    async fn wait_until_interpreted(&mut self, witness: &str, language: &Value, by: &Value) {
        self.wait_for(witness, "channel.changed", |event| {
            let channel = &event["channel"];
            channel["language"] == *language
                && channel["interpreter"] == *by
                && channel["state"] == "interpreted"
        })
        .await;
    }

    /// A delegate requests the floor; returns the id of the request.
    pub async fn request_floor(&mut self, device: &str) -> Value {
        let arguments = json!({ "kind": "statement" });
        let request = self.execute(device, "floor.request", arguments).await;
        request["id"].clone()
    }

    /// A delegate requests the floor, and the chair grants it.
    pub async fn give_floor(&mut self, chair: &str, device: &str) -> Value {
        let request = self.request_floor(device).await;
        let grant = json!({ "request": request });
        self.execute(chair, "floor.grant", grant).await;
        request
    }

    /// Waits until a device receives such an event, and returns the first that no step has waited for.
    pub async fn wait_for(
        &mut self,
        device: &str,
        kind: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let receiver = self.devices.get_mut(device).unwrap();
        let fits = |event: &Value| event["type"] == kind && wanted(event);
        let event = loop {
            if let Some(at) = receiver.unread.iter().position(fits) {
                break receiver.unread.remove(at);
            }
            let next = timeout(WAIT_TIMEOUT, receiver.events.next()).await;
            let next = next.unwrap_or_else(|_| panic!("{device} received no {kind}"));
            let event = next.unwrap_or_else(|| panic!("{device} was cut off before {kind}"));
            receiver.seq = event["seq"].as_u64().unwrap_or(receiver.seq);
            receiver.unread.push(event);
        };
        // It may have happened at any time since the last step.
        self.settle(self.settled).await;
        event
    }

    /// A device's connection breaks, and `witness` is told.
    pub async fn drop_connection(&mut self, device: &str, witness: &str) {
        let lost = self.devices.remove(device).unwrap();
        let person = lost.person.clone();
        drop(lost);
        self.wait_for(witness, "participant.updated", |event| {
            event["participant"]["person"] == *person && event["participant"]["state"] == "away"
        })
        .await;
    }

    /// Whether a device sends no media, while its connection stands.
    pub fn set_stalled(&self, device: &str, stalled: bool) {
        let flag = &self.devices[device].stalled;
        flag.store(stalled, Ordering::Relaxed);
    }

    /// One of several devices of a person leaves.
    pub async fn leave(&mut self, device: &str) {
        let before = now();
        let device = self.devices.remove(device).unwrap();
        device.participant.leave().await;
        self.settle(before).await;
    }

    /// The chair moves the person of a device to another room.
    pub async fn move_to_room(&mut self, chair: &str, device: &str, room: &str) {
        let person = &self.devices[device].person;
        let arguments = json!({ "person": person, "to": room });
        let moved = self.command(chair, "participant.move", arguments).await;
        moved.unwrap();
        let device = self.devices.remove(device).unwrap();
        let closed = timeout(WAIT_TIMEOUT, device.participant.closed()).await;
        closed.expect("closed");
        self.settle(now()).await;
    }

    pub fn resume_point(&self, device: &str) -> ResumePoint {
        let device = &self.devices[device];
        (device.participant.session().to_owned(), device.seq)
    }

    /// Kills the server, which cuts everybody off, and starts it again; returns where each device resumes.
    pub fn kill_server(&mut self) -> BTreeMap<String, ResumePoint> {
        let devices = self.devices.keys();
        let points = devices.map(|it| (it.clone(), self.resume_point(it)));
        let points = points.collect();
        self.process.kill();
        let after = now();
        self.assert_no_leaks();
        let open = std::mem::take(&mut self.open);
        let closed = open.into_iter().map(|(flow, since)| (flow, since, after));
        self.closed.extend(closed);
        self.devices.clear();
        self.process.restart(&self.program);
        points
    }

    /// A lost device resumes; returns the welcome.
    pub async fn resume(&mut self, device: &str, at: ResumePoint) -> Value {
        let before = now();
        let welcome = self.connect(device, device, Some(at)).await;
        self.settle(before).await;
        welcome
    }

    /// A person joins another room, which is not part of the meeting.
    pub async fn join_elsewhere(&self, person: &str, room: &str) -> (Participant, Events) {
        let invitation = self.program.invitation(person);
        let config = Config::new(self.address.clone(), invitation, room);
        Participant::join(config).await.unwrap()
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        let path = format!("/rooms/{ROOM}{path}");
        let response = self.address.call(Method::GET, &path, Some(token), None);
        response.await.unwrap()
    }

    /// The snapshot of the room.
    pub async fn room(&self) -> Value {
        self.get("", &self.clerk_token).await
    }

    pub async fn proceedings(&self) -> Value {
        self.get("/proceedings", &self.clerk_token).await
    }

    /// The health of the room, as an operator sees it.
    pub async fn health(&self) -> Value {
        let invitation = self.program.invitation("operator-1");
        let operator = self.address.redeem(invitation).await.unwrap();
        self.get("/health", &operator.token).await
    }

    /// The cause of a person's trouble, from the health report.
    pub async fn cause(&self, person: &str) -> String {
        let health = self.health().await;
        let mut participants = health["participants"].as_array().unwrap().iter();
        let found = participants.find(|it| it["person"] == person).unwrap();
        found["cause"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn channel(&self, language: &str) -> Value {
        let room = self.room().await;
        let mut channels = room["channels"].as_array().unwrap().iter();
        let found = channels.find(|it| it["language"] == language);
        found.unwrap().clone()
    }

    pub async fn floor(&self) -> Value {
        self.room().await["floor"].clone()
    }

    /// A figure of the server's `/metrics`.
    pub fn metric(&self, name: &str) -> u64 {
        self.process.metric(name)
    }

    /// Ends the meeting, and checks every frame that was ever received once more.
    pub async fn close(mut self) {
        self.settle(now()).await;
        for what in ["forwarded", "recorded"] {
            let metric = format!("plenary_media_ungranted_packets_{what}_total");
            assert_eq!(self.metric(&metric), 0, "{what}");
        }
        for device in std::mem::take(&mut self.devices).into_values() {
            device.participant.leave().await;
        }
    }

    /// Brings the ledger up to date after a step that began at `before`, and checks everybody's frames against it.
    async fn settle(&mut self, before: Duration) {
        let after = now();
        let flows = self.flows(&self.room().await);
        let open = std::mem::take(&mut self.open).into_iter();
        let (open, gone): (Vec<_>, Vec<_>) = open.partition(|(flow, _)| flows.contains_key(flow));
        self.open.extend(open);
        let closed = gone.into_iter().map(|(flow, since)| (flow, since, after));
        self.closed.extend(closed);
        for flow in flows.keys() {
            self.open.entry(flow.clone()).or_insert(before);
        }
        for ((listener, device, track, wants), _) in flows.iter().filter(|(_, must)| **must) {
            let receiver = &self.devices[listener];
            let came = receiver.frames.wait_for(|frame| {
                frame.tag.device == *device
                    && frame.tag.track == *track
                    && receiver.wants.get(&frame.mid) == Some(wants)
                    && frame.tag.sent > after
            });
            let came = timeout(WAIT_TIMEOUT, came).await;
            assert!(
                came.is_ok(),
                "{listener} does not receive {device}'s {track:?} as a {wants}"
            );
            // The server says the same of the slot.
            let person = &self.devices[device].person;
            let participant = &receiver.participant;
            let shown = participant.until_shown(person, wants, WAIT_TIMEOUT);
            shown.await.unwrap();
        }
        self.assert_no_leaks();
        self.settled = now();
    }

    /// Which flows a snapshot allows, and whether it requires them.
    fn flows(&self, room: &Value) -> BTreeMap<Flow, bool> {
        let mut flows = BTreeMap::new();
        for (listener, receiver) in &self.devices {
            for ((person, track, wants), must) in &allowed(room, &receiver.person) {
                if !receiver.wants.values().any(|it| it == wants) {
                    continue;
                }
                let Some(device) = self.publishing.get(person) else {
                    continue;
                };
                // Participants do not receive themselves, and nothing of people outside the meeting.
                let Some(sender) = self.devices.get(device) else {
                    continue;
                };
                if *person != receiver.person {
                    let flow = (listener.clone(), device.clone(), *track, wants.clone());
                    let sends = !sender.stalled.load(Ordering::Relaxed);
                    flows.insert(flow, *must && sends);
                }
            }
        }
        flows
    }

    fn assert_no_leaks(&mut self) {
        let mut leaks = BTreeSet::new();
        for (listener, receiver) in &mut self.devices {
            let frames = receiver.frames.since(receiver.checked);
            receiver.checked += frames.len();
            for ReceivedFrame { tag, mid, at } in frames {
                let wants = receiver.wants[&mid].clone();
                let flow = (listener.clone(), tag.device, tag.track, wants);
                let is_open = self.open.get(&flow).is_some_and(|since| at >= *since);
                let mut closed = self.closed.iter();
                let was_open = |(it, since, until): &(Flow, Duration, Duration)| {
                    *it == flow && at >= *since && tag.sent <= *until
                };
                if !is_open && !closed.any(was_open) {
                    leaks.insert(format!("{flow:?} sent {:?}, came {at:?}", tag.sent));
                }
            }
        }
        assert!(leaks.is_empty(), "leaked: {leaks:#?}");
    }
}
