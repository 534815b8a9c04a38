//! Invitations, and the short-lived tokens that they are exchanged for.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use plenary_ids::{Millis, Moment, PersonId, RoomId};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Conference, Person, Role, revoked::Revoked, ring_provider};

/// How long a token lasts unless it is renewed.
pub const TOKEN_LIFE: Millis = Millis::from_secs(15 * 60);

/// How long an invitation lasts unless another expiry is given.
pub const INVITATION_LIFE: Millis = Millis::from_secs(30 * 24 * 3600);

const KEY_FILE: &str = "ed25519.pk8";
const INVITATION: &str = "plenary:invitation";
const ACCESS: &str = "plenary:access";

/// The one answer to a secret that is forged, expired, revoked, or of another conference or server. It does not say
/// which, so that an attacker learns nothing by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "This invitation or token is not valid here, or not any more; ask the organisers for a new link."
)]
pub struct Unauthorized;

/// Why the data folder gave no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The folder or a file in it cannot be used.
    #[error("the data folder {folder} cannot be used: {error}")]
    #[expect(missing_docs, reason = "the field names say it")]
    Folder { folder: PathBuf, error: io::Error },
    /// A file in a folder that was opened before cannot be used.
    #[error("the keys in the data folder cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The key file holds no Ed25519 key.
    #[error(
        "{KEY_FILE} in the data folder holds no Ed25519 key; restore it, or remove it to void every invitation"
    )]
    NotAKey,
    /// The key refused to sign.
    #[error("the key of the data folder cannot sign")]
    Signing,
}

/// The claims of a token about its bearer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The person to whom the invitation was made out.
    pub sub: PersonId,
    /// The id of the conference that issued it.
    pub conference: String,
    /// The person's role in the conference.
    pub role: Role,
    /// The rooms that the person may enter.
    pub rooms: Vec<RoomId>,
    /// The invitation for which it was issued; to revoke the invitation ends the token too.
    pub iid: String,
    /// The time at which it expires, in seconds since 1970.
    pub exp: u64,
    /// The time at which it was issued, in seconds since 1970.
    pub iat: u64,
}

/// A token and its claims. The token is a secret, and `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    /// The JWT, for the bearer alone.
    pub secret: String,
    /// The claims that the JWT carries.
    pub claims: Claims,
}

