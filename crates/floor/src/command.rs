//! The commands to a floor, and the actors who give them.

use plenary_ids::{BoundedMillis, DelegationId, Millis, Moment, PersonId, RequestId};

use crate::{
    recording::RecordingAction,
    refusal::Refusal,
    request::{Kind, Priority, Speaker},
    settings::SettingsPatch,
};

/// The extent of an actor's authority. The room's table of roles decides in which scope a person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Commands about the actor's own requests and speeches.
    Own,
    /// Commands on behalf of others too: a clerk.
    OnBehalf,
    /// The decisions of the chair: a moderator, and while the room has an acting chair, only that one.
    Chair,
    /// Technical commands, which may take the floor from a holder: an operator.
    Operator,
    /// Every command: the server itself.
    System,
}

/// The author of a command, and the scope of that authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; none for the system.
    pub person: Option<PersonId>,
    /// The scope in which the actor acts.
    pub scope: Scope,
}

impl Actor {
    /// An actor who is that person and acts in that scope.
    pub fn new(person: PersonId, scope: Scope) -> Self {
        Self {
            person: Some(person),
            scope,
        }
    }

    /// The server itself, which may give every command.
    pub fn system() -> Self {
        Self {
            person: None,
            scope: Scope::System,
        }
    }
}

/// Looks up the people and delegations that a command names: the floor itself knows only the people who have asked for
/// it.
pub trait Directory {
    /// The person as a speaker, or why that person cannot be given the floor.
    fn speaker(&self, person: &PersonId) -> Result<Speaker, Refusal>;

    /// Passes a person who may be handed the chair.
    fn can_preside(&self, person: &PersonId) -> Result<(), Refusal>;

    /// Passes a delegation of the conference.
    fn is_delegation(&self, delegation: &DelegationId) -> Result<(), Refusal>;
}

/// Defines a group of commands: an enum whose variants carry their `type` on the wire, and beside it the enum of those
/// types without fields, over which a table of all commands can be matched exhaustively.
#[macro_export]
macro_rules! commands {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $types:ident;
        $($(#[$doc:meta])* $word:literal $variant:ident $fields:tt)+
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(tag = "type", deny_unknown_fields)]
        #[expect(missing_docs, reason = "each command says what it does; the fields are named for what they hold")]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant $fields,)+
        }

        #[doc = concat!("The types of [`", stringify!($name), "`], without their fields.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "named like the commands")]
        pub enum $types {
            $($variant,)+
        }

        impl $types {
            /// Every type of the group, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The `type` on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl $name {
            /// The type of this command.
            pub const fn command_type(&self) -> $types {
                match self {
                    $(Self::$variant { .. } => $types::$variant),+
                }
            }
        }
    };
}

