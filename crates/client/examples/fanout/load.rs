//! The load: connections that read frames without looking into them further than they must.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, mpsc},
    time::timeout,
};

use super::Outcome;

const PATIENCE: Duration = Duration::from_mins(1);

/// What a frame is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Welcome,
    Event,
    /// Several events at once.
    Events,
    Roster,
    Reply,
    Signal,
    Refused,
    Other,
}

/// What all connections have received.
#[derive(Default)]
pub struct Received {
    pub events: Cell<usize>,
    /// Of the last event that came by itself.
    pub event_bytes: Cell<usize>,
    pub reply_bytes: Cell<usize>,
    pub roster_frames: Cell<usize>,
    pub signals: Cell<usize>,
    pub refused: RefCell<Option<String>>,
    changed: Notify,
}

impl Received {
    /// Waits until a count is reached, or says what the server refused.
    pub async fn until(&self, done: impl Fn(&Self) -> bool) -> Outcome {
        let waiting = async {
            while !done(self) {
                if let Some(refused) = self.refused.borrow().clone() {
                    return Err(refused.into());
                }
                self.changed.notified().await;
            }
            Ok(())
        };
        timeout(PATIENCE, waiting).await?
    }
}

/// A connection whose reader runs beside it.
pub struct Client {
    writer: OwnedWriteHalf,
    /// Replies and signals, which the load waits for.
    pub inbox: mpsc::UnboundedReceiver<Kind>,
    pub welcome_bytes: usize,
}

impl Client {
    /// Connects, shakes hands and says hello.
    pub async fn join(address: &str, hello: &str, received: &Rc<Received>) -> Outcome<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /api/v1/ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: plenary.v1\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err(String::from_utf8_lossy(&head).into());
        }
        let (reader, mut writer) = stream.into_split();
        writer.write_all(&text_frame(hello)).await?;
        let mut frames = Frames::new(reader);
        let welcome_bytes = loop {
            let payload = timeout(PATIENCE, frames.next()).await??;
            match kind_of(payload) {
                Kind::Welcome => break payload.len(),
                Kind::Refused => return Err(String::from_utf8_lossy(payload).into()),
                _ => {}
            }
        };
        let (sender, inbox) = mpsc::unbounded_channel();
        tokio::task::spawn_local(read(frames, Rc::clone(received), sender));
        Ok(Self {
            writer,
            inbox,
            welcome_bytes,
        })
    }

    pub async fn send(&mut self, text: &str) -> Outcome {
        Ok(self.writer.write_all(&text_frame(text)).await?)
    }

    /// Waits for a reply or a signal.
    pub async fn expect(&mut self, kind: Kind) -> Outcome {
        loop {
            let next = timeout(PATIENCE, self.inbox.recv()).await?;
            if next.ok_or("cut off")? == kind {
                return Ok(());
            }
        }
    }
}

async fn read(
    mut frames: Frames,
    received: Rc<Received>,
    inbox: mpsc::UnboundedSender<Kind>,
) -> Outcome {
    let add = |cell: &Cell<usize>, many: usize| cell.set(cell.get() + many);
    loop {
        let payload = frames.next().await?;
        match kind_of(payload) {
            Kind::Event => {
                add(&received.events, 1);
                received.event_bytes.set(payload.len());
            }
            Kind::Events => {
                add(&received.events, count(payload, b"\"chat.posted\""));
                let of_the_roster = count(payload, b"\"participant.") > 0;
                add(&received.roster_frames, of_the_roster.into());
            }
            Kind::Roster => add(&received.roster_frames, 1),
            kind @ (Kind::Reply | Kind::Signal) => {
                if kind == Kind::Signal {
                    add(&received.signals, 1);
                } else {
                    add(&received.reply_bytes, payload.len());
                }
                let _ = inbox.send(kind);
            }
            Kind::Refused => {
                let text = String::from_utf8_lossy(payload).into_owned();
                received.refused.replace(Some(text));
            }
            Kind::Welcome | Kind::Other => continue,
        }
        received.changed.notify_waiters();
        received.changed.notify_one();
    }
}

fn kind_of(payload: &[u8]) -> Kind {
    let start = payload.get(..payload.len().min(160)).unwrap_or_default();
    let has = |what: &[u8]| count(start, what) > 0;
    match payload {
        _ if start.starts_with(b"{\"type\":\"events\"") => Kind::Events,
        _ if start.starts_with(b"event") || has(b"\"chat.posted\"") => Kind::Event,
        _ if has(b"\"participant.") => Kind::Roster,
        _ if start.starts_with(b"welcome") || has(b"\"type\":\"welcome\"") => Kind::Welcome,
        _ if has(b"\"problem\"") => Kind::Refused,
        _ if start.starts_with(b"reply") || has(b"\"type\":\"reply\"") => Kind::Reply,
        _ if start.starts_with(b"to ") || has(b"\"type\":\"signal\"") => Kind::Signal,
        _ => Kind::Other,
    }
}

/// How often something is in a text.
fn count(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).filter(|it| *it == what).count()
}

/// The unmasked frames of a server.
struct Frames {
    stream: OwnedReadHalf,
    buffer: Vec<u8>,
    /// The part of the buffer that was returned already.
    taken: usize,
}

impl Frames {
    fn new(stream: OwnedReadHalf) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            taken: 0,
        }
    }

    async fn next(&mut self) -> Outcome<&[u8]> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        loop {
            if let Some((head, length)) = measure(&self.buffer)
                && self.buffer.len() >= head + length
            {
                self.taken = head + length;
                return Ok(self.buffer.get(head..self.taken).unwrap_or_default());
            }
            if self.buffer.is_empty() && self.buffer.capacity() > 4096 {
                self.buffer = Vec::new();
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection ended".into());
            }
        }
    }
}

/// The length of a frame's head and of its payload (RFC 6455, section 5.2).
fn measure(buffer: &[u8]) -> Option<(usize, usize)> {
    let length = *buffer.get(1)?;
    match length {
        126 => {
            let bytes = buffer.get(2..4)?.try_into().ok()?;
            Some((4, u16::from_be_bytes(bytes).into()))
        }
        127 => {
            let bytes = buffer.get(2..10)?.try_into().ok()?;
            Some((10, u64::from_be_bytes(bytes).try_into().ok()?))
        }
        short => Some((2, short.into())),
    }
}

/// A text frame of a client, masked with zeros.
fn text_frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(short @ 0..126), _) => frame.push(0x80 | short),
        (_, Ok(long)) => {
            frame.push(0x80 | 0x7e);
            frame.extend(long.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((text.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}
