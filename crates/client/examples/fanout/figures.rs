//! The figures: rounds of the server and of the yardstick take turns, and the medians are compared.

use std::{rc::Rc, time::Duration};

use futures_util::future::try_join_all;
use plenary_client::Server;
use plenary_testkit::{
    conference::ConferenceFile,
    process::{Process, Program},
};
use tokio::{task::LocalSet, time::sleep};

use super::{
    Outcome,
    load::{Client, Kind, Received},
    process::{LeanProcess, cpu, resident_kib},
};

const ROOM: &str = "climate";
/// How many connections are opened at once.
const OPENED_AT_ONCE: usize = 50;
const SIGNAL_BYTES: usize = 3000;
const PAIRS: usize = 8;
/// How many signals each of a pair sends in a round; the server takes 200 at once from a person.
const SIGNALS_EACH: usize = 150;
/// Long enough for what is left to be delivered, and for buffers to be given back.
const REST: Duration = Duration::from_secs(2);

/// Prints the figure of that name, or all.
pub async fn print(figure: &str) -> Outcome {
    let rounds = number("ROUNDS", 5);
    let local = LocalSet::new();
    local
        .run_until(async {
            if matches!(figure, "" | "events" | "relay") {
                in_a_room(figure, number("SEATED", 200), rounds).await?;
            }
            if matches!(figure, "" | "joins") {
                joins(number("JOINS", 1000), number("ROUNDS", 3)).await?;
            }
            Ok(())
        })
        .await
}

fn number(name: &str, default: usize) -> usize {
    let set = std::env::var(name).ok();
    set.and_then(|it| it.parse().ok()).unwrap_or(default)
}

/// The server that is measured, and the hellos of everybody in the room.
struct Plenary {
    _program: Program,
    process: Process,
    hellos: Vec<String>,
}

impl Plenary {
    async fn start(people: usize) -> Outcome<Self> {
        let binary = std::env::var("PLENARY_BIN").unwrap_or("target/release/plenary".to_owned());
        let binary = std::fs::canonicalize(binary)?;
        let binary: &'static str = Box::leak(binary.to_string_lossy().into_owned().into());
        let program = Program::new(binary, &conference(people));
        let program = program.with_setting("PLENARY_LOG__FILTER", "warn");
        let process = program.serve();
        let server = process.server();
        let mut hellos = Vec::new();
        for some in program.invitations().chunks(OPENED_AT_ONCE) {
            hellos.extend(try_join_all(some.iter().map(|it| hello(&server, it))).await?);
        }
        Ok(Self {
            _program: program,
            process,
            hellos,
        })
    }
}

async fn hello(server: &Server, person: &serde_json::Value) -> Outcome<String> {
    let invitation = person["invitation"].as_str().unwrap_or_default();
    let token = server.redeem(invitation).await?.token;
    let batches = if std::env::var_os("NO_BATCHES").is_some() {
        ""
    } else {
        ",\"batches\":true"
    };
    Ok(format!(
        "{{\"type\":\"hello\",\"token\":\"{token}\",\"room\":\"{ROOM}\"{batches}}}"
    ))
}

/// Delegates of one city.
fn conference(people: usize) -> String {
    let mut file = ConferenceFile::new(&["en"])
        .city("city", "", "")
        .room(ROOM, "Room", "");
    for person in 1..people {
        let id = format!("p{person}");
        let name = format!("Delegate number {person}");
        file = file.person(&id, &name, "delegate", "delegation = \"city\"");
    }
    file.toml().to_owned()
}

/// Connections to one server, in the order of the hellos.
struct Crowd {
    process: u32,
    clients: Vec<Client>,
    received: Rc<Received>,
}

impl Crowd {
    async fn join(process: u32, address: &str, hellos: &[String]) -> Outcome<Self> {
        let received = Rc::default();
        let mut clients = Vec::new();
        for some in hellos.chunks(OPENED_AT_ONCE) {
            let joining = some.iter().map(|it| Client::join(address, it, &received));
            clients.extend(try_join_all(joining).await?);
        }
        Ok(Self {
            process,
            clients,
            received,
        })
    }

