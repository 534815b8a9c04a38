//! The JSON on the wire, as snapshots: a change of a snapshot is a change of the protocol.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test fails it by panicking"
)]

use std::collections::BTreeMap;

use insta::assert_json_snapshot;
use plenary_conference::{ItemKind, RecordingStarts, Role, Translations};
use plenary_floor::{ChairStep, Change, Event as FloorEvent, Floor, FloorView, Settings};
use plenary_ids::{
    DecisionId, DelegationId, Language, MediaId, Millis, Moment, PersonId, RequestId, RoomId, Seq,
    TakeId, TalkId,
};
use plenary_protocol::{
    Address, Agenda, AgendaItem, Audience, Channel, ChannelState, ChatLine, ChatMessage, Choice,
    Code, CommandId, CommandOutput, Correction, Decision, DecisionKind, DecisionState,
    DeletionReason, Departed, DepartureReason, Event, Handover, Hidden, ItemState, Notice,
    Objection, Participant, Payload, Permission, Presence, Problem, RecordFault, RecordingFailed,
    RecordingState, Reply, RollEntry, RoomEvent, RoomRecording, RoomSnapshot, SeatFigures,
    ServerMessage, SessionId, Shows, SlotShows, Source, Take, Talk, TalkEnd, TalkEnded, TalkState,
    Tally, Verdict, Welcome, You,
};
use serde_json::json;

/// 09:00 in Taipei on the first day.
const MORNING: Moment = Moment(1_634_000_400_000);

type Message = ServerMessage<FloorView, Event<FloorEvent>>;

fn tokyo() -> PersonId {
    "tokyo-1".parse().unwrap()
}

fn participant() -> Participant {
    Participant {
        person: tokyo(),
        name: "Tokyo delegate".into(),
        names: Translations::new(),
        role: Role::Delegate,
        delegation: DelegationId::new("tokyo").ok(),
        state: Presence::Seated,
        publishing: true,
        muted: false,
        joined_at: MORNING,
        since: None,
    }
}

fn item() -> AgendaItem {
    AgendaItem {
        id: "climate-1".parse().unwrap(),
        title: "Tokyo: floods".into(),
        titles: Translations::new(),
        kind: ItemKind::Presentations,
        starts: MORNING,
        due: None,
        minutes: 20,
        speakers: vec![tokyo()],
        limit: Some(Millis(1_200_000)),
        recording: None,
        beneficiary: None,
        recording_starts: None,
        state: ItemState::On,
        began: Some(Moment(MORNING.0 + 60_000)),
        ended: None,
    }
}

fn address() -> MediaId {
    MediaId::new("mayor-address").unwrap()
}

/// A take of which everything is known that can be.
fn take() -> Take {
    Take {
        id: TakeId::new("t01hf5k2").unwrap(),
        speech: Some(RequestId(3)),
        participant: "interpreter-1".parse().unwrap(),
        source: Source::Microphone,
        language: Some(Language::new("ja").unwrap()),
        from: MORNING,
        to: Moment(MORNING.0 + 480_000),
        bytes: 5_760_000,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        media_type: "audio/webm; codecs=opus".into(),
        lost_packets: 2,
        recovered: true,
    }
}

#[test]
fn the_result_of_switching_the_recording_says_whether_it_runs_and_since_when() {
    let running = RoomRecording {
        since: MORNING,
        by: "chair".parse().ok(),
    };
    let results = [
        CommandOutput::Recording(RecordingState::from(Some(&running))),
        CommandOutput::Recording(RecordingState::from(None)),
    ];
    let expected = json!([
        {"recording": true, "since": "2021-10-12T01:00:00.000Z", "by": "chair"},
        {"recording": false},
    ]);
    assert_eq!(json!(results), expected);
}

fn question(choice: Option<Choice>) -> Decision {
    let delegation = DelegationId::new("tokyo").unwrap();
    Decision {
        id: DecisionId(1),
        kind: DecisionKind::RollCall,
        question: "Shall the declaration be adopted?".into(),
        state: DecisionState::Open,
        opened_at: MORNING,
        opened_by: "chair".parse().unwrap(),
        closes_at: Some(Moment(MORNING.0 + 60_000)),
        closed_at: None,
        item: Some(item().id),
        quorum: None,
        roll: vec![RollEntry {
            delegation,
            choice,
            by: choice.map(|_| tokyo()),
            at: choice.map(|_| MORNING),
        }],
        objections: Vec::new(),
        tally: Tally {
            yes: u32::from(choice.is_some()),
            absent: u32::from(choice.is_none()),
            ..Tally::default()
        },
        result: None,
    }
}

