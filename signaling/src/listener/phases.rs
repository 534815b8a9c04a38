//! The phases of an HTTP connection, and a stream that ends a connection whose client takes too long for one.
//!
//! hyper has one timeout, which counts for a request's header and for the time between two requests alike. The one has to
//! be short, so that silence costs an attacker something, and the other long, so that a proxy never sends a request into a
//! connection that is being closed.
//!
//! A connection of HTTP/2 carries several requests at once. Its phases are those of all of them together: it is idle when
//! none is pending, and it is late when nothing of all the answers moves that the client is to take. A flow-control window that is never
//! opened does not show at the socket, so [`Phases::late`] watches the answers themselves.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::{Instant, Sleep, sleep_until},
};

use super::pace::Pace;
use crate::{allowances::count_limited, limits::PhaseTimeouts};

/// The phase of a connection, which its stream and its requests share.
#[derive(Debug, Clone)]
pub struct Phases(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// It has no deadlines of this kind any more, so that its stream need not look at the state.
    is_upgraded: AtomicBool,
    /// A deadline may be sooner than it was.
    changed: Notify,
}

/// What a client of HTTP/2 did not do in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It sent no request any more.
    Request,
    /// It did not take its answers.
    Answer,
}

#[derive(Debug)]
struct State {
    timeouts: PhaseTimeouts,
    phase: Phase,
    /// Whether it is HTTP/2, and carries several requests.
    is_multiplexed: bool,
    /// How many requests are not answered yet.
    pending: usize,
    /// Until when the client has to send something; none while it has nothing to send.
    send_by: Option<Instant>,
    /// The answer that the client has to take, since it first made the server wait.
    answer: Option<Pace>,
    /// Of HTTP/2: how many answers the client is to take, and how it does.
    offered: usize,
    taking: Option<Pace>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No byte of a request has come.
    Opened,
    /// A part of a header has come.
    Header,
    /// A request is read and answered.
    Request,
    /// A request was answered.
    Idle,
    /// It is a WebSocket, which has deadlines of its own.
    Upgraded,
}

