//! A seated device: one task that sends its queue and handles its messages.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use plenary_conference::Claims;
use plenary_media::{JoinError, WantError};
use plenary_protocol::{
    Address, ChatCommand, ClientMessage, CloseCode, Code, Command, CommandOutput, CommandResult,
    NoticeCommand, Payload, Problem, Reply, ServerMessage, SessionId, Signal, SlotsWanted,
};
use plenary_room::{
    Attached, Caller, EventBatch, EventForm, Outbox, Outgoing, Preconditions, RelayedSignal,
    ReplySlot, RoomHandle,
};
use plenary_scene::SlotWant;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    frames,
    media_link::{MediaLink, offer_refused, wants},
    socket::{Incoming, Socket},
};
use crate::{
    allowances::{Exceeded, Limit, count_limited},
    frame::frame,
    http::health,
    rate::Origin,
    refusal::rejected,
    sessions::Device,
    state::{App, Heartbeat},
    token::to_client,
    watchers::Watch,
};

/// How many messages that cannot be read end a connection.
const MAX_MALFORMED_MESSAGES: u32 = 10;

/// How much of the queue one write takes.
const MAX_WRITE_BYTES: usize = 64 * 1024;

/// What the shortest chat message counts as: it has an event around it.
const CHAT_OVERHEAD_BYTES: usize = 64;

type Message = ServerMessage<(), ()>;

/// A device in a room.
#[derive(Debug)]
pub struct Seat {
    app: Arc<App>,
    room: RoomHandle,
    bearer: Bearer,
    session: SessionId,
    outbox: Outbox,
    device: Device,
    media: MediaLink,
    /// Whether the client reads several events in one message.
    batches: bool,
    malformed_messages: u32,
}

/// Who sits here.
#[derive(Debug)]
pub(super) struct Bearer {
    pub(super) claims: Claims,
    pub(super) token: String,
    pub(super) origin: Origin,
    /// A watcher's place among all of them.
    pub(super) _watch: Option<Watch>,
}

/// Ends the connection, with a code if the client is still there to receive it.
type Ended = Option<CloseCode>;

impl Seat {
    pub(super) fn new(
        app: Arc<App>,
        room: RoomHandle,
        bearer: Bearer,
        attached: Attached,
        device: Device,
        media: MediaLink,
        batches: bool,
    ) -> Self {
        let Attached {
            session, outbox, ..
        } = attached;
        Self {
            app,
            room,
            bearer,
            session,
            outbox,
            device,
            media,
            batches,
            malformed_messages: 0,
        }
    }

    /// Runs the connection until one side ends it; returns the code to close with.
    pub async fn run(mut self, socket: &mut Socket) -> Ended {
        let ended = self.converse(socket).await.err().flatten();
        self.leave().await;
        ended
    }

    /// Gives up the connection. The room keeps the participant's place for a while.
    pub async fn leave(self) {
        self.app.sessions.remove(&self.session, &self.device);
        if let Some(media) = self.media.session {
            self.app.sessions.set_media(media, None);
            self.app.media.leave(media);
        }
        self.room.detach(self.session).await;
    }

