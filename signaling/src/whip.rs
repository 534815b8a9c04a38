//! Devices that speak HTTP alone. They publish by WHIP (RFC 9725) or watch by WHEP: an offer is posted, the answer names
//! the address of the session, and a `DELETE` there ends it. In the room such a device is one like others.
//!
//! Each session has a task (`device`), which owns the seat and the media session; requests reach it over its queue, so
//! that nothing of it depends on a request being read to its end.

mod device;

use std::sync::Arc;

use dashmap::DashMap;
use plenary_conference::Claims;
use plenary_ids::{PersonId, RoomId};
use plenary_media::{IceFragment, JoinError, OfferedLines, offered_lines};
use plenary_protocol::{Code, Problem};
use plenary_room::{RoomHandle, Sending};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

pub(crate) use self::device::begin;
use crate::state::App;

/// How many requests may wait for a session.
const MAX_WAITING_REQUESTS: usize = 8;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// WHIP: it sends sound and pictures for its person.
    Publish,
    /// WHEP: it receives what the room shows.
    Watch,
}

impl Purpose {
    /// The folder of its addresses.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Publish => "whip",
            Self::Watch => "whep",
        }
    }

    /// A client that posts an offer to publish says that it is the device in use: it can send no command for that.
    fn sending(self) -> Sending {
        match self {
            Self::Publish => Sending::TakesOver,
            Self::Watch => Sending::Never,
        }
    }

    /// Passes an offer whose lines have the direction of the purpose (RFC 9725, section 4.2).
    pub(crate) fn check(self, offer: &str) -> Result<(), Problem> {
        let OfferedLines {
            sends,
            receives,
            both,
            inactive,
        } = offered_lines(offer).map_err(|error| refused(&error))?;
        let (fits, detail) = match self {
            Self::Publish => (
                sends + both > 0 && receives + inactive == 0,
                "An offer to publish has lines that send, and no others; receive by WHEP.",
            ),
            Self::Watch => (
                receives > 0 && sends + both + inactive == 0,
                "An offer to watch has lines that only receive; publish by WHIP.",
            ),
        };
        if fits {
            Ok(())
        } else {
            Err(unprocessable(detail))
        }
    }
}

fn unprocessable(detail: impl Into<String>) -> Problem {
    Problem {
        status: 422,
        ..Problem::new(Code::Invalid, detail)
    }
}

/// The problem of an offer that the media plane refuses.
fn refused(error: &JoinError) -> Problem {
    let detail = format!("Your media offer was not taken: {error}.");
    match error {
        JoinError::Offer(_) => Problem::new(Code::Invalid, detail),
        JoinError::Unusable(_) => unprocessable(detail),
        JoinError::Full | JoinError::Overloaded => Problem::new(Code::Unavailable, detail),
        JoinError::Gone | JoinError::CertificateChanged => Problem::new(Code::Conflict, detail),
    }
}

/// A session that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    /// The last part of its address, which nobody can guess.
    pub(crate) id: String,
    /// The SDP answer.
    pub(crate) answer: String,
    /// The tag of its first ICE session.
    pub(crate) tag: String,
}

/// A request to a session.
#[derive(Debug)]
enum Request {
    Patch(
        IfMatch,
        IceFragment,
        oneshot::Sender<Result<Patched, Problem>>,
    ),
    End(oneshot::Sender<()>),
}

/// The ICE sessions that a request is meant for: any, or those with one of these tags.
#[derive(Debug)]
pub(crate) enum IfMatch {
    Any,
    Tags(Vec<String>),
}

/// What came of a fragment.
#[derive(Debug)]
pub(crate) enum Patched {
    /// It named candidates, which the server learns by itself.
    Trickled,
    /// ICE was restarted.
    Restarted {
        /// The server's part of the new ICE session.
        fragment: String,
        /// The tag of that ICE session.
        tag: String,
    },
}

/// The registry of sessions. It locks one shard at a time and never across an await.
#[derive(Debug, Default)]
pub struct HttpSessions(DashMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    purpose: Purpose,
    room: RoomId,
    person: PersonId,
    invitation: String,
    requests: mpsc::Sender<Request>,
}

/// A session, as a request of its own bearer reaches it.
#[derive(Debug)]
pub(crate) struct HttpSession(mpsc::Sender<Request>);

impl HttpSessions {
    /// Adds a session; returns its id and its queue.
    fn add(
        &self,
        purpose: Purpose,
        room: &RoomId,
        claims: &Claims,
    ) -> (String, mpsc::Receiver<Request>) {
        let (requests, queue) = mpsc::channel(MAX_WAITING_REQUESTS);
        let entry = Entry {
            purpose,
            room: room.clone(),
            person: claims.sub.clone(),
            invitation: claims.iid.clone(),
            requests,
        };
        // 122 random bits of the system's generator.
        let id = Uuid::new_v4().simple().to_string();
        self.0.insert(id.clone(), entry);
        (id, queue)
    }

    fn remove(&self, id: &str) {
        self.0.remove(id);
    }

    /// The session of that address. Whoever else asks for it learns no more than that there is none.
    pub(crate) fn find(
        &self,
        purpose: Purpose,
        room: &str,
        id: &str,
        claims: &Claims,
    ) -> Result<HttpSession, Problem> {
        let entry = self.0.get(id).filter(|it| {
            it.purpose == purpose
                && it.room.as_str() == room
                && it.person == claims.sub
                && it.invitation == claims.iid
        });
        entry
            .map(|it| HttpSession(it.requests.clone()))
            .ok_or_else(ended)
    }
}

impl HttpSession {
    /// Hands the client's fragment to the session.
    pub(crate) async fn patch(
        &self,
        if_match: IfMatch,
        fragment: IceFragment,
    ) -> Result<Patched, Problem> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Patch(if_match, fragment, reply);
        self.0.send(request).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Ends the session; when this returns, the seat is given up.
    pub(crate) async fn end(&self) -> Result<(), Problem> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.send(Request::End(reply)).await;
        sent.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())
    }
}

fn ended() -> Problem {
    Problem::new(Code::NotFound, "There is no such session, or it has ended.")
}

/// Who begins a session, and where.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) app: Arc<App>,
    pub(crate) claims: Claims,
    pub(crate) room: RoomHandle,
    pub(crate) purpose: Purpose,
    pub(crate) offer: String,
    pub(crate) watch: Option<crate::watchers::Watch>,
}
