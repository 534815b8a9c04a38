//! A device in a [`super::TestRoom`].

use plenary_ids::{PersonId, Seq};
use plenary_protocol::{CloseCode, CommandId, CommandResult, Problem, SessionId};
use plenary_room::{Attached, Caller, Outbox, Outgoing, Preconditions, Resumption, RoomHandle};
use serde_json::{Value, json};

use super::{command, event_type, parse};

/// A result as it is written on the wire.
pub fn to_json(result: CommandResult) -> Result<Value, Problem> {
    result.map(|output| json!(output))
}

/// A device that has joined a room, and the queue of what it is sent.
#[derive(Debug)]
pub struct Participant {
    pub room: RoomHandle,
    pub person: PersonId,
    pub session: SessionId,
    pub publishing: bool,
    pub resumption: Resumption,
    pub seq: Seq,
    pub outbox: Outbox,
}

impl Participant {
    pub(super) fn new(room: RoomHandle, person: PersonId, attached: Attached) -> Self {
        Self {
            room,
            person,
            session: attached.session,
            publishing: attached.outbox.is_publishing(),
            resumption: attached.resumption,
            seq: attached.seq,
            outbox: attached.outbox,
        }
    }

    /// Executes a command that succeeds; returns its result.
    pub async fn execute(&self, kind: &str, fields: Value) -> Value {
        let result = self.try_execute(kind, fields).await;
        result.unwrap_or_else(|problem| panic!("{kind}: {problem}"))
    }

    /// Executes a command that is refused; returns the problem.
    pub async fn expect_refusal(&self, kind: &str, fields: Value) -> Problem {
        let result = self.try_execute(kind, fields).await;
        result.expect_err("a refusal")
    }

    pub async fn try_execute(&self, kind: &str, fields: Value) -> Result<Value, Problem> {
        self.execute_with(Preconditions::default(), kind, fields)
            .await
    }

    /// Executes a command under an idempotency key.
    pub async fn execute_with_key(
        &self,
        key: &str,
        kind: &str,
        fields: Value,
    ) -> Result<Value, Problem> {
        let preconditions = Preconditions {
            idempotency_key: CommandId::new(key).ok(),
            if_match: None,
        };
        self.execute_with(preconditions, kind, fields).await
    }

    pub async fn execute_with(
        &self,
        preconditions: Preconditions,
        kind: &str,
        fields: Value,
    ) -> Result<Value, Problem> {
        let command = command(kind, fields);
        let result = self
            .room
            .command(self.caller(), command, preconditions)
            .await;
        to_json(result)
    }

    /// Sends a command as a connection does: its reply goes into the device's queue.
    pub async fn submit(&self, id: &str, kind: &str, fields: Value) {
        let command_id = CommandId::new(id).expect("an id");
        let preconditions = Preconditions {
            idempotency_key: Some(command_id.clone()),
            if_match: None,
        };
        let (caller, command) = (self.caller(), command(kind, fields));
        let slot = self.outbox.reserve_reply().expect("a room");
        let submitted = self
            .room
            .submit(caller, command_id, command, preconditions, slot);
        submitted.await;
    }

    pub fn caller(&self) -> Caller {
        Caller::seated(self.person.clone(), self.session.clone())
    }

    /// Requests the floor for a statement; returns the id of the request.
    pub async fn request_floor(&self) -> String {
        let request = self.execute("floor.request", json!({})).await;
        request["id"].as_str().expect("an id").to_owned()
    }

    pub async fn disconnect(&self) {
        self.room.detach(self.session.clone()).await;
        // The room takes messages in order: when it answers this one, it has taken that one.
        let _ = self.room.snapshot(self.person.clone()).await;
    }

    /// What is queued for the device by now.
    pub async fn queued(&mut self) -> Vec<Outgoing> {
        let mut queued = Vec::new();
        loop {
            tokio::select! {
                biased;
                next = self.outbox.next() => match next {
                    Ok(outgoing) => queued.push(outgoing),
                    Err(_) => return queued,
                },
                () = std::future::ready(()) => return queued,
            }
        }
    }

    /// The events that are queued by now.
    pub async fn events(&mut self) -> Vec<Value> {
        let queued = self.queued().await;
        let events = queued.iter().filter_map(|it| match it {
            Outgoing::Events(texts) => Some(texts),
            _ => None,
        });
        events
            .flat_map(|texts| texts.iter().map(|text| parse(text)))
            .collect()
    }

    /// The types of those events.
    pub async fn event_types(&mut self) -> Vec<String> {
        self.events().await.iter().map(event_type).collect()
    }

    /// Reads to the end, and returns why the room closed the connection.
    pub async fn close_code(&mut self) -> CloseCode {
        loop {
            if let Err(code) = self.outbox.next().await {
                return code;
            }
        }
    }
}