    async fn converse(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        let mut last_received = Instant::now();
        let mut ping = pin!(sleep(self.heartbeat().ping_interval));
        loop {
            // Each message may need one reply: without a place for it, the socket is not read.
            let may_read = self.outbox.has_reply_capacity();
            tokio::select! {
                // The queue comes first: what is in it answers or precedes what the client sends next.
                biased;
                outgoing = self.outbox.next() => self.send(socket, outgoing.map_err(Some)?).await?,
                () = &mut ping => {
                    let Heartbeat { ping_interval, silence_timeout } = self.heartbeat();
                    // While the socket is not read, a missing pong proves nothing.
                    if last_received.elapsed() > silence_timeout && may_read {
                        return Err(None);
                    }
                    // Another process may have revoked the invitation, such as `plenary revoke`.
                    if self.app.keys.is_revoked(&self.bearer.claims.iid) {
                        return Err(Some(CloseCode::Unauthorized));
                    }
                    socket.ping().await?;
                    ping.as_mut().reset(Instant::now() + ping_interval);
                }
                incoming = socket.next(), if may_read => {
                    last_received = Instant::now();
                    match incoming {
                        Incoming::Text(_) if self.take(Limit::Messages, 1).is_err() => {
                            return Err(Some(CloseCode::RateLimited));
                        }
                        // Boxed, so that a silent connection does not keep the memory that a message needs.
                        Incoming::Text(text) => Box::pin(self.dispatch(text)).await?,
                        Incoming::Alive => {}
                        Incoming::Gone => return Err(None),
                        Incoming::Fault(code) => return Err(Some(code)),
                    }
                }
            }
        }
    }

    /// Takes from what the person may do with all devices.
    fn take(&self, limit: Limit, amount: usize) -> Result<(), Exceeded> {
        let person = &self.bearer.claims.sub;
        self.app
            .allowances
            .take(limit, person, self.bearer.origin, amount)
    }

    /// Passes a command that the person may give now. What the chat is told stays in the record, so it counts by bytes.
    fn check_chat(&self, command: &Command) -> Result<(), Exceeded> {
        match command {
            Command::Chat(
                ChatCommand::Post { text, .. }
                | ChatCommand::CloseHelp {
                    text: Some(text), ..
                },
            )
            | Command::Notice(NoticeCommand::Post { text }) => {
                self.take(Limit::Chat, text.len() + CHAT_OVERHEAD_BYTES)
            }
            _ => Ok(()),
        }
    }

    fn heartbeat(&self) -> Heartbeat {
        let limits = &self.app.limits;
        if self.media.session.is_some() && self.outbox.is_publishing() {
            limits.publisher
        } else {
            limits.reader
        }
    }

    /// Sends a message of the queue, and in the same write what is queued behind it: the system calls are the cost of a
    /// room of a thousand.
    async fn send(&mut self, socket: &mut Socket, first: Outgoing) -> Result<(), Ended> {
        let mut next = Some(first);
        let mut together: Vec<Arc<EventBatch>> = Vec::new();
        let mut bytes = 0;
        while let Some(outgoing) = next {
            match outgoing {
                Outgoing::Events(events) if self.batches => {
                    bytes += events.iter().map(Bytes::len).sum::<usize>();
                    together.push(events);
                }
                outgoing => {
                    queue_together(socket, &mut together);
                    let frames = self.encode(outgoing).await;
                    bytes += frames.len();
                    socket.queue_frames(frames);
                }
            }
            next = if bytes < MAX_WRITE_BYTES {
                self.outbox.take()
            } else {
                None
            };
        }
        queue_together(socket, &mut together);
        socket.flush().await
    }

    /// The frames of a message of the queue.
    async fn encode(&self, outgoing: Outgoing) -> Bytes {
        match outgoing {
            Outgoing::Events(events) => events.encoded(EventForm::Single, |it| frames::texts(it)),
            Outgoing::Text(text) => frames::texts([&text]),
            Outgoing::Reply(command_id, result) => {
                encoded(&Message::Reply(Reply::new(command_id, result)))
            }
            Outgoing::Problem(problem) => {
                // So the room refuses a signal whose receiver has not read the ones before.
                if problem.code == Code::RateLimited {
                    count_limited("signals_unread");
                }
                encoded(&Message::Problem { problem })
            }
            Outgoing::Publishing(publishing) => {
                if let Some(session) = self.media.session {
                    let set = self.app.media.set_publishing(session, publishing);
                    Box::pin(set).await;
                }
                encoded(&if publishing {
                    Message::DeviceActive {}
                } else {
                    Message::DeviceReplaced {}
                })
            }
        }
    }

