//! A conference of two cities, a room of it, and devices in the room.

use std::{future::Future, pin::Pin, sync::Arc};

use futures_util::FutureExt;
use plenary_conference::parse;
use plenary_ids::{Millis, Moment, PersonId, RoomId, Seq};
use plenary_protocol::{
    Channel, CloseCode, Command, CommandId, Problem, Resume, RoomSnapshot, SessionId, Source,
};
use plenary_room::{
    Attach, Attached, Caller, Clock, Fold, Guard, MediaPlane, Outbox, Outgoing, Reach, Resumption,
    RoomConfig, RoomHandle, Scene,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::memory::Memory;

const CONFERENCE: &str = r#"
    [conference]
    id = "crisis"
    name = "Crisis Management"
    time_zone = "Asia/Taipei"
    starts = 2021-10-12
    ends = 2021-10-14
    languages = ["en", "ja", "fr"]

    [[delegation]]
    id = "tokyo"
    name = "Tokyo"
    country = "JP"
    [[delegation]]
    id = "seoul"
    name = "Seoul"
    country = "KR"

    [[delegation]]
    id = "brussels"
    name = "Brussels"
    country = "BE"
    status = "observer"

    [[person]]
    id = "tokyo-1"
    name = "Tokyo delegate"
    delegation = "tokyo"
    role = "delegate"
    [[person]]
    id = "seoul-1"
    name = "Seoul delegate"
    delegation = "seoul"
    role = "delegate"
    [[person]]
    id = "brussels-1"
    name = "Brussels delegate"
    delegation = "brussels"
    role = "delegate"
    rooms = ["climate"]
    [[person]]
    id = "clerk"
    name = "Clerk"
    role = "clerk"
    [[person]]
    id = "chair"
    name = "Chair"
    role = "moderator"
    [[person]]
    id = "deputy"
    name = "Deputy chair"
    role = "moderator"
    [[person]]
    id = "viewer"
    name = "Viewer"
    role = "viewer"
    [[person]]
    id = "elsewhere"
    name = "Interpreter of the other room"
    role = "interpreter"
    rooms = ["covid"]

    [[person]]
    id = "kenji"
    name = "Kenji"
    role = "interpreter"
    languages = ["ja", "en"]
    rooms = ["climate"]
    [[person]]
    id = "aiko"
    name = "Aiko"
    role = "interpreter"
    [[person]]
    id = "operator"
    name = "Operator"
    role = "operator"

    [[room]]
    id = "climate"
    title = "Climate"
    gallery = true
    [[room]]
    id = "covid"
    title = "Covid"
    gallery = false

    [[item]]
    room = "climate"
    title = "Cities"
    starts = 2021-10-12T09:00:00
    minutes = 20
    speakers = ["seoul-1", "tokyo-1"]
    [[item]]
    room = "climate"
    id = "declaration"
    title = "Declaration"
    kind = "decision"
    starts = 2021-10-12T09:20:00
    minutes = 10
    limit = "2m"
    [[item]]
    room = "climate"
    title = "Address"
    kind = "address"
    starts = 2021-10-12T09:30:00
    minutes = 10
    speakers = ["tokyo-1"]
"#;

/// A room in the morning of 12 October 2021, and its media plane.
pub struct House {
    pub room: RoomHandle,
    pub stage: Arc<Recorder>,
    pub log: Arc<Memory>,
    config: RoomConfig,
    clock: Clock,
}

/// The morning of 12 October 2021 in Taipei.
const NINE: Moment = Moment(1_634_000_400_000);

/// A device that is seated.
#[derive(Debug)]
pub struct Seat {
    pub room: RoomHandle,
    pub person: PersonId,
    pub session: SessionId,
    pub publishing: bool,
    pub resumption: Resumption,
    pub seq: Seq,
    pub outbox: Outbox,
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).expect("a name")
}

/// What a room of that name knows.
pub fn config(room: &str) -> RoomConfig {
    let conference = parse(CONFERENCE.as_bytes(), "test.toml").expect("a conference");
    let room = RoomId::new(room).expect("a name");
    RoomConfig::of(&conference, conference.room(&room).expect("a room"))
}

pub fn command(kind: &str, fields: Value) -> Command {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    Command::read(kind, fields).expect("a command")
}

impl House {
    /// With a gallery.
    pub fn open() -> Self {
        Self::of("climate")
    }

    /// Without one.
    pub fn open_without_gallery() -> Self {
        Self::of("covid")
    }

    fn of(room: &str) -> Self {
        let config = config(room);
        let log = Arc::new(Memory::of(&config.id));
        Self::start(config, log, Clock::starting_at(NINE))
    }