fn channel() -> Channel {
    Channel {
        state: ChannelState::Interpreted,
        interpreter: PersonId::new("interpreter-1").ok(),
        source: "en".parse().unwrap(),
        since: Some(MORNING),
        ..Channel::untouched(Language::new("ja").unwrap())
    }
}

fn words() -> ChatMessage {
    ChatMessage {
        id: 1,
        from: tokyo(),
        to: Audience::Moderators,
        text: "Good morning.".into(),
        help: false,
        figures: None,
    }
}

fn call_for_help() -> ChatMessage {
    ChatMessage {
        id: 2,
        to: Audience::Operators,
        text: "I hear nothing.".into(),
        help: true,
        figures: Some(Box::new(SeatFigures {
            state: "connected".into(),
            quality: "poor".into(),
            cause: Some("8 % loss on its downlink.".into()),
            ice_path: Some("udp 203.0.113.5:50000".into()),
            rtt_ms: Some(40.5),
            loss_up: Some(0.0),
            loss_down: Some(0.08),
            jitter_ms: Some(3.0),
            bitrate_up: Some(32_000),
            bitrate_down: Some(410_000),
        })),
        ..words()
    }
}

fn line(message: ChatMessage) -> ChatLine {
    ChatLine {
        message,
        at: MORNING,
    }
}

fn welcome() -> Welcome<FloorView, Event<FloorEvent>> {
    let session = SessionId::new("8d6f").unwrap();
    Welcome {
        session: session.clone(),
        seq: Seq(42),
        you: You {
            languages: Vec::new(),
            person: tokyo(),
            name: "Tokyo delegate".into(),
            names: Translations::new(),
            role: Role::Delegate,
            may: Permission::of(Role::Viewer),
            delegation: DelegationId::new("tokyo").ok(),
            publishing: true,
            watching: None,
            session,
        },
        room: None,
        resumed: false,
        events: Vec::new(),
        ice_servers: Vec::new(),
        answer: None,
        now: MORNING,
        token_expires: Moment(MORNING.0 + 900_000),
    }
}

#[test]
fn a_welcome_carries_the_room_and_the_answer() {
    let room = RoomSnapshot {
        id: RoomId::new("climate").unwrap(),
        title: "Climate".into(),
        titles: Translations::new(),
        gallery: true,
        side_talks: true,
        seq: Seq(42),
        participants: vec![participant()],
        floor: Floor::new(Settings::default()).view(MORNING, 41),
        agenda: Agenda {
            current: Some(item().id),
            items: vec![item()],
        },
        left: vec![Departed {
            person: "seoul-1".parse().unwrap(),
            at: MORNING,
        }],
        removed: Vec::new(),
        decisions: vec![question(Some(Choice::Yes))],
        channels: vec![channel()],
        chat: vec![line(words())],
        help: vec![line(call_for_help())],
        notice: Some(Notice {
            text: "The meeting goes on at 14:00.".into(),
            by: "operator".parse().unwrap(),
            at: MORNING,
        }),
        recording: Some(RoomRecording {
            since: MORNING,
            by: "chair".parse().ok(),
        }),
        recording_failed: Some(RecordingFailed {
            at: MORNING,
            reason: RecordFault::DiskFull,
        }),
    };
    assert_json_snapshot!(Message::Welcome(Box::new(Welcome {
        room: Some(room),
        answer: Some("v=0\r\n".into()),
        ..welcome()
    })));
}

#[test]
fn a_resuming_welcome_carries_the_missed_events_instead() {
    let missed = Event {
        seq: Seq(42),
        at: MORNING,
        body: FloorEvent {
            change: Change::Chair(ChairStep::Priority { on: true }),
            by: Some(tokyo()),
        },
    };
    assert_json_snapshot!(Message::Welcome(Box::new(Welcome {
        resumed: true,
        events: vec![missed],
        ..welcome()
    })));
}

