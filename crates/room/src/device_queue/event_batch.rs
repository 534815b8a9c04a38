//! The events of one batch, as all their readers share them.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

/// How a connection sends the events of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventForm {
    /// A message for each.
    Single,
    /// One message for all.
    Together,
}

/// The JSON objects of the events of one batch, and their encoded forms, which the first connection that needs one makes
/// for all.
#[derive(Debug)]
pub struct EventBatch {
    texts: Box<[Bytes]>,
    single: OnceLock<Bytes>,
    together: OnceLock<Bytes>,
}

impl EventBatch {
    /// The events in their order.
    pub fn new(texts: impl IntoIterator<Item = Bytes>) -> Arc<Self> {
        Arc::new(Self {
            texts: texts.into_iter().collect(),
            single: OnceLock::new(),
            together: OnceLock::new(),
        })
    }

    /// The encoded form, which is made if no connection has made it yet. What `encode` makes is the same for all.
    pub fn encoded(&self, form: EventForm, encode: impl FnOnce(&[Bytes]) -> Bytes) -> Bytes {
        let encoded = match form {
            EventForm::Single => &self.single,
            EventForm::Together => &self.together,
        };
        encoded.get_or_init(|| encode(&self.texts)).clone()
    }
}

impl Deref for EventBatch {
    type Target = [Bytes];

    fn deref(&self) -> &[Bytes] {
        &self.texts
    }
}

/// The same events in the same order.
impl PartialEq for EventBatch {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}
