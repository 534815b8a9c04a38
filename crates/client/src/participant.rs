//! A participant: from an invitation to a clean leave.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::counters::{Count, Ear};
use crate::http::Server;
use crate::link::{Closed, Knock, Link};
use crate::peer::Peer;
use crate::problem::Error;
use crate::slots::{Shows, Slot, Slots};
use crate::sources::Source;

/// Where to go and how to take part.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server.
    pub server: Server,
    /// What opens the door.
    pub entry: Entry,
    /// The room's id.
    pub room: String,
    /// Media, or nothing for signaling only: one task and one small buffer, so that a thousand fit in a process.
    pub media: Option<Media>,
    /// A session to resume: its id and the last sequence number seen.
    pub resume: Option<(String, u64)>,
}

/// What opens the door.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An invitation, to be redeemed first.
    Invitation(String),
    /// A token from an earlier [`Server::redeem`].
    Token(String),
}

/// How to take part in media.
#[derive(Debug, Clone, Default)]
pub struct Media {
    /// What to publish. Microphone and camera are offered in any case.
    pub source: Source,
    /// What to receive.
    pub slots: Slots,
    /// Whether to stop when told to.
    pub conduct: Conduct,
    /// Who is shown what arrives, beside the counters.
    pub ear: Option<Arc<dyn Ear>>,
    /// The local address for media; by default the one that the WebSocket uses.
    pub bind: Option<IpAddr>,
}

/// When a participant stops sending. Nobody waits for the floor here: what is not granted, the server must not forward.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conduct {
    /// Sends from joining on, and stops when another device takes over or the connection ends.
    #[default]
    Fair,
    /// Sends for as long as it exists: unheard, muted, replaced, removed or cut off.
    Hostile,
}

impl Config {
    /// Signaling only, by invitation.
    pub fn new(server: Server, invitation: impl Into<String>, room: impl Into<String>) -> Self {
        Self {
            server,
            entry: Entry::Invitation(invitation.into()),
            room: room.into(),
            media: None,
            resume: None,
        }
    }

    /// The same with media.
    #[must_use]
    pub fn with_media(mut self, media: Media) -> Self {
        self.media = Some(media);
        self
    }
}

/// Somebody in a room. Dropped, it vanishes as a broken connection does; [`Participant::leave`] is the polite way.
pub struct Participant {
    link: Link,
    peer: Option<Peer>,
    server: Server,
    token: String,
    welcome: Value,
}

impl Participant {
    /// Redeems, connects, says hello with an offer and applies the answer. Does not wait for media to connect.
    ///
    /// The events begin with the first message after the welcome, whenever they are read.
    pub async fn join(config: Config) -> Result<(Self, Events), Error> {
        let Config {
            server,
            entry,
            room,
            media,
            resume,
        } = config;
        let token = match entry {
            Entry::Invitation(invitation) => server.redeem(&invitation).await?.token,
            Entry::Token(token) => token,
        };
        let knock = Knock::at(&server).await?;
        let mut hello = json!({"type": "hello", "token": token, "room": room});
        if let Some((session, seq)) = resume {
            hello["resume"] = json!({"session": session, "seq": seq});
        }
        let halt = watch::Sender::new(false);
        let peer = match media {
            None => None,
            Some(media) => {
                let bind = match media.bind {
                    Some(bind) => bind,
                    None => knock.local_ip()?,
                };
                let halt = (media.conduct == Conduct::Fair).then(|| halt.subscribe());
                let peer = Peer::offer(bind, &media.source, &media.slots, media.ear, halt).await?;
                hello["offer"] = json!(peer.sdp());
                hello["slots"] = peer.wanted();
                Some(peer)
            }
        };

        let (events, received) = mpsc::unbounded_channel();
        let (link, welcome) = knock.enter(&hello, events, halt).await?;
        if let Some(peer) = &peer {
            let answer = welcome["answer"]
                .as_str()
                .ok_or_else(|| Error::Contract("a welcome without the answer".to_owned()))?;
            peer.answered(answer.to_owned()).await?;
        }
        let participant = Self {
            link,
            peer,
            server,
            token,
            welcome,
        };
        Ok((participant, Events { received }))
    }

    /// The welcome as the server sent it, with `session`, `you` and the room's snapshot.
    pub fn welcome(&self) -> &Value {
        &self.welcome
    }

    /// The session's id, for a later resume.
    pub fn session(&self) -> &str {
        self.welcome["session"].as_str().unwrap_or_default()
    }

    /// The bearer token, for calls over HTTP.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The server, for calls over HTTP.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Sends a command such as `floor.request` with the fields of the object `arguments`, and waits for its one reply.
    ///
    /// The command is on its way when this returns, before the future is first awaited, so commands keep their order.
    pub fn command(
        &self,
        kind: &str,
        arguments: Value,
    ) -> impl Future<Output = Result<Value, Error>> + Send + use<> {
        self.link.command(kind, arguments)
    }

