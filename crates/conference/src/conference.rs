//! The checked content of a conference file: every name refers to something, every date exists.

use jiff::{Span, Zoned, civil::Date, tz::TimeZone};
use plenary_floor::Settings;
use plenary_ids::{
    DelegationId, ItemId, Language, MediaId, Millis, Moment, PersonId, RoomId, wire_enum,
};

use crate::{Quorum, Translations};

/// A conference as its file describes it. It can only be had from [`load`](crate::load) or [`parse`](crate::parse), so
/// every delegation, room and person that is named in it exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Conference {
    /// A short name, part of every invitation: an invitation to another conference is not valid here.
    pub id: String,
    /// The full name, for people.
    pub name: String,
    /// The name by language, where the file gives it so.
    pub names: Translations,
    /// The theme of the conference, or empty.
    pub theme: String,
    /// The theme by language.
    pub themes: Translations,
    /// The city that hosts this year.
    pub host: Option<DelegationId>,
    /// The zone of the dates below and of the agenda.
    pub time_zone: TimeZone,
    /// The first day of the conference.
    pub starts: Date,
    /// The last day, itself included.
    pub ends: Date,
    /// The languages; the first is the default. Never empty. Each is a channel for interpreters.
    pub languages: Vec<Language>,
    /// The cities, in the file's order.
    pub delegations: Vec<Delegation>,
    /// Everybody who may have an invitation, in the file's order.
    pub persons: Vec<Person>,
    /// The rooms, in the file's order. Never empty.
    pub rooms: Vec<Room>,
    /// The agenda, in the order in which it is planned.
    pub items: Vec<Item>,
}

/// A city that takes part.
#[derive(Debug, Clone, PartialEq)]
pub struct Delegation {
    /// Its name on the wire.
    pub id: DelegationId,
    /// The name of the city, for people.
    pub name: String,
    /// The name by language.
    pub names: Translations,
    /// ISO 3166-1 alpha-2, in capitals.
    pub country: String,
    /// The time zone of its delegates; the conference's zone if the file does not say.
    pub time_zone: TimeZone,
    /// Whether it is a member, an observer or a guest.
    pub status: Status,
}

wire_enum! {
    /// The status of a delegation in the conference.
    #[derive(Default)]
    pub enum Status {
        /// A city that is a member.
        #[default]
        Member = "member",
        /// A city that observes; some policies let it speak after the members.
        Observer = "observer",
        /// A city invited this once.
        Guest = "guest",
    }
}

/// A person who may be seated in a room.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The name on the wire.
    pub id: PersonId,
    /// The name for people, by function: "Tokyo delegate".
    pub name: String,
    /// The name by language.
    pub names: Translations,
    /// The city; none for staff. A delegate always has one.
    pub delegation: Option<DelegationId>,
    /// The person's role, which decides what the person may do.
    pub role: Role,
    /// The rooms that the person may enter: all of them if the file does not say.
    pub rooms: Vec<RoomId>,
    /// Of an interpreter, the languages that the person may interpret into: all of the conference's if the file does
    /// not say. Of anybody else, none.
    pub languages: Vec<Language>,
}

wire_enum! {
    /// The role of a person; what each role may do is in `crates/protocol/src/command`.
    pub enum Role {
        /// Speaks for the delegation of a city.
        Delegate = "delegate",
        /// Holds the chair of a floor.
        Moderator = "moderator",
        /// Acts on behalf of others.
        Clerk = "clerk",
        /// Speaks on a language channel.
        Interpreter = "interpreter",
        /// Runs the service, and decides nothing.
        Operator = "operator",
        /// Watches and listens, and does nothing else.
        Viewer = "viewer",
    }
}

impl Role {
    /// Whether it is a role of the secretariat, which speaks for no delegation.
    pub fn is_staff(self) -> bool {
        !matches!(self, Self::Delegate | Self::Viewer)
    }
}

/// A sub-theme, or the plenary; it holds one floor.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// Its name on the wire.
    pub id: RoomId,
    /// The title of the room, for people.
    pub title: String,
    /// The title by language.
    pub titles: Translations,
    /// Whether seated delegates' cameras may be shown small without the floor. Sound never is.
    pub gallery: bool,
    /// Whether two participants may talk aside, which the room does not hear.
    pub side_talks: bool,
    /// How many member delegations have to be present for a decision, if that is set.
    pub quorum: Option<Quorum>,
    /// Whether it is recorded, and for how long that is kept.
    pub recording: RoomRecording,
    /// The rules of its floor.
    pub floor: Settings,
}

