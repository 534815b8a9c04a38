//! A run from its first connection to its report.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    time::{ClockId, clock_gettime},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet},
    time::{Instant as Tick, MissedTickBehavior, interval, sleep, sleep_until},
};

use crate::{
    attend::{Part, Shared, attend},
    chair::{Chair, Changes},
    failure::LoadError,
    invitations::{self, Cast, Wanted},
    media::{Command, Identity, Mix, Network, Slots, Worker},
    metrics::{Counters, Source},
    options::Options,
    process,
    progress::Progress,
    report::{Findings, Report},
    server::Server,
    statistics::{Packets, Tally},
};

/// What arrives first after everybody has joined is not measured: estimates and pacing settle.
pub const SETTLING: Duration = Duration::from_secs(2);
/// How long leaving may take at the end.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the new holder's packets may take after the last change.
const LAST_CHANGE: Duration = Duration::from_millis(500);
pub const NO_SLOTS: Slots = Slots {
    voices: 0,
    stage: false,
    tiles: 0,
};

/// The participants of a run.
pub struct Crowd {
    pub shared: Arc<Shared>,
    pub tasks: JoinSet<()>,
    /// By which each listener is told to leave and come back.
    listeners: Vec<mpsc::Sender<()>>,
    epoch: Instant,
}

/// What is read at both ends of the measurement.
pub struct Measured {
    pub seconds: f64,
    pub counters: Option<(Counters, Counters)>,
    /// Of the server's process, if it was named.
    pub process_seconds: Option<f64>,
    /// Of this process.
    pub cpu_seconds: f64,
}

/// Runs as the options say.
pub async fn run(options: &Options, invitations: &[String]) -> Result<Report, LoadError> {
    let address = options.server.as_deref().unwrap_or_default();
    let server = Server::new(address, options.authority.as_deref())?;
    let output = &options.output;
    let metrics = output.metrics.as_deref();
    let metrics = metrics.map(|url| Source::new(url, output.metrics_token.clone()));
    let metrics = metrics.transpose()?;
    if let Some(metrics) = &metrics {
        metrics.read().await?;
    }
    if let Some(process) = output.process {
        process::cpu_seconds(process)?;
    }
    let casts = casts(options, &server, invitations).await?;
    let mut crowd = Crowd::gather(options, server)?;
    let shared = Arc::clone(&crowd.shared);
    let chairs = crowd.open_rooms(options, &casts).await?;
    crowd.seat_listeners(options, &casts).await?;
    sleep(SETTLING).await;
    let measured = crowd.measure(options, metrics.as_ref()).await;
    shared.adjourn.send_replace(true);
    let changes = changes_of(chairs).await;
    if changes.is_some() {
        sleep(LAST_CHANGE).await;
    }
    let joins = shared.joins.counts();
    let tally = crowd.disband(options).await;
    let measured = measured?;
    if options.people.listeners > 0 && tally.all.received == 0 {
        return Err(LoadError::NoMedia);
    }
    Ok(Report::new(Findings {
        server: address.to_owned(),
        rooms: casts.into_iter().map(|cast| cast.room).collect(),
        listeners: options.people.listeners,
        publishers: options.people.publishers + options.people.voice_publishers,
        tally,
        joins,
        changes,
        measured,
        threads: options.threads,
    }))
}

/// What the moderators of all rooms did; none if there was no moderator.
async fn changes_of(chairs: Vec<JoinHandle<Changes>>) -> Option<Changes> {
    let mut changes: Option<Changes> = None;
    for chair in chairs {
        if let Ok(of_room) = chair.await {
            let all = changes.get_or_insert_default();
            all.commands += of_room.commands;
            for (code, count) in of_room.refusals {
                *all.refusals.entry(code).or_default() += count;
            }
        }
    }
    changes
}

async fn casts(
    options: &Options,
    server: &Server,
    invitations: &[String],
) -> Result<Vec<Cast>, LoadError> {
    let persons = invitations::redeem(server, invitations).await?;
    let mut rooms = options.rooms.clone();
    if rooms.is_empty() {
        let token = persons.first().map_or("", |person| person.token.as_str());
        rooms.extend(server.rooms(token).await?.into_iter().next());
    }
    let people = &options.people;
    let wanted = Wanted {
        publishers: people.publishers + people.voice_publishers,
        listeners: people.listeners,
        devices: people.devices,
    };
    invitations::cast(persons, &rooms, wanted)
}

