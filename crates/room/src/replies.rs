//! Replies that were given, so that a command said again happens once.

use std::collections::{HashMap, VecDeque};

use plenary_ids::PersonId;
use plenary_protocol::{CommandId, Problem};
use serde_json::Value;

/// How many replies a room remembers.
const KEPT: usize = 8192;

type Key = (PersonId, CommandId);

/// The last replies, by who asked and what the command was called.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    by_key: HashMap<Key, Result<Value, Problem>>,
    oldest: VecDeque<Key>,
}

impl Replies {
    pub(crate) fn get(&self, person: &PersonId, id: &CommandId) -> Option<&Result<Value, Problem>> {
        self.by_key.get(&(person.clone(), id.clone()))
    }

    pub(crate) fn keep(&mut self, person: &PersonId, id: CommandId, reply: Result<Value, Problem>) {
        let key = (person.clone(), id);
        if self.by_key.insert(key.clone(), reply).is_none() {
            self.oldest.push_back(key);
        }
        while self.oldest.len() > KEPT {
            if let Some(key) = self.oldest.pop_front() {
                self.by_key.remove(&key);
            }
        }
    }
}
