//! A participant, from the invitation to a clean leave.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::counters::{Count, FrameObserver};
use crate::http::Server;
use crate::link::{Closed, Handshake, Link};
use crate::peer::Peer;
use crate::problem::Error;
use crate::slots::{Shows, Slot, Slots};
use crate::sources::Source;

/// The configuration of a participant: the server and room to join, the secret, and the media.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the server.
    pub server: Server,
    /// The invitation or token by which the participant authenticates.
    pub entry: Entry,
    /// The id of the room to join.
    pub room: String,
    /// Absent for signaling only, which costs one task and one small buffer: a thousand such participants fit in a process.
    pub media: Option<Media>,
    /// A session to resume: its id and the last sequence number seen.
    pub resume: Option<(String, u64)>,
}

/// The secret by which the participant authenticates to the server.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An invitation, to be redeemed first.
    Invitation(String),
    /// A token from an earlier [`Server::redeem`].
    Token(String),
}

/// The media that the participant publishes and receives.
#[derive(Debug, Clone, Default)]
pub struct Media {
    /// The media to publish. Microphone and camera are offered even without.
    pub source: Source,
    /// The slots to request from the server.
    pub slots: Slots,
    /// Whether the participant stops publishing when told to.
    pub conduct: Conduct,
    /// Observes each frame that arrives, beside the counters.
    pub observer: Option<Arc<dyn FrameObserver>>,
    /// The local address for media; by default the one that the WebSocket uses.
    pub bind: Option<IpAddr>,
}

/// Whether a participant stops publishing when told to. Neither kind waits for a grant to begin: the server must not
/// forward ungranted media.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conduct {
    /// Publishes from joining on, and stops when another device takes over or the connection ends.
    #[default]
    Fair,
    /// Publishes without end, even when muted, replaced, removed or disconnected.
    Hostile,
}

impl Config {
    /// Joins by invitation, for signaling only.
    pub fn new(server: Server, invitation: impl Into<String>, room: impl Into<String>) -> Self {
        Self {
            server,
            entry: Entry::Invitation(invitation.into()),
            room: room.into(),
            media: None,
            resume: None,
        }
    }

    /// Adds media to this configuration.
    #[must_use]
    pub fn with_media(mut self, media: Media) -> Self {
        self.media = Some(media);
        self
    }
}

/// A participant in a room. A drop looks like a broken connection to the server; [`Participant::leave`] closes properly.
pub struct Participant {
    link: Link,
    peer: Option<Peer>,
    server: Server,
    token: String,
    welcome: Value,
}

impl Participant {
    /// Redeems the invitation, connects, sends the hello with an offer and applies the answer. Does not wait for media
    /// to connect.
    ///
    /// The events begin with the first message after the welcome.
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
        let handshake = Handshake::connect(&server).await?;
        let mut hello = json!({"type": "hello", "token": token, "room": room, "batches": true});
        if let Some((session, seq)) = resume {
            hello["resume"] = json!({"session": session, "seq": seq});
        }
        let stop_publishing = watch::Sender::new(false);
        let peer = match media {
            None => None,
            Some(media) => {
                let bind = match media.bind {
                    Some(bind) => bind,
                    None => handshake.local_ip()?,
                };
                let stop = (media.conduct == Conduct::Fair).then(|| stop_publishing.subscribe());
                let peer =
                    Peer::offer(bind, &media.source, &media.slots, media.observer, stop).await?;
                hello["offer"] = json!(peer.sdp());
                hello["slots"] = peer.slot_requests();
                Some(peer)
            }
        };