impl Phases {
    /// The phases of a new connection.
    pub fn new(timeouts: PhaseTimeouts, now: Instant) -> Self {
        let state = State {
            timeouts,
            phase: Phase::Opened,
            is_multiplexed: false,
            pending: 0,
            send_by: Some(now + timeouts.header),
            answer: None,
            offered: 0,
            taking: None,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            is_upgraded: AtomicBool::new(false),
            changed: Notify::new(),
        }))
    }

    /// The connection speaks HTTP/2 from now on.
    pub fn multiplex(&self) {
        self.state().is_multiplexed = true;
    }

    /// Whether the connection speaks HTTP/2.
    pub fn is_multiplexed(&self) -> bool {
        self.state().is_multiplexed
    }

    /// The header of a request is complete.
    pub fn begin_request(&self) {
        let mut state = self.state();
        state.pending += 1;
        state.phase = Phase::Request;
        state.send_by = None;
        if state.pending == 1 || !state.is_multiplexed {
            state.answer = None;
        }
    }

    /// An answer is written; if it was the last one, the next request may come.
    pub fn end_request(&self, now: Instant) {
        let mut state = self.state();
        state.pending = state.pending.saturating_sub(1);
        if state.phase == Phase::Request && (state.pending == 0 || !state.is_multiplexed) {
            state.phase = Phase::Idle;
            state.send_by = Some(now + state.timeouts.idle);
            drop(state);
            self.0.changed.notify_one();
        }
    }

    /// The client is to take something of one more answer.
    pub fn offer(&self, now: Instant) {
        let mut state = self.state();
        state.offered += 1;
        if state.offered == 1 {
            state.taking = Some(Pace::new(state.timeouts.answer, now));
            drop(state);
            self.0.changed.notify_one();
        }
    }

    /// The client has taken so many bytes.
    pub fn taken(&self, bytes: usize, now: Instant) {
        if let Some(taking) = &mut self.state().taking {
            taking.progress(bytes, now);
        }
    }

    /// Of one answer the client has nothing to take any more, or not yet.
    pub fn withdraw(&self) {
        let mut state = self.state();
        state.offered = state.offered.saturating_sub(1);
        if state.offered == 0 {
            state.taking = None;
        }
    }

    /// Completes when the client of a connection of HTTP/2 is late.
    pub async fn late(&self) -> Late {
        loop {
            let changed = self.0.changed.notified();
            let Some((deadline, late)) = self.due() else {
                changed.await;
                continue;
            };
            if deadline <= Instant::now() {
                if late == Late::Answer {
                    count_limited("answer_timeout");
                }
                return late;
            }
            tokio::select! {
                () = sleep_until(deadline) => {}
                () = changed => {}
            }
        }
    }

    fn due(&self) -> Option<(Instant, Late)> {
        let state = self.state();
        let answer = state.taking.map(|it| (it.deadline(), Late::Answer));
        answer.or_else(|| {
            let idle = state.send_by.filter(|_| state.phase == Phase::Idle);
            idle.map(|deadline| (deadline, Late::Request))
        })
    }

    /// The connection is a WebSocket from now on.
    pub fn upgrade(&self) {
        let mut state = self.state();
        state.phase = Phase::Upgraded;
        state.send_by = None;
        state.answer = None;
        drop(state);
        self.0.is_upgraded.store(true, Ordering::Release);
    }

    fn is_upgraded(&self) -> bool {
        self.0.is_upgraded.load(Ordering::Acquire)
    }

    fn received(&self, now: Instant) {
        let mut state = self.state();
        // What comes on a connection of HTTP/2 may be anything: only a whole request begins a phase.
        let is_between = matches!(state.phase, Phase::Opened | Phase::Idle);
        if is_between && !state.is_multiplexed {
            state.phase = Phase::Header;
            state.send_by = Some(now + state.timeouts.header);
        }
    }

    fn written(&self, bytes: usize, now: Instant) {
        if let Some(answer) = &mut self.state().answer {
            answer.progress(bytes, now);
        }
    }

    fn read_deadline(&self) -> Option<Instant> {
        let state = self.state();
        // An idle connection of HTTP/2 is told that it ends, by whoever waits for `late`.
        let is_watched = state.is_multiplexed && state.phase == Phase::Idle;
        state.send_by.filter(|_| !is_watched)
    }

    fn write_deadline(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        let timeout = state.timeouts.answer;
        if state.phase == Phase::Upgraded {
            return None;
        }
        let answer = state.answer.get_or_insert_with(|| Pace::new(timeout, now));
        Some(answer.deadline())
    }

    fn is_idle(&self) -> bool {
        self.state().phase == Phase::Idle
    }

    /// No code panics while it holds the lock, so a poisoned state is whole too.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that fails when the client takes longer for a phase than it may.
#[derive(Debug)]
pub struct TimedStream<S> {
    stream: S,
    phases: Phases,
    read_timer: Pin<Box<Sleep>>,
    write_timer: Pin<Box<Sleep>>,
}

impl<S> TimedStream<S> {
    /// The stream of a connection.
    pub fn new(stream: S, phases: Phases) -> Self {
        let timer = || Box::pin(sleep_until(Instant::now()));
        Self {
            stream,
            phases,
            read_timer: timer(),
            write_timer: timer(),
        }
    }