    /// Sends a text frame as it is: signals to others, and whatever a test of bad input needs.
    pub fn say(&self, text: impl Into<String>) -> Result<(), Error> {
        self.link.say(text.into())
    }

    /// Sends a binary frame, which the contract forbids.
    pub fn say_binary(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.link.say_binary(bytes)
    }

    /// This participant's slots, in the order of the offer.
    pub fn slots(&self) -> &[Slot] {
        self.peer.as_ref().map_or(&[], Peer::slots)
    }

    /// What the slot `mid` shows by the server's latest announcement.
    pub fn shows(&self, mid: &str) -> Option<Shows> {
        self.link.showing().borrow().get(mid).cloned().flatten()
    }

    /// Waits until a slot that was asked for as `wants` shows `person`, and returns its mid.
    pub async fn until_shown(
        &self,
        person: &str,
        wants: &str,
        within: Duration,
    ) -> Result<String, Error> {
        let mut showing = self.link.showing();
        let mut found = None;
        let shown = showing.wait_for(|showing| {
            found = self
                .slots()
                .iter()
                .filter(|slot| slot.wants == wants)
                .find(|slot| {
                    let shows = showing.get(&slot.mid).and_then(Option::as_ref);
                    shows.is_some_and(|shows| shows.participant == person)
                })
                .map(|slot| slot.mid.clone());
            found.is_some()
        });
        let late = || Error::Late("the announcement", within);
        // The sender lives as long as the link; its end would be an announcement that never comes.
        let seen = tokio::time::timeout(within, shown).await;
        drop(seen.map_err(|_| late())?);
        found.ok_or_else(late)
    }

    /// The counters of every slot, by mid.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.peer
            .as_ref()
            .map_or_else(BTreeMap::new, |peer| peer.counters().snapshot())
    }

    /// The clock that counters are stamped with: the time since this participant made its offer.
    pub fn clock(&self) -> Duration {
        self.peer
            .as_ref()
            .map_or(Duration::ZERO, |peer| peer.counters().clock())
    }

    /// Waits until the counters satisfy `done`, which is asked now and after every packet.
    pub async fn until_counted(
        &self,
        within: Duration,
        done: impl FnMut(&BTreeMap<String, Count>) -> bool,
    ) -> Result<(), Error> {
        let Some(peer) = &self.peer else {
            return Err(Error::Late("media, which was not asked for,", within));
        };
        tokio::time::timeout(within, peer.counters().until(done))
            .await
            .map_err(|_| Error::Late("the packets", within))
    }

    /// Waits until ICE and DTLS are through; at once for signaling only.
    pub async fn connected(&self, within: Duration) -> Result<(), Error> {
        match &self.peer {
            None => Ok(()),
            Some(peer) => tokio::time::timeout(within, peer.connected())
                .await
                .map_err(|_| Error::Late("the media connection", within))?,
        }
    }

    /// Restarts ICE with a new offer through the open WebSocket.
    pub async fn restart_media(&self) -> Result<(), Error> {
        let Some(peer) = &self.peer else {
            return Ok(());
        };
        let answer = self.link.negotiate(&peer.restart().await?).await?;
        peer.answered(answer).await
    }

    /// Waits until the WebSocket ends, by whichever side.
    pub async fn closed(&self) -> Closed {
        self.link.closed().await
    }

    /// Closes the WebSocket in good order, then the peer connection.
    pub async fn leave(self) {
        self.link.leave().await;
        if let Some(mut peer) = self.peer {
            peer.close().await;
        }
    }
}

/// What the server sends, in its order: the room's events, announcements and signals. Dropped, they are not kept.
#[derive(Debug)]
pub struct Events {
    received: mpsc::UnboundedReceiver<Value>,
}

impl Events {
    /// The next message, or nothing once the connection has ended and all were read.
    pub async fn next(&mut self) -> Option<Value> {
        self.received.recv().await
    }

    /// Reads on until a message of the given type that satisfies `wanted`, and returns that.
    pub async fn until(
        &mut self,
        kind: &str,
        within: Duration,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Result<Value, Error> {
        let search = async {
            while let Some(message) = self.next().await {
                if message["type"] == kind && wanted(&message) {
                    return Some(message);
                }
            }
            None
        };
        match tokio::time::timeout(within, search).await {
            Ok(Some(message)) => Ok(message),
            Ok(None) => Err(Error::Contract(format!(
                "the connection ended before a {kind}"
            ))),
            Err(_) => Err(Error::Late("the event", within)),
        }
    }
}
