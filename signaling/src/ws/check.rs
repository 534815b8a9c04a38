//! A hello that only checks the media path. It takes no seat: the room never learns of it, nothing of the room is
//! received, and it is no device of anybody. It is all that the bearer of the check link can open.

use std::sync::Arc;

use plenary_conference::Rejection;
use plenary_ids::{Millis, RoomId};
use plenary_media::Joined;
use plenary_protocol::{
    Address, ClientMessage, CloseCode, Code, Hello, Payload, Problem, ServerMessage, Signal,
};
use tokio::time::sleep;

use super::{
    Client,
    greeting::{admit, refuse, turned_away},
    media_link::{Refused, offer_refused},
    socket::{Incoming, Socket},
};
use crate::{
    allowances::count_limited,
    checks::{Checker, RunningCheck},
    frame::frame,
    rate::Origin,
    state::App,
};

type Message = ServerMessage<(), ()>;

/// How many messages a client may send in a check, which needs none.
const MAX_MESSAGES: usize = 64;

/// Runs a check from its hello until one side ends it; returns the code to close with.
pub async fn run(
    app: &Arc<App>,
    socket: &mut Socket,
    hello: Hello,
    client: &Client,
) -> Option<CloseCode> {
    let (check, answer) = match Check::begin(app, hello, client).await {
        Ok(begun) => begun,
        Err((problem, code)) => return refuse(socket, problem, code).await,
    };
    let time = app.limits.check_time.as_millis();
    let ends_in_ms = Millis(u64::try_from(time).unwrap_or(u64::MAX));
    let begun = frame(&Message::Check { answer, ends_in_ms });
    match socket.send(begun).await {
        Ok(()) => check.converse(socket).await,
        Err(code) => code,
    }
}

/// Who checks with that token: a person who may enter the room, or the bearer of the check link, who is told of no room.
fn admit_checker(
    app: &App,
    token: &str,
    room: Option<&RoomId>,
    origin: Origin,
) -> Result<Checker, Refused> {
    let by_link = app.keys.verify_check(&app.conference, token, app.now());
    if by_link.is_err() {
        let (claims, _) = admit(app, token, room, origin)?;
        return Ok(Checker::Person(claims.sub));
    }
    if room.is_some() {
        return Err(turned_away(Rejection::OnlyChecks));
    }
    app.allowances
        .take_link_check(origin)
        .map_err(|exceeded| (exceeded.into(), CloseCode::RateLimited))?;
    Ok(Checker::Link(origin))
}

struct Check {
    app: Arc<App>,
    session: plenary_media::SessionId,
    _running: RunningCheck,
}

/// Also where the connection ends for another one in the midst of a check.
impl Drop for Check {
    fn drop(&mut self) {
        self.app.media.leave(self.session);
    }
}

impl Check {
    /// Joins the media room of the checks, where nothing may flow to anybody.
    async fn begin(
        app: &Arc<App>,
        hello: Hello,
        client: &Client,
    ) -> Result<(Self, String), Refused> {
        let Hello {
            token,
            room,
            offer,
            slots,
            resume,
            check: _,
            batches: _,
        } = hello;
        let checker = admit_checker(app, &token, room.as_ref(), client.origin)?;
        let invalid = |detail| (Problem::new(Code::Invalid, detail), CloseCode::Invalid);
        let offer = offer.ok_or_else(|| invalid("A check needs an offer."))?;
        if resume.is_some() || !slots.is_empty() {
            return Err(invalid("A check resumes nothing, and receives nothing."));
        }
        let person = match &checker {
            Checker::Person(person) => person.clone(),
            Checker::Link(_) => app.checks.nobody().clone(),
        };
        let running = app.checks.begin(checker).ok_or_else(|| {
            count_limited("checks");
            let detail = "Too many checks are running; wait a moment.";
            (
                Problem::new(Code::RateLimited, detail),
                CloseCode::RateLimited,
            )
        })?;
        let media_room = app.checks.media_room().clone();
        let joined = app
            .media
            .join(media_room, person, offer, Vec::new(), false)
            .await;
        let Joined {
            session, answer, ..
        } = joined.map_err(|error| offer_refused(&error))?;
        let check = Self {
            app: Arc::clone(app),
            session,
            _running: running,
        };
        Ok((check, answer))
    }

    /// Answers what a client asks of its path, until the time of a check is over.
    async fn converse(&self, socket: &mut Socket) -> Option<CloseCode> {
        let mut over = std::pin::pin!(sleep(self.app.limits.check_time));
        let mut messages = 0;
        loop {
            let incoming = tokio::select! {
                incoming = socket.next() => incoming,
                () = &mut over => return None,
            };
            let text = match incoming {
                Incoming::Text(text) => text,
                Incoming::Alive => continue,
                Incoming::Gone => return None,
                Incoming::Fault(code) => return Some(code),
            };
            messages += 1;
            if messages > MAX_MESSAGES {
                return Some(CloseCode::RateLimited);
            }
            match ClientMessage::read(&text) {
                Ok(ClientMessage::Clock { sent }) => {
                    let now = self.app.now();
                    if let Err(code) = socket.send(frame(&Message::Clock { sent, now })).await {
                        return code;
                    }
                }
                // The server learns the client's address from its connectivity checks (ICE-lite, RFC 8445, section 2.5).
                Ok(ClientMessage::Signal(Signal {
                    to: Address::Room,
                    payload: Payload::Candidate(_),
                    ..
                })) => {}
                _ => {
                    let detail = "This connection only checks the path; take a seat first.";
                    let problem = Problem::new(Code::Invalid, detail);
                    return refuse(socket, problem, CloseCode::Invalid).await;
                }
            }
        }
    }
}
