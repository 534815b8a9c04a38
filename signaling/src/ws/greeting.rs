//! The opening of a connection: its hello, the seat, and the welcome.

use std::sync::Arc;

use bytes::Bytes;
use plenary_conference::{Claims, Rejection};
use plenary_ids::RoomId;
use plenary_protocol::{
    ClientMessage, CloseCode, Code, Hello, Permission, Problem, ServerMessage, Welcome, You,
};
use plenary_room::{Attach, Attached, Resumption, RoomHandle, Sending};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout};

use super::{
    Client, check,
    media_link::{MediaLink, Refused, offer_refused, wants},
    seat::{Bearer, Seat},
    socket::{Incoming, Socket},
};
use crate::{
    allowances::Limit, frame::frame, rate::Origin, refusal::rejected, sessions::Device, state::App,
    watchers::Watch,
};

/// Waits for the hello, and seats its device. An error is the code to close with, as of a hello that only checks.
pub async fn open(
    app: &Arc<App>,
    socket: &mut Socket,
    client: &Client,
) -> Result<Seat, Option<CloseCode>> {
    let hello = match timeout(app.limits.hello_timeout, hello(socket)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Fault::Refused(problem, code))) => return Err(refuse(socket, problem, code).await),
        Ok(Err(Fault::Ended(code))) => return Err(code),
        Err(_) => return Err(Some(CloseCode::NoHello)),
    };
    if hello.check {
        return Err(check::run(app, socket, hello, client).await);
    }
    match seat(app, hello, client).await {
        Ok((seat, welcome)) => {
            socket.queue_text(welcome);
            if let Err(code) = socket.flush().await {
                seat.leave().await;
                return Err(code);
            }
            Ok(seat)
        }
        Err((problem, code)) => Err(refuse(socket, problem, code).await),
    }
}

enum Fault {
    Refused(Problem, CloseCode),
    Ended(Option<CloseCode>),
}

async fn hello(socket: &mut Socket) -> Result<Hello, Fault> {
    loop {
        return match socket.next().await {
            Incoming::Text(text) => match ClientMessage::read(&text) {
                Ok(ClientMessage::Hello(hello)) => Ok(*hello),
                Ok(_) => {
                    let problem = Problem::new(Code::Invalid, "The first message is a hello.");
                    Err(Fault::Refused(problem, CloseCode::Invalid))
                }
                Err(unread) if unread.problem.code == Code::Unauthorized => {
                    Err(Fault::Refused(unread.problem, CloseCode::Unauthorized))
                }
                Err(unread) => Err(Fault::Refused(unread.problem, CloseCode::Invalid)),
            },
            Incoming::Alive => continue,
            Incoming::Gone => Err(Fault::Ended(None)),
            Incoming::Fault(code) => Err(Fault::Ended(Some(code))),
        };
    }
}

/// Sends the problem before the close sends its code.
pub(super) async fn refuse(
    socket: &mut Socket,
    problem: Problem,
    code: CloseCode,
) -> Option<CloseCode> {
    let sent = socket
        .send(frame(&ServerMessage::<(), ()>::Problem { problem }))
        .await;
    sent.err().unwrap_or(Some(code))
}

/// Who says hello with that token, and the room if that person may enter it.
pub(super) fn admit(
    app: &App,
    token: &str,
    room: Option<&RoomId>,
    origin: Origin,
) -> Result<(Claims, RoomHandle), Refused> {
    let claims = app
        .keys
        .verify(&app.conference, token, app.now())
        .map_err(turned_away)?;
    let room = room.ok_or_else(|| {
        let problem = Problem::new(Code::Invalid, "A hello names a room.");
        (problem, CloseCode::Invalid)
    })?;
    let room = app
        .enter(&claims, room.as_str())
        .map_err(|problem| (problem, CloseCode::Forbidden))?;
    app.allowances
        .take(Limit::Joins, &claims.sub, origin, 1)
        .map_err(|exceeded| (exceeded.into(), CloseCode::RateLimited))?;
    Ok((claims, room))
}

/// The refusal of a token, with the code to close with.
pub(super) fn turned_away(rejection: Rejection) -> Refused {
    let code = match rejection {
        Rejection::Unauthorized => CloseCode::Unauthorized,
        Rejection::OnlyChecks => CloseCode::Forbidden,
    };
    (rejected(rejection), code)
}

