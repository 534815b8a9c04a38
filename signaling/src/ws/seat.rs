//! A seated device: everything it is told and everything it says, in one task.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use plenary_conference::Claims;
use plenary_media::{JoinError, SlotWant, WantError};
use plenary_protocol::{
    Address, ClientMessage, CloseCode, Code, Payload, Problem, Reply, ServerMessage, SessionId,
    Signal, SlotWant as WireWant, SlotsWanted,
};
use plenary_room::{Attached, Caller, Guard, Outbox, Outgoing, RoomHandle};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    greeting::{offer_refused, wants},
    pending::{Answered, Pending},
    socket::{Incoming, Socket},
};
use crate::{
    frame::frame,
    http::{secret, unauthorized},
    rate::Bucket,
    sessions::{Device, Inbox},
    state::{App, Pulse},
};

/// So many messages that cannot be read end a connection.
const PATIENCE: u32 = 10;

type Message = ServerMessage<(), ()>;

/// A device in a room.
#[derive(Debug)]
pub struct Seat {
    app: Arc<App>,
    room: RoomHandle,
    claims: Claims,
    token: String,
    session: SessionId,
    outbox: Outbox,
    device: Device,
    inbox: Inbox,
    media: MediaLink,
    pending: Pending,
    unread: u32,
}

/// A device's media session, once it has offered.
#[derive(Debug)]
pub struct MediaLink {
    pub(super) session: Option<plenary_media::SessionId>,
    pub(super) wants: Vec<SlotWant>,
    pub(super) publishing: bool,
}

impl MediaLink {
    /// Before the first offer.
    pub fn new(wants: Vec<SlotWant>, publishing: bool) -> Self {
        Self {
            session: None,
            wants,
            publishing,
        }
    }
}

/// Ends the connection, with a code if there is anybody to tell.
type Ended = Option<CloseCode>;

impl Seat {
    pub(super) fn new(
        app: Arc<App>,
        room: RoomHandle,
        (claims, token): (Claims, String),
        attached: Attached,
        device: Device,
        inbox: Inbox,
        media: MediaLink,
    ) -> Self {
        let Attached {
            session, outbox, ..
        } = attached;
        Self {
            app,
            room,
            claims,
            token,
            session,
            outbox,
            device,
            inbox,
            media,
            pending: Pending::default(),
            unread: 0,
        }
    }

    /// Stays until one side ends it; gives the code to close with.
    pub async fn keep(mut self, socket: &mut Socket) -> Ended {
        let ended = self.converse(socket).await.err().flatten();
        self.leave().await;
        ended
    }

    /// Gives up the connection. The room keeps the person's place for a while.
    pub async fn leave(self) {
        self.app.sessions.remove(&self.session, &self.device);
        if let Some(media) = self.media.session {
            self.app.sessions.set_media(media, None);
            self.app.media.leave(media);
        }
        self.room.detach(self.session).await;
    }

    async fn converse(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        let mut heard = Instant::now();
        let quota = self.app.limits.messages;
        let mut rate = Bucket::new(quota, heard);
        let mut ping = pin!(sleep(self.pulse().ping));
        loop {
            tokio::select! {
                // What the room says comes first, and a wake for it looks at nothing else.
                biased;
                outgoing = self.outbox.next() => self.tell(socket, outgoing).await?,
                Some(answered) = self.pending.next() => self.answer(socket, answered).await?,
                Some(text) = self.inbox.direct.recv() => socket.send(text).await?,
                Ok(()) = self.inbox.end.changed() => return Err(*self.inbox.end.borrow()),
                () = &mut ping => {
                    let Pulse { ping: every, silence } = self.pulse();
                    // Who is not read cannot be heard.
                    if heard.elapsed() > silence && !self.pending.is_full() {
                        return Err(None);
                    }
                    // Also revoked by another process, such as `plenary revoke`.
                    if self.app.keys.is_revoked(&self.claims.iid) {
                        return Err(Some(CloseCode::Unauthorized));
                    }
                    socket.ping().await?;
                    ping.as_mut().reset(Instant::now() + every);
                }
                incoming = socket.next(), if !self.pending.is_full() => {
                    heard = Instant::now();
                    match incoming {
                        Incoming::Text(_) if rate.take(quota, heard).is_err() => return Err(Some(CloseCode::RateLimited)),
                        Incoming::Text(text) => self.hear(socket, &text).await?,
                        Incoming::Alive => {}
                        Incoming::Gone => return Err(None),
                        Incoming::Fault(code) => return Err(Some(code)),
                    }
                }
            }
        }
    }