        let (events, received) = mpsc::unbounded_channel();
        let (link, welcome) = handshake.complete(&hello, events, stop_publishing).await?;
        if let Some(peer) = &peer {
            let answer = welcome["answer"]
                .as_str()
                .ok_or_else(|| Error::Protocol("a welcome without the answer".to_owned()))?;
            peer.apply_answer(answer.to_owned()).await?;
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

    /// The session's id, needed for a later resume.
    pub fn session(&self) -> &str {
        self.welcome["session"].as_str().unwrap_or_default()
    }

    /// The bearer token for calls over HTTP.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The server for calls over HTTP.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Sends a command such as `floor.request` with the fields of the object `arguments`, and waits for its one reply.
    ///
    /// The command is sent before the future is first polled, so commands keep the order of the calls.
    pub fn command(
        &self,
        kind: &str,
        arguments: Value,
    ) -> impl Future<Output = Result<Value, Error>> + Send + use<> {
        self.link.command(kind, arguments)
    }

    /// Sends a text frame unchecked: a signal to another participant, or a test's malformed input.
    pub fn send_text(&self, text: impl Into<String>) -> Result<(), Error> {
        self.link.send_text(text.into())
    }

    /// Sends a binary frame, which the protocol forbids.
    pub fn send_binary(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.link.send_binary(bytes)
    }

    /// This participant's slots, in the order of the offer.
    pub fn slots(&self) -> &[Slot] {
        self.peer.as_ref().map_or(&[], Peer::slots)
    }

    /// What the slot `mid` shows by the server's latest announcement.
    pub fn shows(&self, mid: &str) -> Option<Shows> {
        self.link.showing().borrow().get(mid).cloned().flatten()
    }

    /// Waits until a slot requested as `wants` shows `person`, and returns its mid.
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
        let late = || Error::Timeout("the announcement", within);
        // The sender lives as long as the link, so its end counts as a timeout.
        let seen = tokio::time::timeout(within, shown).await;
        drop(seen.map_err(|_| late())?);
        found.ok_or_else(late)
    }

    /// The counters of every slot, keyed by mid.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.peer
            .as_ref()
            .map_or_else(BTreeMap::new, |peer| peer.counters().snapshot())
    }

    /// The clock of the counters: the time since this participant created its offer.
    pub fn clock(&self) -> Duration {
        self.peer
            .as_ref()
            .map_or(Duration::ZERO, |peer| peer.counters().clock())
    }

    /// Waits until the counters satisfy `done`, which is evaluated now and after every packet.
    pub async fn until_counted(
        &self,
        within: Duration,
        done: impl FnMut(&BTreeMap<String, Count>) -> bool,
    ) -> Result<(), Error> {
        let Some(peer) = &self.peer else {
            return Err(Error::Timeout("media, which was not asked for,", within));
        };
        tokio::time::timeout(within, peer.counters().until(done))
            .await
            .map_err(|_| Error::Timeout("the packets", within))
    }

    /// Waits until ICE and DTLS have succeeded; returns at once for signaling only.
    pub async fn connected(&self, within: Duration) -> Result<(), Error> {
        match &self.peer {
            None => Ok(()),
            Some(peer) => tokio::time::timeout(within, peer.connected())
                .await
                .map_err(|_| Error::Timeout("the media connection", within))?,
        }
    }

    /// Restarts ICE with a new offer over the open WebSocket.
    pub async fn restart_media(&self) -> Result<(), Error> {
        let Some(peer) = &self.peer else {
            return Ok(());
        };
        let answer = self.link.negotiate(&peer.restart().await?).await?;
        peer.apply_answer(answer).await
    }

    /// Waits until either side closes the WebSocket.
    pub async fn closed(&self) -> Closed {
        self.link.closed().await
    }

    /// Closes the WebSocket with the closing handshake, then the peer connection.
    pub async fn leave(self) {
        self.link.leave().await;
        if let Some(mut peer) = self.peer {
            peer.close().await;
        }
    }
}

/// The server's messages in their order: the room's events, announcements and signals. A drop discards later ones.
#[derive(Debug)]
pub struct Events {
    received: mpsc::UnboundedReceiver<Value>,
}

impl Events {
    /// Waits for the next message; none once the connection has ended and all are read.
    pub async fn next(&mut self) -> Option<Value> {
        self.received.recv().await
    }

    /// Skips to the next message of that type that satisfies `wanted`, and returns it.
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
            Ok(None) => Err(Error::Protocol(format!(
                "the connection ended before a {kind}"
            ))),
            Err(_) => Err(Error::Timeout("the event", within)),
        }
    }
}
