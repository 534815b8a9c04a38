//! The check link: one link for everybody who wants to test a network before the conference. Whoever has it is nobody,
//! and may run checks of the media path.

use std::fmt;

use plenary_ids::{Millis, Moment};

use crate::{
    Conference, Keys, KeysError, Rejection,
    keys::{Access, Bearer},
};

/// How long a token of the check link lasts. It cannot be renewed; the link is redeemed again.
pub const CHECK_TOKEN_LIFE: Millis = Millis::from_secs(5 * 60);

/// A token that opens checks of the media path and nothing else. It is a secret, and `Debug` does not show it.
#[derive(Clone)]
pub struct CheckToken {
    /// The JWT, for the bearer alone.
    pub secret: String,
    /// The time at which it expires.
    pub expires: Moment,
    /// The time at which the link itself expires.
    pub link_expires: Moment,
}

impl fmt::Debug for CheckToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CheckToken")
            .field("expires", &self.expires)
            .field("link_expires", &self.link_expires)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Signs the check link of that id, which ends at `expires`.
    pub fn invite_check(
        &self,
        conference: &Conference,
        id: &str,
        expires: Moment,
    ) -> Result<String, KeysError> {
        self.sign_invitation(Bearer::Check(()), conference, id, expires)
    }

    /// Exchanges the check link for a token, which does not outlive the link.
    pub fn redeem_check(
        &self,
        conference: &Conference,
        invitation: &str,
        now: Moment,
    ) -> Result<CheckToken, Rejection> {
        let it = self.invitation(conference, invitation, now)?;
        let Bearer::Check(()) = it.bearer else {
            return Err(Rejection::Unauthorized);
        };
        let access = Access {
            bearer: it.bearer,
            conference: conference.id.clone(),
            iid: it.iid,
            exp: (now.after(CHECK_TOKEN_LIFE).0 / 1000).min(it.exp),
            iat: now.0 / 1000,
        };
        Ok(CheckToken {
            secret: self.sign_access(&access)?,
            expires: Moment(access.exp.saturating_mul(1000)),
            link_expires: Moment(it.exp.saturating_mul(1000)),
        })
    }

    /// Whether a token is that of a check link, and valid here and now.
    pub fn verify_check(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<(), Rejection> {
        match self.access(conference, token, now)?.bearer {
            Bearer::Check(()) => Ok(()),
            Bearer::Person(_) | Bearer::Display(_) => Err(Rejection::Unauthorized),
        }
    }
}
