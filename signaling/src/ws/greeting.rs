//! The first message: who is there, in which room, with what media.

use std::sync::Arc;

use plenary_conference::Claims;
use plenary_media::{JoinError, Joined, SlotWant, Want};
use plenary_protocol::{
    ClientMessage, CloseCode, Code, Hello, Problem, ServerMessage, SlotWant as WireWant, Welcome,
    You,
};
use plenary_room::{Attach, Attached, Resumption, RoomHandle, authority};
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::{
    seat::{MediaLink, Seat},
    socket::{Incoming, Socket},
};
use crate::{frame::frame, http::unauthorized, sessions::Device, state::App};

/// Waits for the hello, and seats whoever says it. An error is the code to close with.
pub async fn greet(app: &Arc<App>, socket: &mut Socket) -> Result<Seat, Option<CloseCode>> {
    let hello = match timeout(app.limits.hello, hello(socket)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(Fault::Said(problem, code))) => return Err(refuse(socket, problem, code).await),
        Ok(Err(Fault::Ended(code))) => return Err(code),
        Err(_) => return Err(Some(CloseCode::NoHello)),
    };
    match sit_down(app, hello).await {
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
    Said(Problem, CloseCode),
    Ended(Option<CloseCode>),
}

async fn hello(socket: &mut Socket) -> Result<Hello, Fault> {
    loop {
        return match socket.next().await {
            Incoming::Text(text) => match ClientMessage::read(&text) {
                Ok(ClientMessage::Hello(hello)) => Ok(*hello),
                Ok(_) => {
                    let problem = Problem::new(Code::Invalid, "The first message is a hello.");
                    Err(Fault::Said(problem, CloseCode::Invalid))
                }
                Err(unread) if unread.problem.code == Code::Unauthorized => {
                    Err(Fault::Said(unread.problem, CloseCode::Unauthorized))
                }
                Err(unread) => Err(Fault::Said(unread.problem, CloseCode::Invalid)),
            },
            Incoming::Alive => continue,
            Incoming::Gone => Err(Fault::Ended(None)),
            Incoming::Fault(code) => Err(Fault::Ended(Some(code))),
        };
    }
}

/// Says why in a sentence before the close says it in a number.
async fn refuse(socket: &mut Socket, problem: Problem, code: CloseCode) -> Option<CloseCode> {
    let said = socket
        .send(frame(&ServerMessage::<(), ()>::Problem { problem }))
        .await;
    said.err().unwrap_or(Some(code))
}

type Refused = (Problem, CloseCode);

async fn sit_down(app: &Arc<App>, hello: Hello) -> Result<(Seat, bytes::Bytes), Refused> {
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

    let mut media = MediaLink::new(wants, attached.publishing);
    let answer = match offer {
        None => None,
        Some(offer) => match media.join(app, &room, &claims.sub, offer).await {
            Ok(answer) => Some(answer),
            Err(refused) => {
                room.detach(attached.session).await;
                return Err(refused);
            }
        },
    };
    let welcome = welcome(app, &claims, &attached, answer);
    let (device, inbox) = Device::new(room.id().clone(), claims.sub.clone(), claims.iid.clone());
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
            inbox,
            media,
        ),
        welcome,
    ))
}

/// What slots are to carry, as the media engine has it.
pub fn wants(slots: Vec<WireWant>) -> Result<Vec<SlotWant>, Problem> {
    let wanted = |WireWant { mid, wants }| {
        Want::try_from(wants)
            .map(|wants| SlotWant { mid, wants })
            .map_err(|why| {
                Problem::new(
                    Code::Invalid,
                    format!("What is wanted of a slot is not understood: {why}."),
                )
            })
    };
    slots.into_iter().map(wanted).collect()
}

fn welcome(
    app: &App,
    claims: &Claims,
    attached: &Attached,
    answer: Option<String>,
) -> bytes::Bytes {
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
            may: authority::permissions(member.role),
            delegation: member.delegation.clone(),
            languages: member.languages.clone(),
            publishing: attached.publishing,
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

/// An event that is JSON already, put in as it is.
fn raw(event: &bytes::Bytes) -> Option<Box<RawValue>> {
    serde_json::from_slice(event).ok()
}

/// Why an offer was not taken, and what follows for a hello that held it.
pub fn offer_refused(error: &JoinError) -> Refused {
    let detail = format!("Your media offer was not taken: {error}.");
    match error {
        JoinError::Offer(_) => (Problem::new(Code::Invalid, detail), CloseCode::Invalid),
        JoinError::Gone | JoinError::Stranger | JoinError::Full => {
            (Problem::new(Code::Conflict, detail), CloseCode::RateLimited)
        }
    }
}

impl MediaLink {
    /// Offers to the media engine for the first time.
    pub async fn join(
        &mut self,
        app: &App,
        room: &RoomHandle,
        person: &plenary_ids::PersonId,
        offer: String,
    ) -> Result<String, Refused> {
        let joined = app
            .media
            .join(
                room.id().clone(),
                person.clone(),
                offer,
                self.wants.clone(),
                self.publishing,
            )
            .await;
        let Joined { session, answer } = joined.map_err(|error| offer_refused(&error))?;
        self.session = Some(session);
        Ok(answer)
    }
}
