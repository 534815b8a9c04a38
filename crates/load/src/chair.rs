//! The moderator, who gives the floor to one publisher after the other.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::{sleep_until, timeout};

use crate::{
    attend::{Shared, stopped},
    failure::LoadError,
    invitations::Person,
    media::{Command, Watch},
    seat::{Seat, refused},
};

/// How long the reply to a command may take.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a publisher's request may take to be seen.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The moderator of a room.
pub struct Chair {
    shared: Arc<Shared>,
    seat: Seat,
    room: usize,
    floor: Floor,
    /// The publishers in the order in which they get the floor, with their numbers.
    publishers: Vec<(String, u16)>,
    next: usize,
    changes: u32,
    refusals: BTreeMap<String, u64>,
}

/// The open requests for the floor, kept up to date by the server's events.
#[derive(Debug, Default)]
struct Floor {
    /// The open request of each person, and whether it is granted.
    requests: HashMap<String, (String, bool)>,
}

/// How the changes of a room's floor went.
#[derive(Debug, Default)]
pub struct Changes {
    pub commands: u64,
    pub refusals: BTreeMap<String, u64>,
}

impl Chair {
    /// Takes the moderator's seat, without media.
    pub async fn join(
        shared: Arc<Shared>,
        person: &Person,
        room: &str,
        number: usize,
        publishers: Vec<(String, u16)>,
    ) -> Result<Self, LoadError> {
        let mut seat = Seat::open(&shared.server, true).await?;
        let hello = json!({"type": "hello", "token": person.token, "room": room});
        let welcome = seat.greet(&hello).await?;
        let mut floor = Floor::default();
        let requests = welcome["room"]["floor"]["requests"].as_array();
        requests
            .into_iter()
            .flatten()
            .for_each(|request| floor.note(request));
        Ok(Self {
            shared,
            seat,
            room: number,
            floor,
            publishers,
            next: 0,
            changes: 0,
            refusals: BTreeMap::new(),
        })
    }

    /// Gives the floor to the next publisher again and again, until the floor is to stay as it is.
    pub async fn run(mut self, every: Duration) -> Changes {
        let mut stop = self.shared.adjourn.subscribe();
        let mut next = tokio::time::Instant::now() + every;
        loop {
            let goes_on = tokio::select! {
                () = stopped(&mut stop) => false,
                () = sleep_until(next), if !every.is_zero() => {
                    next += every;
                    self.grant_next().await.is_ok()
                }
                message = self.seat.next() => message.map(|it| self.floor.read(&it)).is_ok(),
            };
            if !goes_on {
                break;
            }
        }
        self.seat.close().await;
        Changes {
            commands: u64::from(self.changes),
            refusals: self.refusals,
        }
    }

    /// Gives the floor to the publisher whose turn it is; returns once it is granted, or refused.
    pub async fn grant_next(&mut self) -> Result<(), LoadError> {
        let Some((person, _)) = self.publishers.get(self.next).cloned() else {
            return Ok(());
        };
        self.next = (self.next + 1) % self.publishers.len();
        let Some(request) = self.request_of(&person).await? else {
            self.count_refusal("no_request");
            return Ok(());
        };
        let holder = self.floor.holder();
        let holder = holder.map(|(person, request)| (person.to_owned(), request.to_owned()));
        if holder.as_ref().is_some_and(|(holder, _)| *holder == person) {
            return Ok(());
        }
        self.changes += 1;
        let number = |person: &str| {
            let mut publishers = self.publishers.iter();
            publishers
                .find(|(id, _)| id == person)
                .map(|(_, number)| *number)
        };
        let watch = Watch {
            change: self.changes,
            previous: holder.as_ref().and_then(|(person, _)| number(person)),
            since: Instant::now(),
        };
        for worker in &self.shared.workers {
            worker.send(Command::Watch(self.room, watch));
        }
        let mut fields = json!({ "request": request });
        if let Some((_, replaced)) = &holder {
            fields["replace"] = json!(replaced);
        }
        if let Err(LoadError::Refused { code, .. }) = self.command("floor.grant", fields).await {
            self.count_refusal(&code);
        }
        Ok(())
    }

    /// The open request of a publisher, waiting for it if need be.
    async fn request_of(&mut self, person: &str) -> Result<Option<String>, LoadError> {
        let deadline = tokio::time::Instant::now() + REQUEST_TIMEOUT;
        loop {
            if let Some((request, _)) = self.floor.requests.get(person) {
                return Ok(Some(request.clone()));
            }
            match tokio::time::timeout_at(deadline, self.seat.next()).await {
                Ok(message) => self.floor.read(&message?),
                Err(_) => return Ok(None),
            }
        }
    }

    /// Gives a command and waits for its reply.
    async fn command(&mut self, kind: &str, fields: Value) -> Result<(), LoadError> {
        let id = self.seat.command(kind, fields).await?;
        let reply = async {
            loop {
                let message = self.seat.next().await?;
                if message["type"] == "reply" && message["command_id"] == id.as_str() {
                    return match message.get("problem") {
                        Some(problem) => Err(refused(problem)),
                        None => Ok(()),
                    };
                }
                self.floor.read(&message);
            }
        };
        let replied = timeout(REPLY_TIMEOUT, reply).await;
        replied.unwrap_or(Err(LoadError::Late("a reply")))
    }

    fn count_refusal(&mut self, code: &str) {
        *self.refusals.entry(code.to_owned()).or_default() += 1;
    }
}

impl Floor {
    /// Takes note of an event.
    fn read(&mut self, message: &Value) {
        if let Some(request) = message.get("request") {
            self.note(request);
        }
    }

    fn note(&mut self, request: &Value) {
        let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
        let (person, id) = (text("beneficiary"), text("id"));
        match request["state"].as_str() {
            Some("pending" | "accepted") => drop(self.requests.insert(person, (id, false))),
            Some("granted") => drop(self.requests.insert(person, (id, true))),
            // A later request of the same person may be open already.
            Some(_) => self
                .requests
                .retain(|of, (open, _)| *of != person || *open != id),
            None => {}
        }
    }

    /// The person who has the floor, and the id of the request that was granted.
    fn holder(&self) -> Option<(&str, &str)> {
        let mut requests = self.requests.iter();
        let (person, (request, _)) = requests.find(|(_, (_, granted))| *granted)?;
        Some((person, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(person: &str, id: &str, state: &str) -> Value {
        json!({"type": "floor.x", "request": {"id": id, "beneficiary": person, "state": state}})
    }

    #[test]
    fn the_holder_is_known_from_the_events_and_an_old_end_does_not_hide_a_new_request() {
        let mut floor = Floor::default();
        floor.read(&event("tokyo-1", "r1", "pending"));
        assert_eq!(floor.holder(), None);
        floor.read(&event("tokyo-1", "r1", "granted"));
        assert_eq!(floor.holder(), Some(("tokyo-1", "r1")));
        floor.read(&event("tokyo-1", "r2", "pending"));
        floor.read(&event("tokyo-1", "r1", "revoked"));
        assert_eq!(floor.holder(), None);
        assert_eq!(floor.requests["tokyo-1"].0, "r2");
        floor.read(&json!({"type": "floor.timer"}));
    }
}
