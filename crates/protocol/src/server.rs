//! The messages that a client receives over the WebSocket.

use plenary_conference::{Role, Translations, Watching};
use plenary_ids::{
    DelegationId, ItemId, Language, MediaId, Millis, Moment, PersonId, RoomId, Seq, TakeId, TalkId,
};
use plenary_scene::SlotShows;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::{
    Address, AgendaItem, Channel, ChatMessage, Code, CommandId, CommandOutput, Decision,
    DeletionReason, FileFacts, IceServer, Participant, Payload, Permission, Problem, RecordFault,
    RoomSnapshot, SessionId, Take, Talk, TalkEnded,
};

/// A message of the server that is no event; `F` is the floor's view, `E` an event in full.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(tag = "type")]
pub enum ServerMessage<F, E> {
    /// The answer to a hello.
    #[serde(rename = "welcome")]
    Welcome(Box<Welcome<F, E>>),
    /// The answer to a hello that only checks the media path.
    #[serde(rename = "check")]
    Check {
        /// The media server's answer to the offer.
        answer: String,
        /// When the server ends the check, counted from now.
        ends_in_ms: Millis,
    },
    /// Several events at once, in the order of their numbers. Only to a client whose hello had `batches`.
    #[serde(rename = "events")]
    Events {
        /// The events, two or more.
        events: Vec<E>,
    },
    /// The one reply to a command.
    #[serde(rename = "reply")]
    Reply(Reply),
    /// The content of the receiving lines from now on.
    #[serde(rename = "slots")]
    Slots {
        /// Every line whose content is known.
        slots: Vec<SlotShows>,
    },
    /// A signal from the media server or another participant.
    #[serde(rename = "signal")]
    Signal {
        /// The sender of the message.
        from: Address,
        /// The side talk to which it belongs, if it belongs to one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        talk: Option<TalkId>,
        /// The content, relayed untouched.
        #[serde(flatten)]
        payload: Payload,
    },
    /// The answer to a clock message.
    #[serde(rename = "clock")]
    Clock {
        /// The time that the client sent.
        sent: Number,
        /// The time of the server.
        #[serde(with = "crate::rfc3339")]
        #[schemars(with = "String")]
        now: Moment,
    },
    /// Another device of this person publishes now.
    #[serde(rename = "device.replaced")]
    DeviceReplaced {},
    /// This device publishes from now on: it asked to, or it is the only device left of its participant.
    #[serde(rename = "device.active")]
    DeviceActive {},
    /// The level at which the server receives the microphone of the publishing device.
    #[serde(rename = "level")]
    Level {
        /// In dB relative to overload (RFC 6464): 0 to -127.
        dbov: i8,
    },
    /// What the server receives of the publishing device; sent when it changes.
    #[serde(rename = "received")]
    Received {
        /// Whether sound comes: packets within about two seconds, and among them one that is not silence within five.
        microphone: bool,
        /// Whether pictures came, within about two seconds.
        camera: bool,
    },
    /// Who of those that are heard in the room speaks now; sent when it changes.
    #[serde(rename = "speaking")]
    Speaking {
        /// The participants who speak, in the order of the voices; empty while all are silent.
        participants: Vec<PersonId>,
    },
    /// The side talks that the participant may see: the own one, and for moderators and operators all in which two talk.
    #[serde(rename = "talks")]
    Talks {
        /// Those that have not ended.
        talks: Vec<Talk>,
        /// The own one that has just ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<TalkEnded>,
    },
    /// The server has given up this device's media connection: begin a new one by an offer.
    #[serde(rename = "media.ended")]
    MediaEnded {
        /// The cause of the end.
        why: MediaEnd,
    },
    /// A message that could not be read.
    #[serde(rename = "problem")]
    Problem {
        /// The reason for the refusal.
        problem: Problem,
    },
}

/// Why a media connection was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaEnd {
    /// Nothing came from the device for too long.
    Silence,
    /// No connection could be established.
    Handshake,
    /// The device closed its media connection.
    Closed,
}

/// The answer to a hello.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Welcome<F, E> {
    /// This attachment's name, for a resume.
    pub session: SessionId,
    /// The last event that the client knows after reading this.
    pub seq: Seq,
    /// The participant that the client speaks for.
    pub you: You,
    /// The room; absent when resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomSnapshot<F>>,
    /// Whether `events` stand in for the room.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// The events that were missed, if resumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<E>,
    /// The relays (TURN) that the participant may use.
    pub ice_servers: Vec<IceServer>,
    /// The media server's answer, where there was an offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The time of the server.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub now: Moment,
    /// The time by which the token has to be renewed.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub token_expires: Moment,
}

