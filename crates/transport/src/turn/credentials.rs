//! Credentials that expire, which a server and its relay agree on by one secret: the user name says until when and for
//! whom, the password is its HMAC-SHA1. coturn calls this `use-auth-secret`, so an external one works by the same code.

use std::{
    fmt,
    net::IpAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ring::{hmac, rand::SystemRandom};

/// Begins the user name of a guest after its time. The sign is in no participant's id.
const GUEST_PREFIX: &str = "guest@";

/// The secret from which passwords are made.
#[derive(Clone)]
pub struct TurnSecret(hmac::Key);

/// The credentials of one participant.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnCredentials {
    /// Until when they hold, in seconds since 1970, and the participant: `1767225600:tokyo-1`.
    pub username: String,
    /// The password. Secret.
    pub password: String,
}

impl fmt::Debug for TurnCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("TurnCredentials");
        shown
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TurnSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TurnSecret")
    }
}

impl TurnSecret {
    /// The secret of another server's settings (coturn's `static-auth-secret`).
    pub fn new(secret: &str) -> Self {
        Self(hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            secret.as_bytes(),
        ))
    }

    /// A new secret, for a relay in this process. None if the system has no randomness.
    pub fn random() -> Option<Self> {
        let generated =
            hmac::Key::generate(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &SystemRandom::new());
        generated.ok().map(Self)
    }

    /// Credentials for a participant that hold for so long.
    pub fn credentials(
        &self,
        person: &str,
        now: SystemTime,
        lifetime: Duration,
    ) -> TurnCredentials {
        let username = format!("{}:{person}", seconds(now + lifetime));
        let password = self.password(&username);
        TurnCredentials { username, password }
    }

    /// Credentials for a guest at that network, which hold for so long.
    pub fn guest_credentials(
        &self,
        network: IpAddr,
        now: SystemTime,
        lifetime: Duration,
    ) -> TurnCredentials {
        self.credentials(&format!("{GUEST_PREFIX}{network}"), now, lifetime)
    }

    /// The password of a user name.
    pub(super) fn password(&self, username: &str) -> String {
        BASE64_STANDARD.encode(hmac::sign(&self.0, username.as_bytes()))
    }
}

/// Whether a user name is that of a guest.
pub(super) fn is_guest(username: &str) -> bool {
    let name = username.split_once(':').map(|(_, name)| name);
    name.is_some_and(is_guest_name)
}

/// The same of a user name without its time.
pub(super) fn is_guest_name(name: &str) -> bool {
    name.starts_with(GUEST_PREFIX)
}

/// The participant of a user name, if it has not expired.
pub(super) fn participant(username: &str, now: SystemTime) -> Option<&str> {
    let (expires, person) = username.split_once(':')?;
    let expires: u64 = expires.parse().ok()?;
    (expires > seconds(now)).then_some(person)
}

/// Seconds since 1970.
pub(super) fn seconds(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
