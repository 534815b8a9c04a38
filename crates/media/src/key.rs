//! How the parts of a core name one another. The key of a session that has ended names nothing, also after another
//! session has been stored where it was.

use plenary_scene::Source;

slotmap::new_key_type! {
    /// A session in its core.
    pub struct SessionKey;
}

/// A source in its core: the session that sends it, and which of that session's sources.
pub type SourceKey = (SessionKey, Source);

/// A slot of a listener: the listener's session, and which of its slots.
pub type Listener = (SessionKey, usize);