/// The participant that a client speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct You {
    /// The name on the wire.
    pub person: PersonId,
    /// The name that people see.
    pub name: String,
    /// The name by language, where the conference file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub names: Translations,
    /// Your role in the conference.
    pub role: Role,
    /// Everything that your role may do. Whether a command is possible at the moment depends on the state of the room.
    pub may: Vec<Permission>,
    /// The city; none for staff.
    pub delegation: Option<DelegationId>,
    /// The languages into which you may interpret; only for an interpreter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Whether this device is the one that publishes.
    pub publishing: bool,
    /// As what you watch without a place in the room; absent for a participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watching: Option<Watching>,
    /// The attachment of this device.
    pub session: SessionId,
}

/// The one reply to a command: a result or a problem.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Reply {
    /// The command that is answered.
    pub command_id: CommandId,
    /// The result, or the problem.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The result of a command, or why nothing changed.
pub type CommandResult = Result<CommandOutput, Problem>;

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The command was carried out.
    Result(Box<CommandOutput>),
    /// It was refused, and nothing changed.
    Problem(Problem),
}

impl Reply {
    /// The reply that carries the result of a command.
    pub fn new(command_id: CommandId, result: CommandResult) -> Self {
        Self {
            command_id,
            outcome: match result {
                Ok(output) => Outcome::Result(Box::new(output)),
                Err(problem) => Outcome::Problem(problem),
            },
        }
    }
}

/// An event with its number and time; `B` is the change, tagged by `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event<B> {
    /// The sequence number in the room, without gaps.
    pub seq: Seq,
    /// The moment of the event.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub at: Moment,
    /// The change, told apart by `type`.
    #[serde(flatten)]
    pub body: B,
}

/// The placeholder for an event that the reader may not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename = "hidden")]
#[schemars(extend("properties" = {"type": {"type": "string", "const": "hidden"}}, "required" = ["type"]))]
pub struct Hidden {}

/// Why a participant is no longer in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepartureReason {
    /// The conference file no longer lets the person into the room.
    Left,
    /// The connection was lost, and the participant did not return in time.
    Lost,
    /// A moderator removed the participant.
    Removed,
    /// A moderator moved the participant to another room.
    Moved,
}