#[test]
fn every_other_message_of_the_server_is_unchanged() {
    let name = || CommandId::new("c1").unwrap();
    let refusal = Problem::new(Code::Duplicate, "You have asked already.").about(RequestId(1));
    let shows = Some(Shows {
        participant: tokyo(),
        source: Source::Camera,
        stage: true,
        language: None,
        paused: false,
        cause: None,
    });
    let slots = [("4", shows), ("5", None)].map(|(mid, shows)| SlotShows {
        mid: mid.into(),
        shows,
    });
    let signal = |from, payload| Message::Signal {
        from,
        talk: None,
        payload,
    };
    assert_json_snapshot!([
        Message::Reply(Reply::new(
            name(),
            Ok(CommandOutput::Stored(json!({"id": "r1"})))
        )),
        Message::Reply(Reply::new(name(), Err(refusal))),
        Message::Slots {
            slots: slots.to_vec()
        },
        signal(Address::Room, Payload::Answer(json!("v=0\r\n"))),
        signal(
            Address::Participant(tokyo()),
            Payload::Candidate(json!(null))
        ),
        Message::Clock {
            sent: 17.into(),
            now: MORNING
        },
        Message::DeviceReplaced {},
        Message::Problem {
            problem: Problem::new(Code::Invalid, "A message has a \"type\".")
        },
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_event_of_a_room_is_unchanged_and_round_trips() {
    let events = [
        RoomEvent::Joined {
            participant: participant(),
        },
        RoomEvent::Updated {
            participant: Participant {
                state: Presence::Away,
                publishing: false,
                muted: true,
                since: Some(Moment(MORNING.0 + 60_000)),
                ..participant()
            },
        },
        RoomEvent::Left {
            person: tokyo(),
            reason: DepartureReason::Moved,
            to: RoomId::new("covid").ok(),
        },
        RoomEvent::Admitted { person: tokyo() },
        RoomEvent::ChatPosted(words()),
        RoomEvent::ChatPosted(call_for_help()),
        RoomEvent::ChatPosted(ChatMessage {
            to: Audience::Booth(Language::new("ja").unwrap()),
            ..words()
        }),
        RoomEvent::HelpClosed {
            message: 2,
            from: tokyo(),
            text: Some("Reload the page.".into()),
            by: "operator".parse().unwrap(),
        },
        RoomEvent::NoticePosted {
            text: "The meeting goes on at 14:00.".into(),
            by: "operator".parse().unwrap(),
        },
        RoomEvent::AgendaStarted {
            item: item(),
            by: "chair".parse().unwrap(),
        },
        RoomEvent::AgendaEnded {
            item: AgendaItem {
                state: ItemState::Done,
                ended: Some(Moment(MORNING.0 + 900_000)),
                ..item()
            },
            by: "chair".parse().unwrap(),
        },
        RoomEvent::AgendaPostponed {
            item: AgendaItem {
                state: ItemState::Planned,
                began: None,
                due: Some(Moment(MORNING.0 + 900_000)),
                ..item()
            },
            by_minutes: Some(15),
            by: "chair".parse().unwrap(),
        },
        RoomEvent::DecisionOpened {
            decision: question(None),
        },
        RoomEvent::DecisionVoted {
            decision: question(Some(Choice::Yes)),
        },
        RoomEvent::DecisionObjected {
            decision: Decision {
                kind: DecisionKind::NoObjection,
                objections: vec![Objection {
                    delegation: DelegationId::new("tokyo").unwrap(),
                    by: tokyo(),
                    at: MORNING,
                    reason: Some("The third paragraph.".into()),
                }],
                tally: Tally::default(),
                ..question(None)
            },
        },
        RoomEvent::DecisionClosed {
            decision: Decision {
                state: DecisionState::Closed,
                closed_at: Some(MORNING),
                result: Some(Verdict::Adopted),
                ..question(Some(Choice::Yes))
            },
            by: None,
        },
        RoomEvent::DecisionWithdrawn {
            decision: Decision {
                state: DecisionState::Withdrawn,
                closed_at: Some(MORNING),
                ..question(None)
            },
            by: "chair".parse().unwrap(),
        },
        RoomEvent::ChannelChanged {
            channel: channel(),
            by: PersonId::new("interpreter-1").ok(),
        },
        RoomEvent::ChannelChanged {
            channel: Channel {
                state: ChannelState::Interrupted,
                interpreter: None,
                lost: PersonId::new("interpreter-1").ok(),
                ..channel()
            },
            by: None,
        },
        RoomEvent::ChannelChanged {
            channel: Channel {
                handover: Some(Handover {
                    to: "interpreter-2".parse().unwrap(),
                    at: Moment(MORNING.0 + 15_000),
                }),
                ..channel()
            },
            by: PersonId::new("interpreter-1").ok(),
        },
        RoomEvent::SlowerAsked {
            speakers: vec![tokyo()],
            language: Some(Language::new("ja").unwrap()),
            by: "interpreter-1".parse().unwrap(),
        },
        RoomEvent::AgendaStarted {
            item: AgendaItem {
                recording: Some(address()),
                beneficiary: Some(tokyo()),
                recording_starts: Some(RecordingStarts::Auto),
                ..item()
            },
            by: "chair".parse().unwrap(),
        },
        RoomEvent::RecordingRefused {
            item: item().id,
            media: address(),
            code: Code::FloorFull,
            detail: "Every microphone is taken: 1 of 1, by seoul-1.".into(),
            by: "chair".parse().unwrap(),
        },
        RoomEvent::RecordStarted { by: None },
        RoomEvent::RecordStarted {
            by: "chair".parse().ok(),
        },
        RoomEvent::RecordStopped {
            by: "operator-1".parse().ok(),
            reason: None,
        },
        RoomEvent::RecordStopped {
            by: None,
            reason: Some(RecordFault::DiskFull),
        },
        RoomEvent::TakeRecorded(Take {
            speech: None,
            language: None,
            lost_packets: 0,
            recovered: false,
            ..take()
        }),
        RoomEvent::TakeRecorded(take()),
        RoomEvent::TakeDeleted {
            id: take().id,
            by: None,
            reason: DeletionReason::Retention,
        },
        RoomEvent::RecordGap {
            from: MORNING,
            to: Moment(MORNING.0 + 1500),
            reason: RecordFault::DiskSlow,
        },
        RoomEvent::Corrected(Correction {
            about_seq: Some(Seq(5)),
            text: "It was Seoul that spoke.".into(),
            by: tokyo(),
        }),
        RoomEvent::Draining {},
    ];
    let events: Vec<Event<RoomEvent>> = (1..)
        .zip(events)
        .map(|(seq, body)| Event {
            seq: Seq(seq),
            at: MORNING,
            body,
        })
        .collect();
    for event in &events {
        let read = serde_json::from_value(json!(event));
        assert_eq!(read.ok().as_ref(), Some(event));
    }
    assert_json_snapshot!(events);
}

#[test]
fn a_hidden_event_has_a_sequence_number_a_time_and_no_content() {
    assert_json_snapshot!(Event {
        seq: Seq(7),
        at: MORNING,
        body: Hidden {},
    });
}

#[test]
fn every_refusal_has_its_status_and_title() {
    let table: BTreeMap<&str, String> = Code::ALL
        .iter()
        .map(|code| (code.as_str(), format!("{} {}", code.status(), code.title())))
        .collect();
    assert_json_snapshot!(table);
}

#[test]
fn side_talks_say_who_talks_and_how_the_last_one_ended() {
    let seoul: PersonId = "seoul-1".parse().unwrap();
    let talks: Message = ServerMessage::Talks {
        talks: vec![Talk {
            id: TalkId(2),
            caller: tokyo(),
            callee: seoul.clone(),
            state: TalkState::Ringing,
            since: MORNING,
            here: true,
        }],
        ended: Some(TalkEnded {
            id: TalkId(1),
            caller: seoul.clone(),
            callee: tokyo(),
            why: TalkEnd::HungUp,
            by: Some(seoul.clone()),
        }),
    };
    let expected = json!({
        "type": "talks",
        "talks": [{"id": "t2", "caller": "tokyo-1", "callee": "seoul-1", "state": "ringing",
                   "since": "2021-10-12T01:00:00.000Z", "here": true}],
        "ended": {"id": "t1", "caller": "seoul-1", "callee": "tokyo-1", "why": "hung_up", "by": "seoul-1"},
    });
    assert_eq!(json!(talks), expected);
    let signal: Message = ServerMessage::Signal {
        from: Address::Participant(seoul),
        talk: Some(TalkId(2)),
        payload: Payload::Answer(json!("v=0")),
    };
    let expected = json!({"type": "signal", "from": "seoul-1", "talk": "t2", "answer": "v=0"});
    assert_eq!(json!(signal), expected);
}