impl Token {
    /// The time at which it expires.
    pub fn expires(&self) -> Moment {
        Moment(self.claims.exp.saturating_mul(1000))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token")
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Invitation {
    sub: PersonId,
    conference: String,
    iid: String,
    exp: u64,
}

/// A secret is for one purpose: an invitation is no token.
#[derive(Serialize, Deserialize)]
struct For<T> {
    aud: String,
    #[serde(flatten)]
    claims: T,
}

/// The server's signing key and its list of revoked invitations.
pub struct Keys {
    pair: Ed25519KeyPair,
    signs: EncodingKey,
    verifies: DecodingKey,
    revoked: Revoked,
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// Opens the keys of a data folder. The first time, the folder (mode 0700) and the key (mode 0600) are made; of
    /// two processes that do so at once, both get the same key.
    pub fn open(dir: &Path) -> Result<Self, KeysError> {
        Self::open_in(dir).map_err(|error| match error {
            KeysError::Io(error) => KeysError::Folder {
                folder: dir.to_owned(),
                error,
            },
            other => other,
        })
    }

    fn open_in(dir: &Path) -> Result<Self, KeysError> {
        use std::os::unix::fs::DirBuilderExt;
        ring_provider::install();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let pkcs8 = match fs::read(dir.join(KEY_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(dir)?,
            read => read?,
        };
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| KeysError::NotAKey)?;
        Ok(Self {
            signs: EncodingKey::from_ed_der(&pkcs8),
            verifies: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            pair,
            revoked: Revoked::open(dir)?,
        })
    }

    /// Opens the keys of a data folder without making new ones; none where the folder has no key.
    pub fn open_existing(dir: &Path) -> Result<Option<Self>, KeysError> {
        if dir.join(KEY_FILE).try_exists()? {
            Self::open(dir).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Signs a text (Ed25519, RFC 8032): 64 bytes. The text itself must say what it is.
    pub fn seal(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }

    /// What [`Keys::seal`]'s signatures are checked with: 32 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The name of a person's invitation; the next serial makes a new one after a revocation.
    pub fn invitation_id(person: &PersonId, serial: u32) -> String {
        format!("{person}.{serial}")
    }

    /// The first of a person's invitations that was not revoked.
    pub fn next_invitation(&self, person: &PersonId) -> Result<String, KeysError> {
        for serial in 1..u32::MAX {
            let id = Self::invitation_id(person, serial);
            if !self.revoked.contains(&id)? {
                return Ok(id);
            }
        }
        Err(KeysError::Signing)
    }

    /// Signs an invitation of that id, which ends at `expires`. It is a secret: its bearer is taken for that person.
    pub fn invite(
        &self,
        conference: &Conference,
        person: &Person,
        id: &str,
        expires: Moment,
    ) -> Result<String, KeysError> {
        let claims = Invitation {
            sub: person.id.clone(),
            conference: conference.id.clone(),
            iid: id.to_owned(),
            exp: expires.0 / 1000,
        };
        self.sign(INVITATION, claims).ok_or(KeysError::Signing)
    }

    /// Exchanges an invitation for a token.
    pub fn redeem(
        &self,
        conference: &Conference,
        invitation: &str,
        now: Moment,
    ) -> Result<Token, Unauthorized> {
        let it: Invitation = self.read(INVITATION, invitation)?;
        self.admit(conference, &it.conference, &it.iid, it.exp, now)?;
        self.token(conference, &it.sub, it.iid, now)
    }

    /// Exchanges a token that is still valid for one that lasts longer, with what the conference file says now.
    pub fn renew(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<Token, Unauthorized> {
        let claims = self.verify(conference, token, now)?;
        self.token(conference, &claims.sub, claims.iid, now)
    }

    /// Reads a token, if it is valid here and now.
    pub fn verify(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<Claims, Unauthorized> {
        let claims: Claims = self.read(ACCESS, token)?;
        self.admit(conference, &claims.conference, &claims.iid, claims.exp, now)?;
        Ok(claims)
    }

    /// Whether an invitation was revoked; also true when that cannot be known.
    pub fn is_revoked(&self, invitation: &str) -> bool {
        self.revoked.contains(invitation).unwrap_or_else(|error| {
            tracing::error!(%error, "the list of revoked invitations cannot be read; nobody is admitted");
            true
        })
    }

    /// Revokes an invitation and all its tokens, in every process of this data folder; false if it was revoked before.
    pub fn revoke(&self, invitation: &str) -> io::Result<bool> {
        self.revoked.add(invitation)
    }

    fn admit(
        &self,
        here: &Conference,
        there: &str,
        iid: &str,
        exp: u64,
        now: Moment,
    ) -> Result<(), Unauthorized> {
        if here.id == there && now.0 / 1000 < exp && !self.is_revoked(iid) {
            Ok(())
        } else {
            Err(Unauthorized)
        }
    }

    fn token(
        &self,
        here: &Conference,
        person: &PersonId,
        iid: String,
        now: Moment,
    ) -> Result<Token, Unauthorized> {
        let person = here.person(person).ok_or(Unauthorized)?;
        let claims = Claims {
            sub: person.id.clone(),
            conference: here.id.clone(),
            role: person.role,
            rooms: person.rooms.clone(),
            iid,
            exp: now.after(TOKEN_LIFE).0 / 1000,
            iat: now.0 / 1000,
        };
        let secret = self.sign(ACCESS, &claims).ok_or(Unauthorized)?;
        Ok(Token { secret, claims })
    }

    fn sign<T: Serialize>(&self, purpose: &str, claims: T) -> Option<String> {
        let aud = purpose.to_owned();
        jsonwebtoken::encode(
            &Header::new(Algorithm::EdDSA),
            &For { aud, claims },
            &self.signs,
        )
        .ok()
    }

    fn read<T: DeserializeOwned>(&self, purpose: &str, secret: &str) -> Result<T, Unauthorized> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[purpose]);
        // `admit` judges the time by the clock it is handed, and `For` cannot be read without these.
        rules.validate_exp = false;
        let read = jsonwebtoken::decode::<For<T>>(secret, &self.verifies, &rules);
        read.map(|data| data.claims.claims)
            .map_err(|_| Unauthorized)
    }
}

/// Writes the key beside its place and links it in, so that no other process ever sees half a key.
fn make_key(dir: &Path) -> Result<Vec<u8>, KeysError> {
    let pkcs8 =
        Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeysError::Signing)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?; // mode 0600 from its creation
    file.write_all(pkcs8.as_ref())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(dir.join(KEY_FILE)) {
        Ok(_) => fs::File::open(dir)?.sync_all()?,
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.error.into()),
    }
    Ok(fs::read(dir.join(KEY_FILE))?)
}
