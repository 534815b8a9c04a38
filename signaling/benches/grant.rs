//! The cost of a grant in a room of a thousand: the server's CPU time from the command to the last frame, beside a
//! process that writes the same bytes to as many sockets, one write each, in the same run.
//!
//! `cargo bench -p plenary --bench grant`; `ROUNDS` and `SEATED` change its size.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use futures_util::future::try_join_all;
use plenary_client::{Config, Events, Participant};
use plenary_testkit::{WAIT_TIMEOUT, conference::ConferenceFile, process::Program};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, time::timeout};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ROOM: &str = "climate";
const MAX_RATIO: f64 = 1.5;
/// A frame of a server below 64 KiB has a head of four bytes at most (RFC 6455, section 5.2).
const FRAME_HEAD: usize = 4;

fn main() -> Outcome {
    if std::env::args().any(|it| it == "plain-writer") {
        return write_plainly();
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(number("SEATED", 1000), number("ROUNDS", 21)))
}

fn number(name: &str, default: usize) -> usize {
    let set = std::env::var(name).ok();
    set.and_then(|it| it.parse().ok()).unwrap_or(default)
}

async fn measure(seated: usize, rounds: usize) -> Outcome {
    let program = Program::new(env!("CARGO_BIN_EXE_plenary"), &conference(seated));
    let program = program.with_setting("PLENARY_LOG__FILTER", "warn");
    let process = program.serve();
    let server = process.server();
    let join = |person: &Value| {
        let invitation = person["invitation"].as_str().unwrap_or_default();
        Participant::join(Config::new(server.clone(), invitation, ROOM))
    };
    let mut joined = Vec::new();
    for some in program.invitations().chunks(50) {
        joined.extend(try_join_all(some.iter().map(join)).await?);
    }
    let chair = joined.pop().ok_or("nobody joined")?.0;

    let mut plain = PlainWriter::start(seated).await?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..rounds {
        let request = ask(&joined).await?;
        drain(&mut joined, "floor.requested", &request).await?;

        let before = cpu(process.id())?;
        let granted = chair.command("floor.grant", json!({ "request": request }));
        let granted = timeout(WAIT_TIMEOUT, granted).await??;
        bytes = drain(&mut joined, "floor.granted", &granted["id"]).await?;
        let spent = cpu(process.id())?.saturating_sub(before);

        let plainly = plain.round(bytes).await?;
        ours.push(spent);
        theirs.push(plainly);
        ratios.push(spent.as_secs_f64() / plainly.as_secs_f64());
        chair
            .command("floor.revoke", json!({ "request": request }))
            .await?;
        drain(&mut joined, "floor.revoked", &request).await?;
    }
    let [ours, theirs] = [ours, theirs].map(|mut all| {
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    });
    ratios.sort_unstable_by(f64::total_cmp);
    let ratio = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    println!("a grant in a room of {seated}, {bytes} bytes to each, {rounds} rounds");
    println!(
        "  server, command to last frame written: {:.1} ms of CPU",
        ours.as_secs_f64() * 1e3
    );
    println!(
        "  the same bytes plainly written:        {:.1} ms of CPU",
        theirs.as_secs_f64() * 1e3
    );
    let met = if ratio <= MAX_RATIO { "met" } else { "MISSED" };
    println!("  ratio {ratio:.2}, target <= {MAX_RATIO}: {met}");
    Ok(())
}

/// A child process that is killed when it is dropped.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Delegates of one city, and a moderator at the end.
fn conference(seated: usize) -> String {
    let floor = "[room.floor]\nmax_requests = 9\nfirst_voice = \"10m\"";
    let mut file = ConferenceFile::new(&["en"])
        .city("city", "", "")
        .room(ROOM, "Room", floor);
    for person in 1..seated {
        let id = format!("p{person}");
        file = file.person(&id, &id, "delegate", "delegation = \"city\"");
    }
    let file = file.person("moderator", "Moderator", "moderator", "");
    file.toml().to_owned()
}

async fn ask(joined: &[(Participant, Events)]) -> Outcome<Value> {
    let (delegate, _) = joined.first().ok_or("nobody joined")?;
    let request = delegate.command("floor.request", json!({})).await?;
    Ok(request["id"].clone())
}

/// Reads every participant's events up to the last one of the step; returns how many bytes each was sent.
async fn drain(
    joined: &mut [(Participant, Events)],
    kind: &str,
    request: &Value,
) -> Outcome<usize> {
    let (delegate, _) = joined.first().ok_or("nobody joined")?;
    let path = "/rooms/climate/floor";
    let floor = delegate.server().call(
        plenary_client::Method::GET,
        path,
        Some(delegate.token()),
        None,
    );
    let last = floor.await?["version"].as_u64().ok_or("no version")?;
    let mut bytes = 0;
    for (_, events) in joined {
        bytes = 0;
        let mut found = false;
        loop {
            let event = timeout(WAIT_TIMEOUT, events.next())
                .await?
                .ok_or("cut off")?;
            bytes += event.to_string().len() + FRAME_HEAD;
            found |= event["type"] == kind && event["request"]["id"] == *request;
            if found && event["seq"].as_u64() >= Some(last) {
                break;
            }
        }
    }
    Ok(bytes)
}

/// The CPU time of all threads of a process.
fn cpu(process: u32) -> Outcome<Duration> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        // The first figure is the time on a CPU, in nanoseconds; a thread that has just ended has none.
        let figures = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        sum += figures
            .split(' ')
            .next()
            .and_then(|it| it.parse::<u64>().ok())
            .unwrap_or(0);
    }
    Ok(Duration::from_nanos(sum))
}

/// The process that writes plainly, and the far ends of its sockets.
struct PlainWriter {
    child: Owned,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    readers: Vec<tokio::net::TcpStream>,
}

impl PlainWriter {
    async fn start(sockets: usize) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["plain-writer", &sockets.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().ok_or("no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let child = Owned(child);
        let mut address = String::new();
        answers.read_line(&mut address)?;
        let mut readers = Vec::new();
        for _ in 0..sockets {
            readers.push(tokio::net::TcpStream::connect(address.trim()).await?);
        }
        Ok(Self {
            child,
            orders,
            answers,
            readers,
        })
    }

    /// Lets it write so many bytes to every socket, and reads them; returns its CPU time.
    async fn round(&mut self, bytes: usize) -> Outcome<Duration> {
        let before = cpu(self.child.0.id())?;
        writeln!(self.orders, "{bytes}")?;
        let mut buffer = vec![0; bytes];
        for reader in &mut self.readers {
            reader.read_exact(&mut buffer).await?;
        }
        let mut done = String::new();
        self.answers.read_line(&mut done)?;
        Ok(cpu(self.child.0.id())?.saturating_sub(before))
    }
}

fn write_plainly() -> Outcome {
    let sockets: usize = std::env::args().next_back().unwrap_or_default().parse()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let mut writers: Vec<TcpStream> = Vec::new();
    for _ in 0..sockets {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        writers.push(stream);
    }
    for order in std::io::stdin().lines() {
        let bytes = vec![b'x'; order?.trim().parse()?];
        for writer in &mut writers {
            writer.write_all(&bytes)?;
        }
        println!("done");
    }
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}