    /// Handles a message of the client. The reply goes into the device's queue, behind the events that are there.
    async fn dispatch(&mut self, text: String) -> Result<(), Ended> {
        // Without a slot the room has ended, and the queue is about to say so.
        let Some(slot) = self.outbox.reserve_reply() else {
            return Ok(());
        };
        match ClientMessage::read(&text) {
            Ok(ClientMessage::Command {
                command_id,
                command,
                if_match,
            }) => {
                if let Err(exceeded) = self.check_chat(&command) {
                    slot.send(Outgoing::Reply(command_id, Err(exceeded.into())));
                    return Ok(());
                }
                let mut caller =
                    Caller::seated(self.bearer.claims.sub.clone(), self.session.clone());
                if let Command::Chat(ChatCommand::Post { help: true, .. }) = &command {
                    let figures = health::figures_of(&self.app, self.room.id(), &caller.person);
                    caller.figures = Some(Box::new(figures.await));
                }
                let preconditions = Preconditions {
                    idempotency_key: Some(command_id.clone()),
                    if_match: if_match.map(|seq| seq.0),
                };
                self.room
                    .submit(caller, command_id, command, preconditions, slot)
                    .await;
            }
            Ok(ClientMessage::RenewToken { command_id }) => {
                slot.send(Outgoing::Reply(command_id, self.renew()));
            }
            Ok(ClientMessage::Clock { sent }) => {
                let now = self.app.now();
                slot.send(Outgoing::Text(frame(&Message::Clock { sent, now })));
            }
            Ok(ClientMessage::Signal(signal)) => match self.take(Limit::Signals, 1) {
                Ok(()) => self.signal(signal, slot).await,
                Err(exceeded) => {
                    let problem = Problem::from(exceeded);
                    slot.send(Outgoing::Text(frame(&Message::Problem { problem })));
                }
            },
            Ok(ClientMessage::Slots(SlotsWanted { slots })) => {
                if let Err(problem) = self.want(slots).await {
                    slot.send(Outgoing::Problem(problem));
                }
            }
            Ok(ClientMessage::Hello(_)) => {
                let detail = "There is one hello, and it was the first message.";
                self.refuse_malformed(Problem::new(Code::Invalid, detail), slot)?;
            }
            Err(malformed) => match malformed.command_id {
                Some(command_id) => {
                    slot.send(Outgoing::Reply(command_id, Err(malformed.problem)));
                }
                None => self.refuse_malformed(malformed.problem, slot)?,
            },
        }
        Ok(())
    }

    fn refuse_malformed(&mut self, problem: Problem, slot: ReplySlot) -> Result<(), Ended> {
        self.malformed_messages += 1;
        if self.malformed_messages >= MAX_MALFORMED_MESSAGES {
            return Err(Some(CloseCode::Invalid));
        }
        slot.send(Outgoing::Problem(problem));
        Ok(())
    }

    fn renew(&mut self) -> CommandResult {
        let app = &self.app;
        let now = app.now();
        let token = app
            .keys
            .renew(&app.conference, &self.bearer.token, now)
            .map_err(rejected)?;
        let answer = to_client(app, &token, now);
        self.bearer.token = token.secret;
        Ok(CommandOutput::Token(answer))
    }

    async fn signal(&mut self, Signal { to, talk, payload }: Signal, slot: ReplySlot) {
        let answer = match (to, payload) {
            (Address::Room, Payload::Offer(Value::String(offer))) => self.offer(offer).await,
            // The server's address is in its answer, and it learns the client's from its connectivity checks (ICE-lite,
            // RFC 8445, section 2.5).
            (Address::Room, Payload::Candidate(_)) => return,
            (Address::Room, _) => Err(Problem::new(
                Code::Invalid,
                "The room takes offers, as the text of an SDP, and candidates.",
            )),
            (Address::Participant(person), payload) => {
                let from = self.bearer.claims.sub.clone();
                let text: Bytes = frame(&Message::Signal {
                    from: Address::Participant(from.clone()),
                    talk,
                    payload,
                });
                let signal = RelayedSignal {
                    from,
                    to: person,
                    talk: talk.map(|talk| (talk, self.session.clone())),
                    text,
                };
                self.room.submit_relay(signal, slot).await;
                return;
            }
        };
        slot.send(match answer {
            Ok(answer) => Outgoing::Text(frame(&Message::Signal {
                from: Address::Room,
                talk: None,
                payload: Payload::Answer(Value::String(answer)),
            })),
            Err(problem) => Outgoing::Problem(problem),
        });
    }