    /// The CPU time for each delivered event. So many commands are given at once, by as many people, and the next when
    /// everybody has received them all: more is never in flight.
    async fn events(&mut self, text: &str, in_flight: usize, commands: usize) -> Outcome<f64> {
        let seated = self.clients.len();
        let before = cpu(self.process)?;
        let start = self.received.events.get();
        let mut next = 0;
        for turn in 1..=commands / in_flight {
            // Everybody speaks in turn, because the server limits what one person says.
            for _ in 0..in_flight {
                let client = self.clients.get_mut(next % seated).ok_or("nobody")?;
                client
                    .send(&text.replace("NUMBER", &next.to_string()))
                    .await?;
                next += 1;
            }
            for given in next - in_flight..next {
                let client = self.clients.get_mut(given % seated).ok_or("nobody")?;
                client.expect(Kind::Reply).await?;
            }
            let delivered = turn * in_flight * seated;
            let done = |it: &Received| it.events.get() - start >= delivered;
            self.received.until(done).await?;
        }
        let spent = cpu(self.process)?.saturating_sub(before);
        Ok(micros(spent, next * seated))
    }

    /// The CPU time for each signal that one of a pair relays to the other, one in flight for each pair.
    async fn relay(
        &mut self,
        first: usize,
        signal: impl Fn(usize, &'static str) -> String,
    ) -> Outcome<f64> {
        let before = cpu(self.process)?;
        let pairs = self.clients.chunks_mut(2).enumerate();
        let pairs = pairs.skip(first).take(PAIRS);
        let relaying = pairs.map(|(pair, clients)| {
            let [one, other] = clients else {
                unreachable!("two at a time")
            };
            let (to_one, to_other) = (signal(2 * pair, "answer"), signal(2 * pair + 1, "offer"));
            async move {
                for _ in 0..SIGNALS_EACH {
                    one.send(&to_other).await?;
                    other.expect(Kind::Signal).await?;
                    other.send(&to_one).await?;
                    one.expect(Kind::Signal).await?;
                }
                Outcome::Ok(())
            }
        });
        try_join_all(relaying).await?;
        let spent = cpu(self.process)?.saturating_sub(before);
        Ok(micros(spent, 2 * PAIRS * SIGNALS_EACH))
    }
}

async fn in_a_room(figure: &str, seated: usize, rounds: usize) -> Outcome {
    let plenary = Plenary::start(seated).await?;
    let ids: Vec<String> = (0..seated).map(person).collect();
    let lean = LeanProcess::start()?;
    let mut ours = Crowd::join(
        plenary.process.id(),
        plenary.process.http(),
        &plenary.hellos,
    )
    .await?;
    let hellos = lean_hellos(seated);
    let mut theirs = Crowd::join(lean.id(), &lean.address, &hellos).await?;
    let command = "{\"type\":\"chat.post\",\"command_id\":\"ID-NUMBER\",\"text\":\"The river rose by two metres within an hour, and the lower city was warned.\"}";
    for in_flight in [1, 16].into_iter().filter(|_| figure != "relay") {
        let commands = 400 * in_flight.min(4);
        let (mut measured, mut yardstick) = (Vec::new(), Vec::new());
        // The first round fills caches, and tells the sizes that the yardstick is to send.
        for round in 0..=rounds {
            let id = format!("c{in_flight}-{round}");
            let text = command.replace("ID", &id);
            let replied = ours.received.reply_bytes.get();
            let spent = ours.events(&text, in_flight, commands).await?;
            let event_bytes = ours.received.event_bytes.get();
            let reply_bytes = (ours.received.reply_bytes.get() - replied) / commands;
            let sizes = format!("sizes {event_bytes} {reply_bytes} 1000");
            theirs
                .clients
                .first_mut()
                .ok_or("nobody")?
                .send(&sizes)
                .await?;
            let lean = theirs.events("chat", in_flight, commands).await?;
            if round > 0 {
                measured.push(spent);
                yardstick.push(lean);
            } else {
                println!(
                    "an event of {event_bytes} bytes, a reply of {reply_bytes}, {commands} commands a round"
                );
            }
        }
        let name = format!("CPU of a delivered event, {seated} seated, {in_flight} in flight");
        compare(
            &name,
            "µs",
            &measured,
            &yardstick,
            if in_flight == 1 { 1.25 } else { 1.6 },
        );
    }
    if figure == "events" {
        return Ok(());
    }
    let (mut measured, mut yardstick) = (Vec::new(), Vec::new());
    let payload = "x".repeat(SIGNAL_BYTES);
    // Each round has other pairs, because the server limits the signals of a person.
    for round in 0..=rounds.min(seated / (2 * PAIRS) - 1) {
        let first = round * PAIRS;
        let spent = ours.relay(first, |to, kind| {
            let to = ids.get(to).map(String::as_str).unwrap_or_default();
            format!("{{\"type\":\"signal\",\"to\":\"{to}\",\"{kind}\":\"{payload}\"}}")
        });
        let spent = spent.await?;
        let lean = theirs.relay(first, |to, _| format!("to {to} {payload}"));
        let lean = lean.await?;
        if round > 0 {
            measured.push(spent);
            yardstick.push(lean);
        }
    }
    let name = format!("CPU of a relayed signal of {SIGNAL_BYTES} bytes, {PAIRS} pairs");
    compare(&name, "µs", &measured, &yardstick, 1.4);
    Ok(())
}

fn lean_hellos(many: usize) -> Vec<String> {
    (0..many).map(|number| format!("hello {number}")).collect()
}

/// The people as the conference file lists them.
fn person(index: usize) -> String {
    if index == 0 {
        "city-1".to_owned()
    } else {
        format!("p{index}")
    }
}

async fn joins(people: usize, rounds: usize) -> Outcome {
    let (mut each, mut lean_each, mut frames) = (Vec::new(), Vec::new(), Vec::new());
    let (mut memory, mut lean_memory) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let plenary = Plenary::start(people).await?;
        let process = plenary.process.id();
        let resting = resident_kib(process)?;
        let before = cpu(process)?;
        let crowd = Crowd::join(process, plenary.process.http(), &plenary.hellos).await?;
        sleep(REST).await;
        each.push(micros(cpu(process)?.saturating_sub(before), people) / 1e3);
        frames.push(ratio(crowd.received.roster_frames.get(), people));
        sleep(REST).await;
        memory.push((resident_kib(process)? - resting) / ratio(people, 1));
        let bytes: usize = crowd.clients.iter().map(|it| it.welcome_bytes).sum();
        let welcome = bytes / people;
        drop((crowd, plenary));

        let lean = LeanProcess::start()?;
        let mut first = Crowd::join(lean.id(), &lean.address, &lean_hellos(1)).await?;
        let sizes = format!("sizes 0 0 {welcome}");
        first
            .clients
            .first_mut()
            .ok_or("nobody")?
            .send(&sizes)
            .await?;
        sleep(Duration::from_millis(100)).await;
        let resting = resident_kib(lean.id())?;
        let before = cpu(lean.id())?;
        let crowd = Crowd::join(lean.id(), &lean.address, &lean_hellos(people)).await?;
        sleep(REST).await;
        lean_each.push(micros(cpu(lean.id())?.saturating_sub(before), people) / 1e3);
        lean_memory.push((resident_kib(lean.id())? - resting) / ratio(people, 1));
        println!("a welcome of {welcome} bytes on average");
        drop(crowd);
    }
    let name = format!("CPU of a join, {people} into one room");
    judge(&name, "ms", &each, 0.8);
    report(
        "the yardstick: connection and welcome alone",
        "ms",
        &lean_each,
    );
    judge("roster frames of each member meanwhile", "", &frames, 12.0);
    judge("memory of a seat", "KiB", &memory, 20.0);
    report("the yardstick: a connection", "KiB", &lean_memory);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn ratio(many: usize, of: usize) -> f64 {
    many as f64 / of as f64
}

fn micros(time: Duration, of: usize) -> f64 {
    time.as_secs_f64() * 1e6 / ratio(of, 1)
}

fn compare(name: &str, unit: &str, ours: &[f64], theirs: &[f64], target: f64) {
    report(name, unit, ours);
    report("the yardstick", unit, theirs);
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
    judge("ratio", "", &ratios, target);
}

fn judge(name: &str, unit: &str, values: &[f64], target: f64) {
    let (median, low, high) = spread(values);
    let met = if median <= target { "met" } else { "MISSED" };
    println!("{name}: {median:.2} {unit} ({low:.2} to {high:.2}), target <= {target}: {met}");
}

fn report(name: &str, unit: &str, values: &[f64]) {
    let (median, low, high) = spread(values);
    println!("{name}: {median:.2} {unit} ({low:.2} to {high:.2})");
}

/// The median, and the extremes.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (
        at(sorted.len() / 2),
        at(0),
        at(sorted.len().saturating_sub(1)),
    )
}