impl Crowd {
    /// Starts the threads of media, for participants who are still to come.
    pub fn gather(options: &Options, server: Server) -> Result<Self, LoadError> {
        raise_descriptor_limit();
        let identity = Identity::generate().map_err(|error| LoadError::Media(error.to_string()))?;
        let (events, reported) = mpsc::unbounded_channel();
        let epoch = Instant::now();
        let workers = (0..options.threads).map(|_| {
            let tally = Tally::new(epoch, options.duration());
            Worker::start(identity.clone(), tally, epoch, events.clone())
        });
        let workers = workers.collect::<Result<Vec<_>, _>>()?;
        let shared = Arc::new(Shared::new(server, identity, workers));
        let dispatcher = Arc::clone(&shared);
        tokio::spawn(async move { dispatcher.dispatch(reported).await });
        Ok(Self {
            shared,
            tasks: JoinSet::new(),
            listeners: Vec::new(),
            epoch,
        })
    }

    /// Ends the run for everybody; returns what was counted.
    pub async fn disband(&mut self, options: &Options) -> Tally {
        self.shared.stop.send_replace(true);
        let leaving = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LEAVE_TIMEOUT, leaving).await;
        let mut tally = Tally::new(self.epoch, options.duration());
        for worker in &self.shared.workers {
            if let Some(counted) = worker.stop() {
                tally.add(&counted);
            }
        }
        tally
    }

    /// Seats publishers and moderators, and gives the floor.
    async fn open_rooms(
        &mut self,
        options: &Options,
        casts: &[Cast],
    ) -> Result<Vec<JoinHandle<Changes>>, LoadError> {
        let mixes = Mixes::new(options);
        let network = publisher_network(options);
        let mut publishers = 0_u16..;
        let mut chairs = Vec::new();
        for (number, cast) in casts.iter().enumerate() {
            let mut joining = Vec::new();
            let mut order = Vec::new();
            for (at, person) in cast.publishers.iter().enumerate() {
                let publisher = publishers.next().unwrap_or(u16::MAX);
                let asks = !options.sources.gallery || at >= options.people.publishers;
                if asks {
                    order.push((person.id.clone(), publisher));
                }
                let part = Part {
                    person: person.clone(),
                    room: cast.room.clone(),
                    room_number: number,
                    publishes: Some((publisher, mixes.of(at).clone())),
                    asks,
                    slots: NO_SLOTS,
                    network,
                };
                joining.push(self.seat(part).1);
            }
            for joined in joining {
                // A task that ends without a word has failed.
                if !joined.await.unwrap_or(false) {
                    return Err(self.nobody());
                }
            }
            if let Some(moderator) = cast.moderator.as_ref().filter(|_| !order.is_empty()) {
                let shared = Arc::clone(&self.shared);
                let mut chair = Chair::join(shared, moderator, &cast.room, number, order).await?;
                chair.grant_next().await?;
                let every = Duration::from_secs(options.time.floor_every);
                chairs.push(tokio::spawn(chair.run(every)));
            }
        }
        Ok(chairs)
    }

    /// Seats the listeners of all rooms in turn, at the rate that is wanted, and waits for them.
    async fn seat_listeners(&mut self, options: &Options, casts: &[Cast]) -> Result<(), LoadError> {
        let total = options.people.listeners * casts.len();
        let mut progress = Progress::new("joining", total as u64);
        let mut ticks = interval(Duration::from_secs(1).div_f64(options.people.join_rate));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut joining = Vec::new();
        let before = self.shared.joins.counts().joined;
        for at in 0..options.people.listeners {
            for (number, cast) in casts.iter().enumerate() {
                let Some(person) = cast.listeners.get(at) else {
                    continue;
                };
                ticks.tick().await;
                let (leave, joined) = self.seat(Part {
                    person: person.clone(),
                    room: cast.room.clone(),
                    room_number: number,
                    publishes: None,
                    asks: false,
                    slots: options.listener_slots(),
                    network: listener_network(options, at),
                });
                self.listeners.push(leave);
                joining.push(joined);
                progress.show(self.shared.joins.counts().joined - before, "");
            }
        }
        let mut joined = 0;
        for outcome in joining {
            joined += u64::from(outcome.await.unwrap_or(false));
            progress.show(joined, "");
        }
        if total > 0 && joined == 0 {
            return Err(self.nobody());
        }
        Ok(())
    }

    /// Measures for as long as it is wanted, while listeners come and go.
    pub async fn measure(
        &self,
        options: &Options,
        metrics: Option<&Source>,
    ) -> Result<Measured, LoadError> {
        let counters = async || match metrics {
            Some(metrics) => metrics.read().await.map(Some),
            None => Ok(None),
        };
        let before = counters().await?;
        let process = options.output.process;
        let process_before = process.map(process::cpu_seconds).transpose()?;
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        self.tell_all(&|| Command::Measure(true));
        self.show_and_churn(options).await;
        self.tell_all(&|| Command::Measure(false));
        let (seconds, cpu_seconds) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let process_after = process.map(process::cpu_seconds).transpose()?;
        let after = counters().await?;
        Ok(Measured {
            seconds,
            counters: before.zip(after),
            process_seconds: process_after
                .zip(process_before)
                .map(|(after, before)| after - before),
            cpu_seconds,
        })
    }

    async fn show_and_churn(&self, options: &Options) {
        let duration = options.duration();
        let mut progress = Progress::new("measuring", duration.as_secs());
        let begun = Tick::now();
        let end = begun + duration;
        let mut seconds = interval(Duration::from_secs(1));
        let churn = options.people.churn;
        let pause = (churn > 0.0).then(|| Duration::from_mins(1).div_f64(churn));
        let mut next_leave = begun + pause.unwrap_or_default();
        let mut shown = self.progress();
        loop {
            tokio::select! {
                () = sleep_until(end) => break,
                () = sleep_until(next_leave), if pause.is_some() => {
                    next_leave += pause.unwrap_or_default();
                    let count = self.listeners.len();
                    if let Some(leave) = self.listeners.get(rand::random_range(0..count.max(1))) {
                        // Somebody who is away already is left alone.
                        let _ = leave.try_send(());
                    }
                }
                _ = seconds.tick() => {
                    let now = self.progress();
                    let message = format!(
                        "s, {} present, {} packets a second, {} lost",
                        self.shared.joins.counts().present,
                        now.received - shown.received,
                        now.lost - shown.lost,
                    );
                    shown = now;
                    progress.show(begun.elapsed().as_secs(), &message);
                }
            }
        }
    }

    fn seat(&mut self, part: Part) -> (mpsc::Sender<()>, oneshot::Receiver<bool>) {
        let (joined, outcome) = oneshot::channel();
        let (leave, leaving) = mpsc::channel(1);
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(attend(shared, part, joined, leaving));
        (leave, outcome)
    }

    fn tell_all(&self, command: &dyn Fn() -> Command) {
        for worker in &self.shared.workers {
            worker.send(command());
        }
    }

    fn progress(&self) -> Packets {
        let mut sum = Packets::default();
        for worker in &self.shared.workers {
            sum.add(&worker.progress());
        }
        sum
    }

    pub fn nobody(&self) -> LoadError {
        let example = self.shared.joins.counts().example;
        LoadError::NobodyJoined(example.unwrap_or_else(|| "a task failed".to_owned()))
    }
}

