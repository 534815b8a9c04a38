//! The commands over HTTP: each has an address, and is the command that WebSocket calls by the same name.

use std::sync::Arc;

use axum::{
    Json,
    http::StatusCode,
    routing::{MethodRouter, on},
};
use plenary_floor::{FloorRequest, FloorView};
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_protocol::{AgendaItem, Channel, Command, Decision, Participant};
use plenary_room::{Caller, Guard};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    Answer,
    body::Fields,
    caller::{Names, Place, Terms},
    floor,
    routes::{Method, SchemaOf, of},
};
use crate::state::App;

/// A command and its address.
#[derive(Debug, Clone, Copy)]
pub struct Addressed {
    /// Its `type`.
    pub kind: &'static str,
    /// How it is asked.
    pub method: Method,
    /// Where, under `/rooms/{room}`. A word in braces is the field of that name.
    pub path: &'static str,
    /// The status of a success.
    pub status: StatusCode,
    /// What a success answers.
    pub answer: SchemaOf,
}

/// The answer about somebody who was moved, removed or admitted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Placed {
    /// Who.
    person: PersonId,
    /// `moved`, `removed`, `admitted` or, of one who was admitted to the closed list, `listed`.
    state: String,
    /// The entry of one who was admitted to the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<FloorRequest>,
    /// Where to, of one who was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<RoomId>,
}

/// The answer to a correction.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recorded {
    /// The event that holds it.
    seq: Seq,
    /// The event that it is about.
    about_seq: Option<Seq>,
    /// What is right.
    text: String,
    /// Who said so.
    by: PersonId,
}

const fn post(kind: &'static str, path: &'static str, answer: SchemaOf) -> Addressed {
    Addressed {
        kind,
        method: Method::Post,
        path,
        status: StatusCode::OK,
        answer,
    }
}

const fn creating(kind: &'static str, path: &'static str, answer: SchemaOf) -> Addressed {
    Addressed {
        status: StatusCode::CREATED,
        ..post(kind, path, answer)
    }
}

const fn by(method: Method, kind: &'static str, path: &'static str) -> Addressed {
    Addressed {
        method,
        ..post(kind, path, of::<FloorView>)
    }
}

/// Every command that can be given over HTTP. What is missing concerns a device, which HTTP has none of, or is said in
/// the room's chat.
#[rustfmt::skip] // a table: a line is a row
pub const COMMANDS: &[Addressed] = &[
    by(Method::Patch, "floor.set", "/floor"),
    creating("floor.request", "/floor/requests", of::<FloorRequest>),
    post("floor.accept", "/floor/requests/{request}/accept", of::<FloorRequest>),
    post("floor.grant", "/floor/requests/{request}/grant", of::<FloorRequest>),
    post("floor.deny", "/floor/requests/{request}/deny", of::<FloorRequest>),
    post("floor.cancel", "/floor/requests/{request}/cancel", of::<FloorRequest>),
    post("floor.move", "/floor/requests/{request}/move", of::<FloorRequest>),
    post("floor.pass", "/floor/requests/{request}/pass", of::<FloorRequest>),
    post("floor.wait", "/floor/requests/{request}/wait", of::<FloorRequest>),
    post("floor.recall", "/floor/requests/{request}/recall", of::<FloorRequest>),
    post("floor.suspend", "/floor/requests/{request}/suspend", of::<FloorRequest>),
    post("floor.resume", "/floor/requests/{request}/resume", of::<FloorRequest>),
    post("floor.release", "/floor/requests/{request}/release", of::<FloorRequest>),
    post("floor.yield", "/floor/requests/{request}/yield", of::<FloorRequest>),
    post("floor.revoke", "/floor/requests/{request}/revoke", of::<FloorRequest>),
    post("floor.extend", "/floor/requests/{request}/extend", of::<FloorRequest>),
    by(Method::Put, "floor.order", "/floor/order"),
    post("floor.next", "/floor/next", of::<FloorRequest>),
    post("list.open", "/floor/list/open", of::<FloorView>),
    post("list.close", "/floor/list/close", of::<FloorView>),
    post("list.announce_close", "/floor/list/announce_close", of::<FloorView>),
    post("list.reopen", "/floor/list/reopen", of::<FloorView>),
    post("list.admit", "/floor/list/admit", of::<FloorRequest>),
    post("list.adjourn", "/floor/list/adjourn", of::<FloorView>),
    post("list.resume", "/floor/list/resume", of::<FloorView>),
    post("list.conclude", "/floor/list/conclude", of::<FloorView>),
    post("chair.take", "/chair/take", of::<FloorView>),
    post("chair.hand_over", "/chair/hand_over", of::<FloorView>),
    post("chair.priority_on", "/chair/priority_on", of::<FloorView>),
    post("chair.priority_off", "/chair/priority_off", of::<FloorView>),
    post("agenda.start", "/agenda/{item}/start", of::<AgendaItem>),
    post("agenda.end", "/agenda/{item}/end", of::<AgendaItem>),
    creating("decision.open", "/decisions", of::<Decision>),
    post("decision.object", "/decisions/{decision}/object", of::<Decision>),
    post("decision.vote", "/decisions/{decision}/vote", of::<Decision>),
    post("decision.close", "/decisions/{decision}/close", of::<Decision>),
    post("decision.withdraw", "/decisions/{decision}/withdraw", of::<Decision>),
    post("channel.take", "/channels/{language}/take", of::<Channel>),
    post("channel.release", "/channels/{language}/release", of::<Channel>),
    post("channel.hand_over", "/channels/{language}/hand_over", of::<Channel>),
    post("channel.relay", "/channels/{language}/relay", of::<Channel>),
    post("channel.assign", "/channels/{language}/assign", of::<Channel>),
    post("channel.clear", "/channels/{language}/clear", of::<Channel>),
    post("participant.move", "/participants/{person}/move", of::<Placed>),
    post("participant.remove", "/participants/{person}/remove", of::<Placed>),
    post("participant.mute", "/participants/{person}/mute", of::<Participant>),
    post("participant.admit", "/participants/{person}/admit", of::<Placed>),
    creating("proceedings.correct", "/proceedings/corrections", of::<Recorded>),
];

impl Addressed {
    /// What serves it.
    pub fn handler(self) -> MethodRouter<Arc<App>> {
        let carry_out = move |place: Place, terms: Terms, names: Names, fields: Fields| async move {
            let answer = place.say(self.kind, terms, &names, fields).await?;
            let tag = floor::tag(&answer["version"]);
            Answer::Ok((self.status, tag, Json(answer)))
        };
        on(self.method.filter(), carry_out)
    }
}

impl Place {
    /// Reads the command and has the room do it.
    async fn say(&self, kind: &str, terms: Terms, names: &Names, fields: Fields) -> Answer<Value> {
        let mut fields = fields;
        for (name, value) in names.beyond_the_room() {
            fields = fields.with(name, value)?;
        }
        let command = Command::read(kind, fields.0)?;
        let caller = Caller {
            person: self.claims.sub.clone(),
            session: None,
        };
        let guard = Guard {
            id: terms.command_id,
            version: terms.if_match,
        };
        Ok(self.room.command(caller, command, guard).await?)
    }
}
