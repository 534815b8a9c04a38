//! What may be asked of a floor, and by whom.

use plenary_ids::{Millis, Moment, PersonId, RequestId};

use crate::{
    request::{Kind, Priority, Speaker},
    settings::SettingsPatch,
};

/// How far an actor's word reaches; the room's table of roles decides which scope a person acts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What concerns himself.
    Own,
    /// What concerns others too, on their behalf: a clerk.
    OnBehalf,
    /// What the chair decides: a moderator. While somebody is acting chair, only that one.
    Chair,
    /// The technical side: may take the floor from a holder.
    Operator,
    /// Everything: the server itself.
    System,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; none is the system.
    pub person: Option<PersonId>,
    /// How far the word reaches.
    pub scope: Scope,
}

impl Actor {
    /// That person in that scope.
    pub fn new(person: PersonId, scope: Scope) -> Self {
        Self {
            person: Some(person),
            scope,
        }
    }

    /// The server itself.
    pub fn system() -> Self {
        Self {
            person: None,
            scope: Scope::System,
        }
    }
}

/// What is wished for when the floor is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What for.
    pub kind: Kind,
    /// Who would speak.
    pub beneficiary: Speaker,
    /// How urgent.
    pub priority: Priority,
    /// A word about it, at most [`MAX_WORDS`] bytes.
    pub info: Option<String>,
}

/// The longest word about a request, or reason for a decision, in bytes.
pub const MAX_WORDS: usize = 1000;

/// A command to the floor. Positions count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for the floor.
    Request(Wish),
    /// The chair appends to a closed list.
    Admit(Wish),
    /// Put a pending request on the list, at a place or where the policy has it; uphold a point of order.
    Accept {
        /// Which.
        request: RequestId,
        /// Where.
        position: Option<u32>,
    },
    /// Give the floor.
    Grant {
        /// To which.
        request: RequestId,
        /// In the same step taken from this holder.
        replace: Option<RequestId>,
    },
    /// Refuse a request that was not granted.
    Deny {
        /// Which.
        request: RequestId,
        /// A word.
        reason: Option<String>,
    },
    /// Withdraw a request that was not granted.
    Cancel {
        /// Which.
        request: RequestId,
    },
    /// Give a listed request another place.
    Move {
        /// Which.
        request: RequestId,
        /// Where.
        position: u32,
        /// Against the policy, if need be; recorded.
        overriding: bool,
    },
    /// Skip a listed request, or an absent holder.
    Pass {
        /// Which.
        request: RequestId,
    },
    /// Keep the place of an absent holder for another grace.
    Wait {
        /// Which.
        request: RequestId,
    },
    /// Bring a passed request back, to a place or to the end.
    Recall {
        /// Which.
        request: RequestId,
        /// Where.
        position: Option<u32>,
    },
    /// Silence a holder who keeps the grant.
    Suspend {
        /// Which.
        request: RequestId,
    },
    /// Let a suspended holder go on.
    Resume {
        /// Which.
        request: RequestId,
    },
    /// The holder ends the speech.
    Release {
        /// Which.
        request: RequestId,
    },
    /// The holder wishes to yield the rest of the time; by the chair: the consent, which does it.
    Yield {
        /// Which.
        request: RequestId,
        /// To whom; the chair may leave it out.
        to: Option<Speaker>,
    },
    /// Take the floor from a holder.
    Revoke {
        /// Which.
        request: RequestId,
        /// A word.
        reason: Option<String>,
    },
    /// Give a speech more time.
    Extend {
        /// Which.
        request: RequestId,
        /// By how much.
        by: Millis,
    },
    /// The whole order of the listed requests at once.
    Order {
        /// Every listed request, first to last.
        ids: Vec<RequestId>,
    },
    /// End the longest live speech and grant the first who is present, in one step.
    Next,
    /// Open, close, … the list of speakers.
    List(ListVerb),
    /// Who is in the chair.
    Chair(ChairVerb),
    /// Change settings.
    Settings(SettingsPatch),
    /// An agenda item begins: what was spoken before no longer counts, and this is the agreed order.
    Item {
        /// Its planned speakers, in order.
        agreed: Vec<PersonId>,
        /// The time of each planned speech, or of every statement where none is planned.
        limit: Option<Millis>,
    },
    /// The agenda item is over, and none is on: what was spoken in the room counts.
    ItemEnd,
    /// A roll call begins or ends (the system): meanwhile only points of order may be raised.
    RollCall {
        /// Whether it is open from now on.
        open: bool,
    },
    /// A person's connection is there (the system).
    Connected {
        /// Whose.
        person: PersonId,
    },
    /// A person's last connection is gone (the system).
    Disconnected {
        /// Whose.
        person: PersonId,
    },
    /// A person has gone to another room (the system): what was listed is passed.
    Left {
        /// Who.
        person: PersonId,
    },
    /// A person's voice is heard (the system): the clock of a fresh grant starts.
    Voice {
        /// Whose.
        person: PersonId,
    },
    /// Nothing arrives of what a person has the floor for (the system), as when a recorded address stalls.
    Stalled {
        /// Whose.
        person: PersonId,
    },
    /// It flows again (the system).
    Flowing {
        /// Whose.
        person: PersonId,
    },
    /// Time has gone by (the system); due at [`crate::Floor::deadline`].
    Tick,
    /// The server was down (the system): nobody is connected, and the time since does not count.
    Restarted {
        /// When it was last known to run.
        down_since: Moment,
    },
}

/// The verbs of the list of speakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListVerb {
    /// Open it; one that is open stays so.
    Open,
    /// Close it.
    Close,
    /// Say when it will close.
    AnnounceClose {
        /// When.
        at: Moment,
    },
    /// Open a closed one again, or take an announcement back.
    Reopen,
    /// Interrupt the meeting: holders are suspended, the order freezes.
    Adjourn,
    /// Go on where it was adjourned.
    Resume,
    /// End a closed list on which nothing is left.
    Conclude,
}

/// The verbs of the chair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChairVerb {
    /// Take an empty chair, or one whose holder is disconnected.
    Take,
    /// Hand it over.
    HandOver {
        /// To this moderator; that it is one, the room has checked.
        to: PersonId,
    },
    /// Hold the floor: everybody else is suspended.
    PriorityOn,
    /// Let it go: everybody is restored.
    PriorityOff,
}
