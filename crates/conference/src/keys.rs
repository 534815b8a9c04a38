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

use crate::{
    Conference, Person, Role, Watching, link::secret_in, private_file, revoked::Revoked,
    ring_provider,
};

/// How long a token lasts unless it is renewed.
pub const TOKEN_LIFE: Millis = Millis::from_secs(15 * 60);

/// How long an invitation lasts at least, unless another expiry is given.
pub const INVITATION_LIFE: Millis = Millis::from_secs(30 * 24 * 3600);

const KEY_FILE: &str = "ed25519.pk8";
/// Stands beside a new key until a journal is there too: invitations are often written before the first start.
const NO_JOURNAL_YET_FILE: &str = "no-journal-yet";
const INVITATION: &str = "plenary:invitation";
const ACCESS_TOKEN: &str = "plenary:access";

/// Why a secret does not open what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The one answer to a secret that is forged, expired, revoked, or of another conference or server. It does not say
    /// which, so that an attacker learns nothing by trying.
    #[error(
        "This invitation or token is not valid here, or not any more; ask the organisers for a new link."
    )]
    Unauthorized,
    /// The secret is valid, and is the one of a check link.
    #[error(
        "This link only tests the network, and opens nothing else; to take part, ask the organisers for an invitation of your own."
    )]
    OnlyChecks,
}

/// What the name of a display link begins with.
const DISPLAY_PREFIX: &str = "display:";
/// The name of the check link. The colon is in no id, so it is no person's.
const CHECK_NAME: &str = "check:everybody";

/// The holder of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// A person of the conference.
    Person(PersonId),
    /// The screen that shows a room in a hall.
    Display(RoomId),
    /// Everybody who wants to test the own network.
    Check,
}

impl Invited {
    /// Whether the conference has that person or room.
    pub fn is_known(&self, conference: &Conference) -> bool {
        match self {
            Self::Person(person) => conference.person(person).is_some(),
            Self::Display(room) => conference.room(room).is_some(),
            Self::Check => true,
        }
    }
}

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
    /// The list of revoked invitations is gone.
    #[error(
        "{0} is missing or empty beside the signing key, so invitations that were revoked would be valid again; restore it from a backup, or begin with an empty list by `plenary serve --begin-anew`"
    )]
    LostList(PathBuf),
    /// The signing key is gone.
    #[error(
        "{0} is missing beside the journal, so every invitation would be void; restore it from a backup, or make a new key by `plenary serve --begin-anew`"
    )]
    LostKey(PathBuf),
    /// The key file holds no Ed25519 key.
    #[error(
        "{KEY_FILE} in the data folder holds no Ed25519 key; restore it from a backup, or remove it and make a new key by `plenary serve --begin-anew`, which voids every invitation"
    )]
    NotAKey,
    /// The key refused to sign.
    #[error("the key of the data folder cannot sign")]
    Signing,
}

/// The bearer of a token. The token says who it is; the role and the rooms are asked of the conference each time, so that
/// whoever lost one has lost it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The person who was invited; for a watcher, an id that no person has.
    pub sub: PersonId,
    /// The kind of watcher that the bearer is. A watcher is no person, and takes no place in a room.
    pub watching: Option<Watching>,
    /// The person's role in the conference as it is now.
    pub role: Role,
    /// The rooms that the person may enter now.
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

/// The bearer of an invitation, a token or a link, in the claim of that name. A watcher's has no `sub`, so it is no
/// person's.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Bearer {
    #[serde(rename = "sub")]
    Person(PersonId),
    #[serde(rename = "display")]
    Display(RoomId),
    /// The check link, which is the same for everybody: it names no person.
    #[serde(rename = "check")]
    Check(()),
}

/// What an invitation carries.
#[derive(Serialize, Deserialize)]
pub(crate) struct Invitation {
    #[serde(flatten)]
    pub(crate) bearer: Bearer,
    conference: String,
    pub(crate) iid: String,
    pub(crate) exp: u64,
}