/// What the publishers of a room send: those with a camera come first.
pub struct Mixes {
    cameras: usize,
    camera: Mix,
    voice: Mix,
}

impl Mixes {
    pub fn new(options: &Options) -> Self {
        Self {
            cameras: options.people.publishers,
            camera: options.camera_mix(),
            voice: Mix {
                sound: true,
                camera: None,
            },
        }
    }

    pub fn of(&self, at: usize) -> &Mix {
        if at < self.cameras {
            &self.camera
        } else {
            &self.voice
        }
    }
}

/// The network of the publishers.
pub fn publisher_network(options: &Options) -> Network {
    if options.impairment.impair_publishers {
        options.bad_network()
    } else {
        Network::default()
    }
}

/// The network of the listener of that number in its room.
pub fn listener_network(options: &Options, at: usize) -> Network {
    if at < impaired(options.people.listeners, options.impairment.impaired) {
        options.bad_network()
    } else {
        Network::default()
    }
}

/// How many of the listeners have a bad network.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share of a count is no larger than the count"
)]
fn impaired(listeners: usize, percent: f64) -> usize {
    (listeners as f64 * percent / 100.0).round() as usize
}

/// The CPU time of this process.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, nanos).as_secs_f64()
}

/// Each participant has two sockets. A limit that cannot be raised shows as failed joins.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let highest = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, highest);
}