    /// Changes what slots carry, in this media session and in those that follow it.
    async fn want(&mut self, slots: Vec<SlotWant<String>>) -> Result<(), Problem> {
        let wants = wants(slots, &self.app.conference.languages)?;
        let changed = match self.media.session {
            Some(session) => self.app.media.want(session, wants.clone()).await,
            None => Err(WantError::Gone),
        };
        let is_known = |mid: &str, ours: &[SlotWant]| ours.iter().any(|known| known.mid == mid);
        match changed {
            Ok(()) => {}
            // The media session has ended; the next one begins on the same lines, with these wants.
            Err(WantError::Gone) if wants.iter().all(|it| is_known(&it.mid, &self.media.wants)) => {
            }
            Err(WantError::Gone) => {
                let detail =
                    "You receive no media yet: make an offer first, then say what its lines carry.";
                return Err(Problem::new(Code::Invalid, detail));
            }
            Err(error) => {
                let detail = format!("Your slots stay as they are: {error}.");
                return Err(Problem::new(Code::Invalid, detail));
            }
        }
        let is_unchanged = |known: &SlotWant| !is_known(&known.mid, &wants);
        self.media.wants.retain(is_unchanged);
        self.media.wants.extend(wants);
        Ok(())
    }

    /// Negotiates the media session anew, or begins one if it has ended meanwhile.
    async fn offer(&mut self, offer: String) -> Result<String, Problem> {
        if let Some(session) = self.media.session {
            match self
                .app
                .media
                .renegotiate(session, offer.clone(), self.media.wants.clone())
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(JoinError::Gone | JoinError::CertificateChanged) => {
                    self.app.sessions.set_media(session, None);
                    self.app.media.leave(session);
                    self.room.path(self.session.clone(), false).await;
                }
                Err(error) => return Err(offer_refused(&error).0),
            }
        }
        let joined = self
            .media
            .join(
                &self.app,
                &self.room,
                &self.bearer.claims.sub,
                offer,
                self.outbox.is_publishing(),
            )
            .await;
        let answer = joined.map_err(|(problem, _)| problem)?;
        if let Some(session) = self.media.session {
            self.app.sessions.set_media(session, Some(&self.session));
        }
        Ok(answer)
    }
}

/// Queues the events of some batches as one message, or as what it is if it is one event. All connections share the texts.
fn queue_together(socket: &mut Socket, batches: &mut Vec<Arc<EventBatch>>) {
    let batches = std::mem::take(batches);
    if batches.iter().map(|it| it.len()).sum::<usize>() < 2 {
        for events in &batches {
            socket.queue_frames(events.encoded(EventForm::Single, |it| frames::texts(it)));
        }
        return;
    }
    let mut pieces = vec![Bytes::from_static(b"{\"type\":\"events\",\"events\":[")];
    for (number, events) in batches.iter().enumerate() {
        if number > 0 {
            pieces.push(Bytes::from_static(b","));
        }
        pieces.push(events.encoded(EventForm::Together, |it| it.join(&b","[..]).into()));
    }
    pieces.push(Bytes::from_static(b"]}"));
    socket.queue_text(pieces);
}

/// A message as a frame.
fn encoded(message: &Message) -> Bytes {
    frames::texts([&frame(message)])
}