/// The events of a room apart from its floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type")]
pub enum RoomEvent {
    /// A participant came into the room.
    #[serde(rename = "participant.joined")]
    Joined {
        /// The participant, in full.
        participant: Participant,
    },
    /// Somebody is away, back, muted, or publishes.
    #[serde(rename = "participant.updated")]
    Updated {
        /// The participant, in full, after the change.
        participant: Participant,
    },
    /// Somebody is no longer in the room.
    #[serde(rename = "participant.left")]
    Left {
        /// The participant who left.
        person: PersonId,
        /// The reason of the departure.
        reason: DepartureReason,
        /// The room to which the participant was moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<RoomId>,
    },
    /// A participant who was removed may come in again.
    #[serde(rename = "participant.admitted")]
    Admitted {
        /// The participant who may come in again.
        person: PersonId,
    },
    /// A message was posted to the chat.
    #[serde(rename = "chat.posted")]
    ChatPosted(ChatMessage),
    /// A call for help was closed. Its sender and the operators see this.
    #[serde(rename = "help.closed")]
    HelpClosed {
        /// The number of the message that called.
        message: u64,
        /// The participant who called.
        from: PersonId,
        /// The answer to the participant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The operator who closed it.
        by: PersonId,
    },
    /// The operators have something to say to everybody in the room.
    #[serde(rename = "notice.posted")]
    NoticePosted {
        /// The text of the notice.
        text: String,
        /// The operator who posted it.
        by: PersonId,
    },
    /// An item of the agenda is taken up.
    #[serde(rename = "agenda.started")]
    AgendaStarted {
        /// The item of the agenda, in full.
        item: AgendaItem,
        /// The moderator who took it up.
        by: PersonId,
    },
    /// An item of the agenda is done.
    #[serde(rename = "agenda.ended")]
    AgendaEnded {
        /// The item of the agenda, in full.
        item: AgendaItem,
        /// The moderator who ended it.
        by: PersonId,
    },
    /// An item of the agenda was postponed.
    #[serde(rename = "agenda.postponed")]
    AgendaPostponed {
        /// The item of the agenda, in full; `due` is when it is expected now.
        item: AgendaItem,
        /// By how many minutes; absent if to the end of the agenda.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_minutes: Option<u32>,
        /// The moderator who postponed it.
        by: PersonId,
    },
    /// The recording of an agenda item could not be played when the item began.
    #[serde(rename = "recording.refused")]
    RecordingRefused {
        /// The item of the agenda.
        item: ItemId,
        /// The recording.
        media: MediaId,
        /// The reason, for programs.
        code: Code,
        /// The reason in a sentence.
        detail: String,
        /// The moderator who took the item up.
        by: PersonId,
    },
    /// A language channel changed: its interpreter, its source, or whether the interpreter is heard.
    #[serde(rename = "channel.changed")]
    ChannelChanged {
        /// In full, as it is now.
        channel: Channel,
        /// The person who changed it; absent if a connection was lost or restored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// An interpreter asks the speakers to speak more slowly. They, the moderators and the interpreter see this.
    #[serde(rename = "speech.slower_asked")]
    SlowerAsked {
        /// The participants who speak.
        speakers: Vec<PersonId>,
        /// The channel of the interpreter, if the interpreter has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
        /// The interpreter.
        by: PersonId,
    },
    /// A question was put to the meeting.
    #[serde(rename = "decision.opened")]
    DecisionOpened {
        /// In full, as it is now.
        decision: Decision,
    },
    /// A delegation objected to the question.
    #[serde(rename = "decision.objected")]
    DecisionObjected {
        /// In full, as it is now.
        decision: Decision,
    },
    /// A delegation voted, or changed its vote.
    #[serde(rename = "decision.voted")]
    DecisionVoted {
        /// In full, as it is now.
        decision: Decision,
    },
    /// It is decided; by nobody if its time was up.
    #[serde(rename = "decision.closed")]
    DecisionClosed {
        /// In full, as it is now.
        decision: Decision,
        /// The moderator who closed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The question was taken back.
    #[serde(rename = "decision.withdrawn")]
    DecisionWithdrawn {
        /// In full, as it is now.
        decision: Decision,
        /// The moderator who withdrew it.
        by: PersonId,
    },
    /// The record was corrected by an addition; what was recorded stays.
    #[serde(rename = "proceedings.corrected")]
    Corrected(Correction),
    /// The recording of the room began: what the floor lets through is kept from here on.
    #[serde(rename = "record.started")]
    RecordStarted {
        /// The person who switched it on; absent if the conference file did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// The recording of the room ended.
    #[serde(rename = "record.stopped")]
    RecordStopped {
        /// The person who switched it off; absent if the server did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        /// Why the server stopped it by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<RecordFault>,
    },
    /// A take of the recording is complete. Readers of the record see this.
    #[serde(rename = "record.take")]
    TakeRecorded(Take),
    /// The file of a take was deleted; what the record says of it stays. Readers of the record see this.
    #[serde(rename = "record.take_deleted")]
    TakeDeleted {
        /// The take whose file is gone.
        id: TakeId,
        /// The person who deleted it; absent if the server did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        /// The reason of the deletion.
        reason: DeletionReason,
    },
    /// For a time less was recorded than the floor let through.
    #[serde(rename = "record.gap")]
    RecordGap {
        /// When the gap began.
        #[serde(with = "crate::rfc3339")]
        #[schemars(with = "String")]
        from: Moment,
        /// When the gap ended.
        #[serde(with = "crate::rfc3339")]
        #[schemars(with = "String")]
        to: Moment,
        /// The reason of the gap.
        reason: RecordFault,
    },
    /// What the conference file says from here on, before the first thing that happens under it.
    #[serde(rename = "conference.recorded")]
    FactsRecorded {
        /// The facts that the record of the room needs.
        facts: Box<FileFacts>,
    },
    /// The server is about to go down.
    #[serde(rename = "room.draining")]
    Draining {},
    /// The room's clock goes on from the time of this event instead of `was`. No speech gains or loses time by it: the
    /// `floor.timer` that follows says where each clock stands.
    #[serde(rename = "room.clock_moved")]
    ClockMoved {
        /// The time up to which the former clock counts.
        #[serde(with = "crate::rfc3339")]
        #[schemars(with = "String")]
        was: Moment,
        /// The reason.
        cause: ClockCause,
        /// The open question, if it closes by itself: by the new clock it closes after the same time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<Box<Decision>>,
    },
}

/// Why the clock of a room does not go on from where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockCause {
    /// The clock of the server's machine was set.
    Set,
    /// The server stood still: its process was stopped, or its machine suspended.
    StoodStill,
}

/// A correction that was added to the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Correction {
    /// The event that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_seq: Option<Seq>,
    /// The text of the correction.
    pub text: String,
    /// The participant who corrected the record.
    pub by: PersonId,
}

#[cfg(test)]
mod tests {
    use plenary_scene::{Shows, Source};

