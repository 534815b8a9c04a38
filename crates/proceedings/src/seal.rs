//! The seal, which proves the proceedings: the log's last hash, signed by the server.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use plenary_conference::Keys;
use plenary_ids::{RoomId, Seq};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Proceedings;

/// The hash of the last event included, which covers all before it, and the server's signature of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seal {
    /// The hash at `to_seq` in the log's hash chain, in hexadecimal.
    pub hash: String,
    /// The algorithm of the hash chain: `sha-256`.
    pub algorithm: String,
    /// Ed25519 (RFC 8032) over [`sealed_text`], in base64url without padding.
    pub signature: String,
    /// The server's public key, 32 bytes in base64url without padding.
    pub key: String,
}

impl Proceedings {
    /// Adds the seal. The hash is that of the log's last event, in hexadecimal.
    #[must_use]
    pub fn sealed(mut self, hash: &str, keys: &Keys) -> Self {
        let text = sealed_text(&self.conference.id, &self.room.id, self.to_seq, hash);
        self.seal = Some(Seal {
            hash: hash.to_owned(),
            algorithm: "sha-256".to_owned(),
            signature: URL_SAFE_NO_PAD.encode(keys.seal(text.as_bytes())),
            key: URL_SAFE_NO_PAD.encode(keys.public_key()),
        });
        self
    }
}

/// The signed text: one line each for the purpose, the conference, the room, the last event and its hash.
pub fn sealed_text(conference: &str, room: &RoomId, to: Seq, hash: &str) -> String {
    format!(
        "plenary:proceedings\n{conference}\n{room}\n{}\n{hash}\n",
        to.0
    )
}