/// What a token carries: who its bearer is, and not what that person may do.
#[derive(Serialize, Deserialize)]
pub(crate) struct Access {
    #[serde(flatten)]
    pub(crate) bearer: Bearer,
    pub(crate) conference: String,
    pub(crate) iid: String,
    pub(crate) exp: u64,
    pub(crate) iat: u64,
}

impl Bearer {
    /// The bearer of a token that was verified.
    pub(crate) fn of(claims: &Claims) -> Option<Self> {
        match claims.watching {
            None => Some(Self::Person(claims.sub.clone())),
            Some(Watching::Display) => claims.rooms.first().cloned().map(Self::Display),
        }
    }

    /// The role and the rooms of the bearer as the conference is now. Refused if it has no such person or room any more,
    /// and for the bearer of a check link, who has neither a role nor rooms.
    pub(crate) fn claims(
        self,
        here: &Conference,
        iid: String,
        exp: u64,
        iat: u64,
    ) -> Result<Claims, Rejection> {
        let (sub, watching, role, rooms) = match self {
            Self::Person(id) => {
                let person = here.person(&id).ok_or(Rejection::Unauthorized)?;
                (id, None, person.role, person.rooms.clone())
            }
            Self::Display(room) => {
                let watching = Watching::Display;
                let known = here.room(&room).ok_or(Rejection::Unauthorized)?;
                let id = watching.id_in(here, &known.id);
                (id, Some(watching), Role::Viewer, vec![room])
            }
            Self::Check(()) => return Err(Rejection::OnlyChecks),
        };
        Ok(Claims {
            sub,
            watching,
            role,
            rooms,
            iid,
            exp,
            iat,
        })
    }
}

impl Access {
    /// The bearer as the conference has them now; refused if it has no such person or room any more.
    fn claims(self, here: &Conference) -> Result<Claims, Rejection> {
        self.bearer.claims(here, self.iid, self.exp, self.iat)
    }
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
    /// Opens the keys of a data folder. The first time, the folder (mode 0700), the key and an empty list of revoked
    /// invitations (mode 0600) are made; of two processes that do so at once, both get the same key. A list that is
    /// missing beside a key is an error.
    pub fn open(dir: &Path) -> Result<Self, KeysError> {
        Self::open_in(dir).map_err(in_folder(dir))
    }