/// Seats a device; the pieces are its welcome.
async fn seat(
    app: &Arc<App>,
    hello: Hello,
    client: &Client,
) -> Result<(Seat, [Bytes; 3]), Refused> {
    let Hello {
        token,
        room,
        offer,
        slots,
        resume,
        check: _,
        batches,
    } = hello;
    let (claims, room) = admit(app, &token, room.as_ref(), client.origin)?;
    client.connection.take_seat().map_err(|_| {
        let detail = "The server has no connection left for one more seat; try again in a moment.";
        let problem = Problem::new(Code::Unavailable, detail);
        (problem, CloseCode::RateLimited)
    })?;
    let watch =
        watch(app, &claims, client.origin).map_err(|problem| (problem, CloseCode::RateLimited))?;
    let wants =
        wants(slots, &app.conference.languages).map_err(|problem| (problem, CloseCode::Invalid))?;
    // Before the seat, so that the record has no arrival of somebody who was refused.
    if let Some(offer) = &offer {
        plenary_media::check_offer(offer).map_err(|error| offer_refused(&error))?;
    }
    let attach = Attach {
        person: claims.sub.clone(),
        resume,
        sending: Sending::default(),
    };
    let attached = room.attach(attach).await.map_err(|problem| {
        let code = if problem.code == Code::Forbidden {
            CloseCode::Forbidden
        } else {
            CloseCode::Draining
        };
        (problem, code)
    })?;

    let publishing = attached.outbox.is_publishing();
    let mut media = MediaLink::new(wants);
    let answer = match offer {
        None => None,
        Some(offer) => match media.join(app, &room, &claims.sub, offer, publishing).await {
            Ok(answer) => Some(answer),
            Err(refused) => {
                room.detach(attached.session).await;
                return Err(refused);
            }
        },
    };
    let welcome = welcome(app, &claims, &attached, answer);
    let device = Device {
        room: room.id().clone(),
        person: claims.sub.clone(),
        invitation: claims.iid.clone(),
        watching: claims.watching,
        queue: attached.outbox.handle(),
        seated_at: Instant::now(),
    };
    app.sessions.add(
        &attached.session,
        device.clone(),
        app.limits.devices_per_person,
    );
    if let Some(session) = media.session {
        app.sessions.set_media(session, Some(&attached.session));
    }
    Ok((
        Seat::new(
            Arc::clone(app),
            room,
            Bearer {
                claims,
                token,
                origin: client.origin,
                _watch: watch,
            },
            attached,
            device,
            media,
            batches,
        ),
        welcome,
    ))
}

/// The place of a watcher among all of them; none for a person, whom the room seats.
pub(crate) fn watch(app: &App, claims: &Claims, origin: Origin) -> Result<Option<Watch>, Problem> {
    if claims.watching.is_none() {
        return Ok(None);
    }
    let watch = app.watchers.begin(&claims.iid, origin).ok_or_else(|| {
        let detail = "This link is open on as many screens as it may be, or your address has too many; close one.";
        Problem::new(Code::RateLimited, detail)
    })?;
    Ok(Some(watch))
}

/// The welcome in pieces. The room stands last, so that newcomers share its text and nothing copies it.
fn welcome(app: &App, claims: &Claims, attached: &Attached, answer: Option<String>) -> [Bytes; 3] {
    let member = &attached.member;
    let (room, events) = match &attached.resumption {
        Resumption::Snapshot(room) => (Some(room.text()), Vec::new()),
        Resumption::Events(events) => (None, events.iter().filter_map(raw).collect()),
    };
    let welcome = Welcome::<(), _> {
        session: attached.session.clone(),
        seq: attached.seq,
        you: You {
            person: member.person.clone(),
            name: member.name.clone(),
            names: member.names.clone(),
            role: member.role,
            may: Permission::of(member.role),
            delegation: member.delegation.clone(),
            languages: member.languages.clone(),
            publishing: attached.outbox.is_publishing(),
            watching: member.watching,
            session: attached.session.clone(),
        },
        resumed: room.is_none(),
        room: None,
        events,
        ice_servers: app.ice_servers(claims),
        answer,
        now: app.now(),
        token_expires: plenary_ids::Moment(claims.exp.saturating_mul(1000)),
    };
    let text = frame(&ServerMessage::Welcome(Box::new(welcome)));
    let Some(room) = room else {
        return [text, Bytes::new(), Bytes::new()];
    };
    let mut start = Vec::from(text.strip_suffix(b"}").unwrap_or(&text));
    start.extend_from_slice(b",\"room\":");
    [start.into(), room, Bytes::from_static(b"}")]
}

/// An event that is JSON already, embedded as it is.
fn raw(event: &Bytes) -> Option<Box<RawValue>> {
    serde_json::from_slice(event).ok()
}