    fn pulse(&self) -> Pulse {
        let limits = &self.app.limits;
        if self.media.session.is_some() && self.media.publishing {
            limits.speaker
        } else {
            limits.reader
        }
    }

    async fn publish(&mut self, socket: &mut Socket, on: bool) -> Result<(), Ended> {
        self.media.publishing = on;
        if let Some(session) = self.media.session {
            self.app.media.set_publishing(session, on).await;
        }
        let told = if on {
            Message::DeviceActive {}
        } else {
            Message::DeviceReplaced {}
        };
        socket.send(frame(&told)).await
    }

    async fn hear(&mut self, socket: &mut Socket, text: &str) -> Result<(), Ended> {
        let answer = match ClientMessage::read(text) {
            Ok(ClientMessage::Command {
                command_id,
                command,
                if_match,
            }) => {
                let caller = Caller {
                    person: self.claims.sub.clone(),
                    session: Some(self.session.clone()),
                };
                let guard = Guard {
                    id: Some(command_id.clone()),
                    version: if_match.map(|seq| seq.0),
                };
                match self.room.submit(caller, command, guard).await {
                    Ok(outcome) => {
                        self.pending.command(command_id, outcome);
                        return Ok(());
                    }
                    Err(problem) => Message::Reply(Reply::new(command_id, Err(problem))),
                }
            }
            Ok(ClientMessage::RenewToken { command_id }) => {
                Message::Reply(Reply::new(command_id, self.renew()))
            }
            Ok(ClientMessage::Clock { sent }) => Message::Clock {
                sent,
                now: self.app.clock.now(),
            },
            Ok(ClientMessage::Signal(signal)) => match self.signal(signal).await {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(()),
                Err(problem) => Message::Problem { problem },
            },
            Ok(ClientMessage::Slots(SlotsWanted { slots })) => match self.want(slots).await {
                Ok(()) => return Ok(()),
                Err(problem) => Message::Problem { problem },
            },
            Ok(ClientMessage::Hello(_)) => self.not_understood(Problem::new(
                Code::Invalid,
                "There is one hello, and it was the first message.",
            ))?,
            Err(unread) => match unread.command_id {
                Some(command_id) => Message::Reply(Reply::new(command_id, Err(unread.problem))),
                None => self.not_understood(unread.problem)?,
            },
        };
        self.tell_what_is_queued(socket).await?;
        socket.send(frame(&answer)).await
    }

    /// Sends what the room has answered, after what it has caused.
    async fn answer(&mut self, socket: &mut Socket, answered: Answered) -> Result<(), Ended> {
        let answer = match answered {
            Answered::Command(id, outcome) => Message::Reply(Reply::new(id, outcome)),
            Answered::Relay(Err(problem)) => Message::Problem { problem },
            Answered::Relay(Ok(())) => return Ok(()),
        };
        self.tell_what_is_queued(socket).await?;
        socket.send(frame(&answer)).await
    }

    /// What a command caused was queued before its reply: so whoever has a reply has also seen the events that it answers
    /// for.
    async fn tell_what_is_queued(&mut self, socket: &mut Socket) -> Result<(), Ended> {
        while let Some(Ok(outgoing)) = self.outbox.next().now_or_never() {
            self.tell(socket, Ok(outgoing)).await?;
        }
        Ok(())
    }

