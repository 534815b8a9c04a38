//! The opening of a connection: its hello, the seat, and the welcome.

use std::sync::Arc;

use bytes::Bytes;
use plenary_conference::Claims;
use plenary_protocol::{
    ClientMessage, CloseCode, Code, Hello, Permission, Problem, ServerMessage, Welcome, You,
};
use plenary_room::{Attach, Attached, Resumption};
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::{
    media_link::{MediaLink, Refused, wants},
    seat::Seat,
    socket::{Incoming, Socket},
};
use crate::{frame::frame, refusal::unauthorized, sessions::Device, state::App};

/// Waits for the hello, and seats its device. An error is the code to close with.
pub async fn open(app: &Arc<App>, socket: &mut Socket) -> Result<Seat, Option<CloseCode>> {
    let hello = match timeout(app.limits.hello_timeout, hello(socket)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Fault::Refused(problem, code))) => return Err(refuse(socket, problem, code).await),
        Ok(Err(Fault::Ended(code))) => return Err(code),
        Err(_) => return Err(Some(CloseCode::NoHello)),
    };
    match seat(app, hello).await {
        Ok((seat, welcome)) => {
            if let Err(code) = socket.send(welcome).await {
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
async fn refuse(socket: &mut Socket, problem: Problem, code: CloseCode) -> Option<CloseCode> {
    let sent = socket
        .send(frame(&ServerMessage::<(), ()>::Problem { problem }))
        .await;
    sent.err().unwrap_or(Some(code))
}

/// Seats a device; the text is its welcome.
async fn seat(app: &Arc<App>, hello: Hello) -> Result<(Seat, Bytes), Refused> {
    let Hello {
        token,
        room,
        offer,
        slots,
        resume,
    } = hello;
    let claims = app
        .keys
        .verify(&app.conference, &token, app.clock.now())
        .map_err(|error| (unauthorized(error), CloseCode::Unauthorized))?;
    let room = app
        .enter(&claims, room.as_str())
        .map_err(|problem| (problem, CloseCode::Forbidden))?;
    let wants = wants(slots).map_err(|problem| (problem, CloseCode::Invalid))?;
    let attach = Attach {
        person: claims.sub.clone(),
        resume,
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
        queue: attached.outbox.handle(),
    };
    app.sessions.add(attached.session.clone(), device.clone());
    if let Some(session) = media.session {
        app.sessions.set_media(session, Some(&attached.session));
    }
    Ok((
        Seat::new(
            Arc::clone(app),
            room,
            (claims, token),
            attached,
            device,
            media,
        ),
        welcome,
    ))
}

fn welcome(app: &App, claims: &Claims, attached: &Attached, answer: Option<String>) -> Bytes {
    let member = &attached.member;
    let (room, events) = match &attached.resumption {
        Resumption::Snapshot(room) => (Some((**room).clone()), Vec::new()),
        Resumption::Events(events) => (None, events.iter().filter_map(raw).collect()),
    };
    let welcome = Welcome {
        session: attached.session.clone(),
        seq: attached.seq,
        you: You {
            person: member.person.clone(),
            name: member.name.clone(),
            role: member.role,
            may: Permission::of(member.role),
            delegation: member.delegation.clone(),
            languages: member.languages.clone(),
            publishing: attached.outbox.is_publishing(),
            session: attached.session.clone(),
        },
        resumed: room.is_none(),
        room,
        events,
        ice_servers: Vec::new(),
        answer,
        now: app.clock.now(),
        token_expires: plenary_ids::Moment(claims.exp.saturating_mul(1000)),
    };
    frame(&ServerMessage::Welcome(Box::new(welcome)))
}

/// An event that is JSON already, embedded as it is.
fn raw(event: &Bytes) -> Option<Box<RawValue>> {
    serde_json::from_slice(event).ok()
}