commands! {
    /// A command to the floor, as a client sends it. People are named by their ids. Positions count from 1.
    #[derive(Eq)]
    pub enum Command, CommandType;
    /// Asks for the floor for oneself, or for the beneficiary.
    "floor.request" Request { kind: Option<Kind>, beneficiary: Option<PersonId>, priority: Option<Priority>, info: Option<String> }
    /// Puts a pending request on the list.
    "floor.accept" Accept { request: RequestId, position: Option<u32> }
    /// Gives the floor, in place of `replace` if the floor is full.
    "floor.grant" Grant { request: RequestId, replace: Option<RequestId> }
    /// Refuses a request that has not been granted.
    "floor.deny" Deny { request: RequestId, reason: Option<String> }
    /// Withdraws a request that was not granted.
    "floor.cancel" Cancel { request: RequestId }
    /// Moves a listed request to a position, against the policy if `override`.
    "floor.move" Move { request: RequestId, position: u32, #[serde(default, rename = "override")] overriding: bool }
    /// Skips a listed request until it is recalled.
    "floor.pass" Pass { request: RequestId }
    /// Keeps the place of a holder whose connection is lost for another `reconnect_grace`; then the chair is asked again.
    "floor.wait" Wait { request: RequestId }
    /// Lists a passed request again.
    "floor.recall" Recall { request: RequestId, position: Option<u32> }
    /// Silences a holder and stops the clock.
    "floor.suspend" Suspend { request: RequestId }
    /// Lets a suspended holder go on.
    "floor.resume" Resume { request: RequestId }
    /// Ends the speech of the participant who gives the command.
    "floor.release" Release { request: RequestId }
    /// Wishes to hand the rest of one's speech to somebody; given by the chair, consents to that wish.
    "floor.yield" Yield { request: RequestId, to: Option<PersonId> }
    /// Takes the floor away from its holder.
    "floor.revoke" Revoke { request: RequestId, reason: Option<String> }
    /// Gives a speech more time.
    "floor.extend" Extend { request: RequestId, #[serde(rename = "by_ms")] by: BoundedMillis }
    /// Sets the whole order at once.
    "floor.order" Order { ids: Vec<RequestId> }
    /// Ends the speech and grants the head of the list, in one step; refused if that is not the request `expect`.
    "floor.next" Next { expect: Option<RequestId> }
    /// Undoes the last next, grant, deny, pass, accept, move, recall or order of the chair, within ten seconds.
    "floor.undo" Undo { of: Option<u64> }
    /// Changes the floor's settings; what is absent stays.
    "floor.set" Set(SettingsPatch)
    /// Opens the list of speakers.
    "list.open" ListOpen {}
    /// Closes the list of speakers.
    "list.close" ListClose {}
    /// Announces when the list of speakers will close.
    "list.announce_close" ListAnnounceClose { #[serde(with = "plenary_ids::rfc3339")] #[schemars(with = "String")] at: Moment }
    /// Opens a closed list again.
    "list.reopen" ListReopen {}
    /// Appends a person to a closed list, which is recorded.
    "list.admit" ListAdmit { person: PersonId, kind: Option<Kind> }
    /// Suspends the meeting: the speakers are silent and the order stays.
    "list.adjourn" ListAdjourn {}
    /// Continues the meeting where it was suspended.
    "list.resume" ListResume {}
    /// Ends a closed list on which nothing is left.
    "list.conclude" ListConclude {}
    /// Takes the chair while it is empty or the acting chair is disconnected.
    "chair.take" ChairTake {}
    /// Hands the chair to another moderator.
    "chair.hand_over" ChairHandOver { to: PersonId }
    /// Suspends everybody else while the chair speaks.
    "chair.priority_on" ChairPriorityOn {}
    /// Ends the priority of the chair: the speakers are heard again.
    "chair.priority_off" ChairPriorityOff {}
}

impl Command {
    /// The request that the command names.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Accept { request, .. }
            | Self::Grant { request, .. }
            | Self::Deny { request, .. }
            | Self::Cancel { request }
            | Self::Move { request, .. }
            | Self::Pass { request }
            | Self::Wait { request }
            | Self::Recall { request, .. }
            | Self::Suspend { request }
            | Self::Resume { request }
            | Self::Release { request }
            | Self::Yield { request, .. }
            | Self::Revoke { request, .. }
            | Self::Extend { request, .. } => Some(*request),
            Self::Request { .. }
            | Self::Order { .. }
            | Self::Next { .. }
            | Self::Undo { .. }
            | Self::Set(_)
            | Self::ListOpen {}
            | Self::ListClose {}
            | Self::ListAnnounceClose { .. }
            | Self::ListReopen {}
            | Self::ListAdmit { .. }
            | Self::ListAdjourn {}
            | Self::ListResume {}
            | Self::ListConclude {}
            | Self::ChairTake {}
            | Self::ChairHandOver { .. }
            | Self::ChairPriorityOn {}
            | Self::ChairPriorityOff {} => None,
        }
    }
}

/// What the room tells its floor. No client can send one: it has no form on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemCommand {
    /// An agenda item begins: earlier speeches no longer count, and its speakers are the agreed order.
    BeginItem {
        /// The planned speakers, in order.
        agreed: Vec<PersonId>,
        /// The time of each planned speech, or of every statement where none is planned.
        limit: Option<Millis>,
    },
    /// The agenda item is over, and none is on: all speeches in the room count.
    EndItem,
    /// The chair puts a planned speaker of an agenda item on the list.
    Enlist(Speaker),
    /// A roll call begins or ends. Meanwhile only points of order may be raised.
    RollCall {
        /// Whether it is open from now on.
        open: bool,
    },
    /// A person who had no connection has one now.
    Connected(PersonId),
    /// The last connection of a person has ended.
    Disconnected(PersonId),
    /// A person has gone to another room: listed requests are passed.
    Left(PersonId),
    /// The conference no longer gives a person the floor: all requests of that person end.
    Silenced(PersonId),
    /// The conference no longer has a person as a moderator: the chair is empty, if that person had it.
    Unseated(PersonId),
    /// The voice of a person is heard: the clock of a fresh grant starts.
    Voice(PersonId),
    /// No media arrives from the holder, as when an address that a device plays stalls: the clock waits.
    Stalled(PersonId),
    /// Media of the holder arrives again.
    Flowing(PersonId),
    /// The chair or the player of a recorded address acts on it.
    Recording(RecordingAction),
    /// Time has passed; due at [`crate::Floor::deadline`].
    Tick,
    /// The room's clock goes on from the present time instead of `was`: it was set, or the server stood still. No speech
    /// gains or loses time by it.
    ClockMoved {
        /// The time up to which clocks have run.
        was: Moment,
    },
    /// The server was down: nobody is connected, and the time since does not count.
    Restarted {
        /// When the server was last known to run.
        down_since: Moment,
    },
}

/// A request for the floor, with the speaker looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) kind: Kind,
    pub(crate) beneficiary: Speaker,
    pub(crate) priority: Priority,
    pub(crate) info: Option<String>,
}