    fn start(config: RoomConfig, log: Arc<Memory>, clock: Clock) -> Self {
        let stage = Arc::new(Recorder::default());
        let opening = RoomHandle::open(config.clone(), stage.clone(), clock, log.clone());
        let room = opening.now_or_never().expect("all is in memory");
        Self {
            room: room.expect("a room"),
            stage,
            log,
            config,
            clock,
        }
    }

    /// The server is killed, and another starts on the same log so much later.
    pub fn killed_and_back(self, later: Millis) -> Self {
        // What may still run of the old one can do no harm: the log is no longer where it expects it to be.
        let Self {
            log, config, clock, ..
        } = self;
        let clock = Clock::starting_at(clock.now().after(later));
        Self::start(config, log, clock)
    }

    /// What the log adds up to, read from its beginning.
    pub fn fold(&self) -> Fold {
        let mut fold = Fold::new(&self.config);
        for record in self.log.records() {
            fold.take(&record).expect("a record");
        }
        fold
    }

    /// The same at some places on the way, as snapshots keep it.
    pub fn fold_until(&self, wanted: impl Fn(Seq) -> bool) -> Vec<Vec<u8>> {
        let mut fold = Fold::new(&self.config);
        let mut found: Vec<_> = wanted(Seq(0))
            .then(|| fold.snapshot())
            .into_iter()
            .collect();
        for record in self.log.records() {
            fold.take(&record).expect("a record");
            if wanted(record.seq) {
                found.push(fold.snapshot());
            }
        }
        found
    }

    /// The room's time.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub async fn enter(&self, name: &str) -> Seat {
        self.try_enter(name, None).await.expect("a seat")
    }

    /// The device comes back over a new connection.
    pub async fn re_enter(&self, name: &str, session: &SessionId, seq: Seq) -> Seat {
        let resume = Resume {
            session: session.clone(),
            seq,
        };
        self.try_enter(name, Some(resume)).await.expect("a seat")
    }

    pub async fn try_enter(&self, name: &str, resume: Option<Resume>) -> Result<Seat, Problem> {
        let attach = Attach {
            person: person(name),
            resume,
        };
        let Attached {
            session,
            seq,
            resumption,
            outbox,
            ..
        } = self.room.attach(attach).await?;
        Ok(Seat {
            room: self.room.clone(),
            person: person(name),
            session,
            publishing: outbox.is_publishing(),
            resumption,
            seq,
            outbox,
        })
    }

    /// The chair, Tokyo and Seoul are seated, and Tokyo has been given the floor as `r1`.
    pub async fn tokyo_speaks() -> (Self, Seat, Seat, Seat) {
        let house = Self::open();
        let chair = house.enter("chair").await;
        let tokyo = house.enter("tokyo-1").await;
        let seoul = house.enter("seoul-1").await;
        tokyo.ask().await;
        chair
            .say("floor.grant", json!({"request": "r1"}))
            .await
            .expect("the floor");
        (house, chair, tokyo, seoul)
    }

    pub async fn snapshot(&self) -> RoomSnapshot<plenary_floor::FloorView> {
        self.room
            .snapshot(person("viewer"))
            .await
            .expect("a snapshot")
    }

    /// How somebody stands in the room: `seated`, `away`, or gone.
    pub async fn presence(&self, name: &str) -> Value {
        let room = self.snapshot().await;
        let found = room
            .participants
            .iter()
            .find(|it| it.person == person(name));
        found.map_or(Value::Null, |it| json!(it.state))
    }

    /// Seats somebody whose device has a path for media.
    pub async fn enter_with_sound(&self, name: &str) -> Seat {
        let seat = self.enter(name).await;
        self.room.path(seat.session.clone(), true).await;
        seat
    }

    /// A language channel.
    pub async fn channel(&self, language: &str) -> Channel {
        let room = self.snapshot().await;
        let mut all = room.channels.into_iter();
        let found = all.find(|channel| channel.language.as_str() == language);
        found.expect("a channel")
    }

    /// Whom a language carries: somebody, `nobody` for the moment, or `the floor`.
    pub fn carries(&self, language: &str) -> String {
        match self.stage.last().channels.get(language) {
            Some(Some(interpreter)) => interpreter.to_string(),
            Some(None) => "nobody".to_owned(),
            None => "the floor".to_owned(),
        }
    }

    /// How far a source of somebody is let through.
    pub fn reach(&self, name: &str, source: Source) -> Option<Reach> {
        self.stage.last().reach(&person(name), source)
    }
}

impl Seat {
    pub async fn say(&self, kind: &str, fields: Value) -> Result<Value, Problem> {
        self.say_under(Guard::default(), kind, fields).await
    }