    use super::*;
    use crate::Posted;
    use serde_json::{json, to_value};

    fn person() -> PersonId {
        PersonId::new("tokyo-1").unwrap()
    }

    #[test]
    fn an_event_is_flat_and_reads_back() {
        let body = RoomEvent::Left {
            person: person(),
            reason: DepartureReason::Left,
            to: None,
        };
        let event = Event {
            seq: Seq(7),
            at: Moment(1_634_000_400_000),
            body,
        };
        let wire = to_value(&event).unwrap();
        let expected = json!({"seq": 7, "at": "2021-10-12T01:00:00.000Z", "type": "participant.left",
            "person": "tokyo-1", "reason": "left"});
        assert_eq!(wire, expected);
        assert_eq!(
            serde_json::from_value::<Event<RoomEvent>>(wire).unwrap(),
            event
        );
    }

    #[test]
    fn a_hidden_event_keeps_its_number_in_the_sequence() {
        let hidden = Event {
            seq: Seq(8),
            at: Moment(0),
            body: Hidden {},
        };
        let expected = json!({"seq": 8, "at": "1970-01-01T00:00:00.000Z", "type": "hidden"});
        assert_eq!(to_value(hidden).unwrap(), expected);
    }

    #[test]
    fn a_reply_holds_a_result_or_a_problem() {
        let id = CommandId::new("c1").unwrap();
        let message: ServerMessage<(), ()> =
            ServerMessage::Reply(Reply::new(id, Ok(CommandOutput::Posted(Posted { id: 3 }))));
        assert_eq!(
            to_value(message).unwrap(),
            json!({"type": "reply", "command_id": "c1", "result": {"id": 3}})
        );
    }

    #[test]
    fn what_is_heard_and_the_end_of_media_are_written_as_documented() {
        type Message = ServerMessage<(), ()>;
        let why = MediaEnd::Silence;
        assert_eq!(
            to_value(Message::MediaEnded { why }).unwrap(),
            json!({"type": "media.ended", "why": "silence"})
        );
        assert_eq!(
            to_value(Message::Level { dbov: -32 }).unwrap(),
            json!({"type": "level", "dbov": -32})
        );
        let (microphone, camera) = (true, false);
        assert_eq!(
            to_value(Message::Received { microphone, camera }).unwrap(),
            json!({"type": "received", "microphone": true, "camera": false})
        );
        let participants = vec![person()];
        assert_eq!(
            to_value(Message::Speaking { participants }).unwrap(),
            json!({"type": "speaking", "participants": ["tokyo-1"]})
        );
    }

    #[test]
    fn a_signal_and_a_slot_are_written_as_documented() {
        let signal: ServerMessage<(), ()> = ServerMessage::Signal {
            from: Address::Room,
            talk: None,
            payload: Payload::Answer(json!("v=0")),
        };
        assert_eq!(
            to_value(signal).unwrap(),
            json!({"type": "signal", "from": "room", "answer": "v=0"})
        );
        let shows = Some(Shows {
            participant: person(),
            source: Source::Camera,
            stage: true,
            language: None,
            paused: false,
            cause: None,
        });
        let slots: ServerMessage<(), ()> = ServerMessage::Slots {
            slots: vec![SlotShows {
                mid: "4".into(),
                shows,
            }],
        };
        let expected = json!({"type": "slots", "slots": [
            {"mid": "4", "shows": {"participant": "tokyo-1", "source": "camera", "stage": true}}]});
        assert_eq!(to_value(slots).unwrap(), expected);
    }
}