    fn open_in(dir: &Path) -> Result<Self, KeysError> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let pkcs8 = match fs::read(dir.join(KEY_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Revoked::begin(dir)?;
                private_file::open(&dir.join(NO_JOURNAL_YET_FILE))?;
                make_key(dir)?
            }
            read => read?,
        };
        private_file::close_to_others(&dir.join(KEY_FILE));
        if Revoked::unread(dir).is_lost() {
            return Err(KeysError::LostList(Revoked::unread(dir).path()));
        }
        Self::of(&pkcs8, Revoked::open(dir)?)
    }

    fn of(pkcs8: &[u8], revoked: Revoked) -> Result<Self, KeysError> {
        ring_provider::install();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| KeysError::NotAKey)?;
        Ok(Self {
            signs: EncodingKey::from_ed_der(pkcs8),
            verifies: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            pair,
            revoked,
        })
    }

    /// Opens the keys of a data folder to sign what it holds, and changes nothing there; none where the folder has no key.
    pub fn open_existing(dir: &Path) -> Result<Option<Self>, KeysError> {
        match fs::read(dir.join(KEY_FILE)) {
            Ok(pkcs8) => Self::of(&pkcs8, Revoked::unread(dir)).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(in_folder(dir)(error.into())),
        }
    }

    /// The file of a folder's key.
    pub fn file(dir: &Path) -> PathBuf {
        dir.join(KEY_FILE)
    }

    /// Whether the folder has a key.
    pub fn exist(dir: &Path) -> bool {
        dir.join(KEY_FILE).exists()
    }

    /// Whether the folder's key is so new that no journal has been there yet.
    pub fn await_journal(dir: &Path) -> bool {
        dir.join(NO_JOURNAL_YET_FILE).exists()
    }

    /// Notes that the folder has a journal from now on.
    pub fn have_journal(dir: &Path) -> Result<(), KeysError> {
        match fs::remove_file(dir.join(NO_JOURNAL_YET_FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(in_folder(dir)(error.into()))
            }
            _ => Ok(()),
        }
    }

    /// Writes an empty list of revoked invitations, unless the folder has one.
    pub fn begin_list(dir: &Path) -> Result<(), KeysError> {
        Revoked::begin(dir).map_err(|error| in_folder(dir)(error.into()))
    }

    /// Signs a text (Ed25519, RFC 8032): 64 bytes. The text itself must say what it is.
    pub fn seal(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }

    /// The key by which the signatures of [`Keys::seal`] are checked: 32 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The name of a person's invitation; the next serial makes a new one after a revocation.
    pub fn invitation_id(person: &PersonId, serial: u32) -> String {
        format!("{person}.{serial}")
    }

    /// The name of a room's display link. The colon is in no id, so it is no person's.
    fn display_id(room: &RoomId, serial: u32) -> String {
        format!("{DISPLAY_PREFIX}{room}.{serial}")
    }

    /// The name of a check link.
    fn check_id(serial: u32) -> String {
        format!("{CHECK_NAME}.{serial}")
    }

    /// The holder of the invitation of that name; none if no invitation can have it.
    pub fn invited(id: &str) -> Option<Invited> {
        let (name, serial) = id.rsplit_once('.')?;
        let serial: u32 = serial.parse().ok()?;
        let (invited, named) = if name == CHECK_NAME {
            (Invited::Check, Self::check_id(serial))
        } else if let Some(room) = name.strip_prefix(DISPLAY_PREFIX) {
            let room = RoomId::new(room).ok()?;
            let named = Self::display_id(&room, serial);
            (Invited::Display(room), named)
        } else {
            let person = PersonId::new(name).ok()?;
            let named = Self::invitation_id(&person, serial);
            (Invited::Person(person), named)
        };
        // One invitation has one name: not `tokyo-1.01`. The first is 1.
        (named == id && serial > 0).then_some(invited)
    }

    /// The first of a person's invitations that was not revoked.
    pub fn next_invitation(&self, person: &PersonId) -> Result<String, KeysError> {
        self.first_valid(|serial| Self::invitation_id(person, serial))
    }

    /// The first of a room's display links that was not revoked.
    pub fn next_display(&self, room: &RoomId) -> Result<String, KeysError> {
        self.first_valid(|serial| Self::display_id(room, serial))
    }

    /// The first check link that was not revoked.
    pub fn next_check(&self) -> Result<String, KeysError> {
        self.first_valid(Self::check_id)
    }

    fn first_valid(&self, name: impl Fn(u32) -> String) -> Result<String, KeysError> {
        for serial in 1..u32::MAX {
            let id = name(serial);
            if !self.revoked.contains(&id)? {
                return Ok(id);
            }
        }
        Err(KeysError::Signing)
    }

    /// When an invitation that is made now expires, unless another time is given: not before the conference is over.
    pub fn usual_expiry(conference: &Conference, now: Moment) -> Moment {
        now.after(INVITATION_LIFE).max(conference.is_over_at())
    }

    /// Signs an invitation of that id, which ends at `expires`. It is a secret: its bearer is taken for that person.
    pub fn invite(
        &self,
        conference: &Conference,
        person: &Person,
        id: &str,
        expires: Moment,
    ) -> Result<String, KeysError> {
        self.sign_invitation(Bearer::Person(person.id.clone()), conference, id, expires)
    }

    /// Signs the display link of a room, which ends at `expires`. Its bearer watches that room, and may do nothing else.
    pub fn invite_display(
        &self,
        conference: &Conference,
        room: &RoomId,
        id: &str,
        expires: Moment,
    ) -> Result<String, KeysError> {
        self.sign_invitation(Bearer::Display(room.clone()), conference, id, expires)
    }

    pub(crate) fn sign_invitation(
        &self,
        bearer: Bearer,
        conference: &Conference,
        id: &str,
        expires: Moment,
    ) -> Result<String, KeysError> {
        let claims = Invitation {
            bearer,
            conference: conference.id.clone(),
            iid: id.to_owned(),
            exp: expires.0 / 1000,
        };
        self.sign(INVITATION, claims).ok_or(KeysError::Signing)
    }

    /// Exchanges an invitation for a token. Of a link that was handed on, what surrounds the invitation does not count.
    /// A check link gives no such token: that is [`Keys::redeem_check`].
    pub fn redeem(
        &self,
        conference: &Conference,
        invitation: &str,
        now: Moment,
    ) -> Result<Token, Rejection> {
        let it = self.invitation(conference, invitation, now)?;
        self.token(conference, it.bearer, it.iid, now)
    }

    /// Reads an invitation, if it is valid here and now.
    pub(crate) fn invitation(
        &self,
        conference: &Conference,
        invitation: &str,
        now: Moment,
    ) -> Result<Invitation, Rejection> {
        let it: Invitation = self.read(INVITATION, &secret_in(invitation))?;
        self.admit(conference, &it.conference, &it.iid, it.exp, now)?;
        Ok(it)
    }

    /// Exchanges a token that is still valid for one that lasts longer.
    pub fn renew(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<Token, Rejection> {
        let it = self.access(conference, token, now)?;
        self.token(conference, it.bearer, it.iid, now)
    }

    /// Reads a token, if it is valid here and now and its bearer still belongs to the conference.
    pub fn verify(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<Claims, Rejection> {
        self.access(conference, token, now)?.claims(conference)
    }

    /// Reads a token, whoever bears it.
    pub(crate) fn access(
        &self,
        conference: &Conference,
        token: &str,
        now: Moment,
    ) -> Result<Access, Rejection> {
        let it: Access = self.read(ACCESS_TOKEN, token)?;
        self.admit(conference, &it.conference, &it.iid, it.exp, now)?;
        Ok(it)
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

    pub(crate) fn admit(
        &self,
        here: &Conference,
        there: &str,
        iid: &str,
        exp: u64,
        now: Moment,
    ) -> Result<(), Rejection> {
        if here.id == there && now.0 / 1000 < exp && !self.is_revoked(iid) {
            Ok(())
        } else {
            Err(Rejection::Unauthorized)
        }
    }

    fn token(
        &self,
        here: &Conference,
        bearer: Bearer,
        iid: String,
        now: Moment,
    ) -> Result<Token, Rejection> {
        let access = Access {
            bearer,
            conference: here.id.clone(),
            iid,
            exp: now.after(TOKEN_LIFE).0 / 1000,
            iat: now.0 / 1000,
        };
        let secret = self.sign_access(&access)?;
        let claims = access.claims(here)?;
        Ok(Token { secret, claims })
    }

    pub(crate) fn sign_access(&self, access: &Access) -> Result<String, Rejection> {
        let signed = self.sign(ACCESS_TOKEN, access);
        signed.ok_or(Rejection::Unauthorized)
    }

    pub(crate) fn sign<T: Serialize>(&self, purpose: &str, claims: T) -> Option<String> {
        let aud = purpose.to_owned();
        jsonwebtoken::encode(
            &Header::new(Algorithm::EdDSA),
            &For { aud, claims },
            &self.signs,
        )
        .ok()
    }

    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        purpose: &str,
        secret: &str,
    ) -> Result<T, Rejection> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[purpose]);
        // `admit` judges the time by the clock it is handed, and `For` cannot be read without these.
        rules.validate_exp = false;
        let read = jsonwebtoken::decode::<For<T>>(secret, &self.verifies, &rules);
        read.map(|data| data.claims.claims)
            .map_err(|_| Rejection::Unauthorized)
    }
}

/// Names the folder in an error of one of its files.
fn in_folder(dir: &Path) -> impl FnOnce(KeysError) -> KeysError {
    move |error| match error {
        KeysError::Io(error) => KeysError::Folder {
            folder: dir.to_owned(),
            error,
        },
        other => other,
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