/// What the file says of the recording of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomRecording {
    /// Whether the room is recorded from its beginning; afterwards the chair and the operators switch it.
    pub enabled: bool,
    /// After how many days the server deletes takes; without it they are kept.
    pub retention_days: Option<u32>,
}

/// A point of the agenda.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the field names say it")]
pub struct Item {
    /// Its name on the wire and in calendars: the file's, or the room's with its place among the room's items.
    pub id: ItemId,
    /// The room in which it takes place.
    pub room: RoomId,
    /// The title of the item, for people.
    pub title: String,
    /// The title by language.
    pub titles: Translations,
    pub kind: ItemKind,
    /// The planned beginning, in the conference's zone.
    pub starts: Zoned,
    /// The planned duration; at least one minute.
    pub minutes: u32,
    /// The planned speakers, in order.
    pub speakers: Vec<PersonId>,
    /// The time of a speech in it, if the file says so.
    pub limit: Option<Millis>,
    /// The quorum of its decisions, if it has one of its own.
    pub quorum: Option<Quorum>,
    /// The recorded address that is played in it, if the file names one.
    pub recording: Option<ItemRecording>,
}

/// The recorded address of an agenda item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRecording {
    /// The file of the media library.
    pub media: MediaId,
    /// The person who speaks in it: the file's, else the item's only planned speaker.
    pub beneficiary: PersonId,
    /// Whether the item's beginning plays it, or the chair.
    pub starts: RecordingStarts,
}

wire_enum! {
    /// What begins the recorded address of an agenda item.
    #[derive(Default)]
    pub enum RecordingStarts {
        /// The chair plays it.
        #[default]
        Chair = "chair",
        /// It begins with the item.
        Auto = "auto",
    }
}

wire_enum! {
    /// The kind of an item of the agenda.
    pub enum ItemKind {
        /// One person addresses the conference, live or recorded.
        Address = "address",
        /// The cities present in turn.
        Presentations = "presentations",
        /// The cities exchange views freely.
        Debate = "debate",
        /// A question is put to the meeting.
        Decision = "decision",
        /// The result of a room is reported.
        Report = "report",
    }
}

impl Conference {
    /// The end of the last day, in the conference's zone.
    pub fn is_over_at(&self) -> Moment {
        end_of(self.ends, &self.time_zone)
    }

    /// The delegation of that name.
    pub fn delegation(&self, id: &DelegationId) -> Option<&Delegation> {
        self.delegations.iter().find(|it| it.id == *id)
    }

    /// The person of that name.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.persons.iter().find(|it| it.id == *id)
    }

    /// The room of that name.
    pub fn room(&self, id: &RoomId) -> Option<&Room> {
        self.rooms.iter().find(|it| it.id == *id)
    }

    /// The agenda of one room, in the order in which it is planned.
    pub fn agenda<'a>(&'a self, room: &'a RoomId) -> impl Iterator<Item = &'a Item> + 'a {
        self.items.iter().filter(move |it| it.room == *room)
    }
}

/// The end of a day in a zone; the end of time where the calendar ends before.
pub(crate) fn end_of(day: Date, zone: &TimeZone) -> Moment {
    let midnight = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
    let millis = midnight.map_or(i64::MAX, |midnight| midnight.timestamp().as_millisecond());
    Moment(u64::try_from(millis).unwrap_or_default())
}

impl Person {
    /// Whether the person may enter that room.
    pub fn may_enter(&self, room: &RoomId) -> bool {
        self.rooms.contains(room)
    }
}

impl Item {
    /// The planned end; saturates at the end of time.
    pub fn ends(&self) -> Zoned {
        self.starts
            .saturating_add(Span::new().minutes(self.minutes))
    }

    /// The time of a speech: the file's; else its minutes divided among its planned speakers; else the room's.
    pub fn speech_limit(&self) -> Option<Millis> {
        let minutes = Millis::from_secs(u64::from(self.minutes) * 60);
        let speakers = u64::try_from(self.speakers.len()).unwrap_or(u64::MAX);
        let share = minutes.0.checked_div(speakers).filter(|share| *share > 0);
        self.limit.or(share.map(Millis))
    }
}