    pub async fn say_named(&self, name: &str, kind: &str, fields: Value) -> Result<Value, Problem> {
        let guard = Guard {
            id: CommandId::new(name).ok(),
            version: None,
        };
        self.say_under(guard, kind, fields).await
    }

    pub async fn say_under(
        &self,
        guard: Guard,
        kind: &str,
        fields: Value,
    ) -> Result<Value, Problem> {
        let caller = Caller {
            person: self.person.clone(),
            session: Some(self.session.clone()),
        };
        self.room
            .command(caller, command(kind, fields), guard)
            .await
    }

    /// Sends a command as a connection does: its reply goes into the device's queue.
    pub async fn submit(&self, id: &str, kind: &str, fields: Value) {
        let command_id = CommandId::new(id).expect("an id");
        let guard = Guard {
            id: Some(command_id.clone()),
            version: None,
        };
        let caller = Caller {
            person: self.person.clone(),
            session: Some(self.session.clone()),
        };
        let slot = self.outbox.reserve_reply().expect("a room");
        self.room
            .submit(caller, command_id, command(kind, fields), guard, slot)
            .await;
    }

    /// Asks for the floor, and gives the request's name.
    pub async fn ask(&self) -> String {
        let request = self.say("floor.request", json!({})).await.expect("asked");
        request["id"].as_str().expect("an id").to_owned()
    }

    pub async fn drop_connection(&self) {
        self.room.detach(self.session.clone()).await;
        // The room hears things in order: when it answers, it has heard that.
        let _ = self.room.snapshot(self.person.clone()).await;
    }

    /// What is queued by now, without waiting.
    pub async fn queued(&mut self) -> Vec<Outgoing> {
        let mut queued = Vec::new();
        loop {
            tokio::select! {
                biased;
                next = self.outbox.next() => match next {
                    Ok(outgoing) => queued.push(outgoing),
                    Err(_) => return queued,
                },
                () = std::future::ready(()) => return queued,
            }
        }
    }

    /// The events that are queued by now.
    pub async fn events(&mut self) -> Vec<Value> {
        let queued = self.queued().await;
        let events = queued.iter().filter_map(|it| match it {
            Outgoing::Events(texts) => Some(texts),
            _ => None,
        });
        events
            .flat_map(|texts| texts.iter().map(|text| read(text)))
            .collect()
    }

    /// Their types.
    pub async fn types(&mut self) -> Vec<String> {
        self.events().await.iter().map(kind).collect()
    }

    /// Why there is nothing more to come, once all that is queued has been read.
    pub async fn ends(&mut self) -> CloseCode {
        loop {
            if let Err(code) = self.outbox.next().await {
                return code;
            }
        }
    }
}

pub fn read(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("JSON")
}

pub fn kind(event: &Value) -> String {
    event["type"].as_str().unwrap_or_default().to_owned()
}

/// A media plane that remembers what it was shown, and brings it into force when it is let.
#[derive(Debug)]
pub struct Recorder {
    shown: watch::Sender<Vec<Scene>>,
    in_force: watch::Sender<usize>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            shown: watch::Sender::new(Vec::new()),
            in_force: watch::Sender::new(usize::MAX),
        }
    }
}

impl Recorder {
    /// How many scenes were shown.
    pub fn count(&self) -> usize {
        self.shown.borrow().len()
    }

    /// The scenes that were shown after so many.
    pub fn since(&self, count: usize) -> Vec<Scene> {
        self.shown.borrow().iter().skip(count).cloned().collect()
    }

    /// The scene that was shown last.
    pub fn last(&self) -> Scene {
        self.shown.borrow().last().cloned().unwrap_or_default()
    }

    /// From now on no scene comes into force until it is let through.
    pub fn hold(&self) {
        self.in_force.send_replace(self.count());
    }

    /// Lets one more scene through.
    pub fn let_one_through(&self) {
        self.in_force.send_modify(|count| *count += 1);
    }

    /// Waits for that many scenes to have been shown, and gives the last one.
    pub async fn shown(&self, count: usize) -> Scene {
        let mut shown = self.shown.subscribe();
        let shown = shown.wait_for(|shown| shown.len() >= count).await;
        shown
            .expect("a media plane")
            .last()
            .cloned()
            .unwrap_or_default()
    }
}

impl MediaPlane for Recorder {
    fn show(&self, _: &RoomId, _: u64, scene: Scene) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.shown.send_modify(|shown| shown.push(scene));
        let (count, mut in_force) = (self.count(), self.in_force.subscribe());
        Box::pin(async move {
            let _ = in_force.wait_for(|until| *until >= count).await;
        })
    }
}
