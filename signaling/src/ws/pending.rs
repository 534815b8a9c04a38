//! What a device has asked of its room and the room has not answered yet.
//!
//! A room answers when what was asked is on disk. The connection goes on meanwhile: it hears, tells and shows signs of
//! life, however slow the disk is.

use std::collections::VecDeque;

use plenary_protocol::{CommandId, Problem};
use plenary_room::Outcome;
use serde_json::Value;

/// How many may wait. Whoever asks for more is not read until some are answered; who keeps to the rate of messages comes
/// near it only if the disk stands still for seconds.
const MOST: usize = 256;

/// What waits, oldest first: a room answers in the order in which it was asked.
#[derive(Debug, Default)]
pub struct Pending(VecDeque<Asked>);

#[derive(Debug)]
enum Asked {
    Command(CommandId, Outcome<Value>),
    Relay(Outcome<()>),
}

/// The answer to what waited longest.
#[derive(Debug)]
pub enum Answered {
    /// A command is done or refused.
    Command(CommandId, Result<Value, Problem>),
    /// Words for somebody else were handed on, or there was nobody.
    Relay(Result<(), Problem>),
}

impl Pending {
    /// A command that the room has.
    pub fn command(&mut self, id: CommandId, outcome: Outcome<Value>) {
        self.0.push_back(Asked::Command(id, outcome));
    }

    /// Words that the room is to hand on.
    pub fn relay(&mut self, outcome: Outcome<()>) {
        self.0.push_back(Asked::Relay(outcome));
    }

    /// Whether nothing more may wait.
    pub fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// The next answer; none if nothing waits. May be dropped at any point without losing one.
    pub async fn next(&mut self) -> Option<Answered> {
        let answered = match self.0.front_mut()? {
            Asked::Command(id, outcome) => {
                let outcome = outcome.await;
                Answered::Command(id.clone(), outcome)
            }
            Asked::Relay(outcome) => Answered::Relay(outcome.await),
        };
        self.0.pop_front();
        Some(answered)
    }
}