    /// Sends what the room says. When it has said all, those who still wait for an answer that is there get it.
    async fn tell(
        &mut self,
        socket: &mut Socket,
        outgoing: Result<Outgoing, CloseCode>,
    ) -> Result<(), Ended> {
        match outgoing {
            Ok(Outgoing::Events(texts)) => socket.send_all(texts.iter().cloned()).await,
            Ok(Outgoing::Text(text)) => socket.send(text).await,
            Ok(Outgoing::Publish(on)) => self.publish(socket, on).await,
            Err(CloseCode::RateLimited) => Err(Some(CloseCode::RateLimited)),
            Err(code) => {
                while let Some(Some(Answered::Command(id, outcome))) =
                    self.pending.next().now_or_never()
                {
                    let reply = Message::Reply(Reply::new(id, outcome));
                    socket.send(frame(&reply)).await?;
                }
                Err(Some(code))
            }
        }
    }

    fn not_understood(&mut self, problem: Problem) -> Result<Message, Ended> {
        self.unread += 1;
        if self.unread >= PATIENCE {
            return Err(Some(CloseCode::Invalid));
        }
        Ok(Message::Problem { problem })
    }

    fn renew(&mut self) -> Result<Value, Problem> {
        let app = &self.app;
        let token = app
            .keys
            .renew(&app.conference, &self.token, app.clock.now())
            .map_err(unauthorized)?;
        let answer = json!(secret(&token));
        self.token = token.secret;
        Ok(answer)
    }

    async fn signal(&mut self, Signal { to, payload }: Signal) -> Result<Option<Message>, Problem> {
        match (to, payload) {
            (Address::Room, Payload::Offer(Value::String(offer))) => {
                let answer = self.offer(offer).await?;
                let payload = Payload::Answer(Value::String(answer));
                Ok(Some(Message::Signal {
                    from: Address::Room,
                    payload,
                }))
            }
            // The server's address is in its answer, and it learns ours from our checks (ICE-lite, RFC 8445 section 2.5).
            (Address::Room, Payload::Candidate(_)) => Ok(None),
            (Address::Room, _) => Err(Problem::new(
                Code::Invalid,
                "The room takes offers, as the text of an SDP, and candidates.",
            )),
            (Address::Participant(person), payload) => {
                let from = Address::Participant(self.claims.sub.clone());
                let text: Bytes = frame(&Message::Signal { from, payload });
                let from = self.claims.sub.clone();
                let relayed = self.room.submit_relay(from, person, text).await?;
                self.pending.relay(relayed);
                Ok(None)
            }
        }
    }

    /// Has lines carry something else, now and in every session that begins anew.
    async fn want(&mut self, slots: Vec<WireWant>) -> Result<(), Problem> {
        let wants = wants(slots)?;
        let asked = match self.media.session {
            Some(session) => self.app.media.want(session, wants.clone()).await,
            None => Err(WantError::Gone),
        };
        let is_known = |mid: &str, ours: &[SlotWant]| ours.iter().any(|known| known.mid == mid);
        match asked {
            Ok(()) => {}
            // A media session that has ended is begun anew on the same lines, and then with these.
            Err(WantError::Gone) if wants.iter().all(|it| is_known(&it.mid, &self.media.wants)) => {
            }
            Err(error) => {
                let detail = format!("Your slots stay as they are: {error}.");
                return Err(Problem::new(Code::Invalid, detail));
            }
        }
        let stay = |known: &SlotWant| !is_known(&known.mid, &wants);
        self.media.wants.retain(stay);
        self.media.wants.extend(wants);
        Ok(())
    }

    /// Negotiates again; a media session that has ended meanwhile is begun anew.
    async fn offer(&mut self, offer: String) -> Result<String, Problem> {
        if let Some(session) = self.media.session {
            match self
                .app
                .media
                .renegotiate(session, offer.clone(), self.media.wants.clone())
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(JoinError::Gone | JoinError::Stranger) => {
                    self.app.sessions.set_media(session, None);
                    self.app.media.leave(session);
                    self.room.path(self.session.clone(), false).await;
                }
                Err(error) => return Err(offer_refused(&error).0),
            }
        }
        let joined = self
            .media
            .join(&self.app, &self.room, &self.claims.sub, offer)
            .await;
        let answer = joined.map_err(|(problem, _)| problem)?;
        if let Some(session) = self.media.session {
            self.app.sessions.set_media(session, Some(&self.session));
        }
        Ok(answer)
    }
}