    /// The stream without its deadlines.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Ready when the client is late with sending.
    fn poll_late_reading(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = self.phases.read_deadline() else {
            return Poll::Pending;
        };
        ready!(poll_timer(&mut self.read_timer, deadline, context));
        if !self.phases.is_idle() {
            count_limited("header_timeout");
        }
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    /// Ready when the client is late with taking the answer.
    fn poll_late_writing(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = self.phases.write_deadline(Instant::now()) else {
            return Poll::Pending;
        };
        ready!(poll_timer(&mut self.write_timer, deadline, context));
        count_limited("answer_timeout");
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    fn wrote(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.phases.is_upgraded() {
            return written;
        }
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.phases.written(bytes, Instant::now());
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_late_writing(context).map(Err),
        }
    }
}

/// Ready at the deadline.
pub fn poll_timer(
    timer: &mut Pin<Box<Sleep>>,
    deadline: Instant,
    context: &mut Context<'_>,
) -> Poll<()> {
    if timer.deadline() != deadline {
        timer.as_mut().reset(deadline);
    }
    timer.as_mut().poll(context)
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if this.phases.is_upgraded() {
            return read;
        }
        match read {
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    this.phases.received(Instant::now());
                }
                Poll::Ready(read)
            }
            Poll::Pending => this.poll_late_reading(context).map(Err),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.wrote(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    const TIMEOUTS: PhaseTimeouts = PhaseTimeouts {
        header: Duration::from_secs(10),
        body: Duration::from_secs(10),
        answer: Duration::from_secs(10),
        idle: Duration::from_secs(150),
    };

    /// A client whose connection buffers so many bytes, and the server's end.
    fn connection(bytes: usize) -> (DuplexStream, TimedStream<DuplexStream>, Phases) {
        let (client, server) = duplex(bytes);
        let phases = Phases::new(TIMEOUTS, Instant::now());
        (client, TimedStream::new(server, phases.clone()), phases)
    }

    /// How long the server waits for the client before it gives up.
    async fn seconds_until_timeout(server: &mut TimedStream<DuplexStream>) -> u64 {
        let began = Instant::now();
        let mut bytes = Vec::new();
        let error = server.read_to_end(&mut bytes).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_that_sends_nothing_ends() {
        let (_client, mut server, _) = connection(64);
        assert_eq!(seconds_until_timeout(&mut server).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_comes_byte_by_byte_has_no_more_time_than_a_whole_one() {
        let (mut client, mut server, _) = connection(64);
        let drip = async {
            for byte in b"GET / HTTP/1.1\r\nX-Slow: ".iter().cycle() {
                if client.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(SECOND).await;
            }
        };
        tokio::select! {
            seconds = seconds_until_timeout(&mut server) => assert_eq!(seconds, 10),
            () = drip => panic!("the connection did not end"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_between_requests_for_longer_than_a_proxy_keeps_it() {
        let (mut client, mut server, phases) = connection(64);
        client.write_all(b"GET /").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        phases.begin_request();
        tokio::time::sleep(SECOND * 60).await;
        phases.end_request(Instant::now());
        assert_eq!(seconds_until_timeout(&mut server).await, 150);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_may_take_as_long_as_it_needs_for_an_answer() {
        let (mut client, mut server, phases) = connection(64);
        phases.begin_request();
        let answered = async {
            tokio::time::sleep(SECOND * 600).await;
            client.write_all(b"GET").await.unwrap();
        };
        let mut bytes = [0; 3];
        let (read, ()) = tokio::join!(server.read_exact(&mut bytes), answered);
        assert_eq!(read.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_taken_ends_the_connection() {
        let (mut client, mut server, phases) = connection(64);
        phases.begin_request();
        let began = Instant::now();
        let error = server.write_all(&[0; 1000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), 10);

        // The next answer has its own time, and a reader that reads slowly gets all of it.
        phases.begin_request();
        let answer = vec![1; 60 * 4096];
        let read = async {
            let mut taken = vec![0; 4096];
            for _ in 0..60 {
                tokio::time::sleep(SECOND).await;
                client.read_exact(&mut taken).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(server.write_all(&answer), read);
        written.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_websocket_has_none_of_these_deadlines() {
        let (mut client, mut server, phases) = connection(64);
        phases.begin_request();
        phases.upgrade();
        phases.end_request(Instant::now());
        let later = async {
            tokio::time::sleep(SECOND * 3600).await;
            client.write_all(b"hello").await.unwrap();
        };
        let mut bytes = [0; 5];
        let (read, ()) = tokio::join!(server.read_exact(&mut bytes), later);
        assert_eq!(read.unwrap(), 5);
    }
}
