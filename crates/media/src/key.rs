//! The keys by which the parts of a core refer to one another. The key of a session that has ended refers to nothing,
//! even after another session has been stored in its place.

use plenary_scene::Source;

slotmap::new_key_type! {
    /// A session in its core.
    pub struct SessionKey;
}

/// A source in its core: the session that sends it, and which of that session's sources.
pub type SourceKey = (SessionKey, Source);

/// A slot of a listener: the listener's session, and which of its slots.
pub type Listener = (SessionKey, usize);
