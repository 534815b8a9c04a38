//! Links that end: a signed permission to read one address, for a player or a download that cannot send a token.

use plenary_ids::{Millis, Moment};
use serde::{Deserialize, Serialize};

use crate::{Claims, Conference, Keys, Rejection, keys::Bearer};

const LINK: &str = "plenary:link";

/// What the key of a link carries: who may read, and which address.
#[derive(Serialize, Deserialize)]
struct Link {
    #[serde(flatten)]
    bearer: Bearer,
    conference: String,
    /// The invitation of the bearer; to revoke it ends the link too.
    iid: String,
    path: String,
    exp: u64,
    iat: u64,
}

impl Keys {
    /// Signs a key by which the bearer of a token reads one path without the token, until `life` is over.
    pub fn sign_link(
        &self,
        conference: &Conference,
        claims: &Claims,
        path: &str,
        now: Moment,
        life: Millis,
    ) -> Result<String, Rejection> {
        let link = Link {
            bearer: Bearer::of(claims).ok_or(Rejection::Unauthorized)?,
            conference: conference.id.clone(),
            iid: claims.iid.clone(),
            path: path.to_owned(),
            exp: now.after(life).0 / 1000,
            iat: now.0 / 1000,
        };
        self.sign(LINK, link).ok_or(Rejection::Unauthorized)
    }

    /// Reads the key of a link, if it is for this path and its bearer is still invited. What the bearer may do is as the
    /// conference has it now, and not as it was when the link was made.
    pub fn verify_link(
        &self,
        conference: &Conference,
        path: &str,
        key: &str,
        now: Moment,
    ) -> Result<Claims, Rejection> {
        let link: Link = self.read(LINK, key)?;
        self.admit(conference, &link.conference, &link.iid, link.exp, now)?;
        if link.path != path {
            return Err(Rejection::Unauthorized);
        }
        link.bearer.claims(conference, link.iid, link.exp, link.iat)
    }
}
