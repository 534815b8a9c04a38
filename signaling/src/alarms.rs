//! Alarms: the troubles that an operator should act on now, each with a first remedy.

use std::fmt;

use plenary_floor::Speech;
use plenary_ids::{Language, MediaId, Millis, Moment, PersonId, RoomId};
use plenary_journal::LostWal;
use plenary_protocol::{Channel, ChannelState, Participant, Presence, RecordFault};
use plenary_room::RecordingStatus;
use schemars::JsonSchema;
use serde::Serialize;

/// A trouble in a room that persists, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Alarm {
    /// A language passes the floor's sound through, because its interpreter is not heard.
    ChannelInterrupted {
        /// The room of the channel.
        room: RoomId,
        /// The channel in trouble.
        language: Language,
        /// The interpreter who has the channel, or who lost it.
        interpreter: PersonId,
        /// Why the interpreter is not heard.
        cause: AlarmCause,
        /// When the trouble began.
        #[serde(with = "plenary_protocol::rfc3339::optional")]
        #[schemars(with = "Option<String>")]
        since: Option<Moment>,
        /// The trouble in a sentence that names room, language and interpreter.
        detail: String,
        /// The first remedy to try.
        #[serde(rename = "try")]
        first: String,
    },
    /// A recorded address stands still although it should play.
    RecordingStalled {
        /// The room that plays it.
        room: RoomId,
        /// The recording in the media library.
        media: MediaId,
        /// The name of the recording.
        name: String,
        /// The person who speaks in it.
        speaker: PersonId,
        /// Where it stands.
        position_ms: Millis,
        /// Why it cannot go on by itself; absent while the server still tries.
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
        /// When it stopped.
        #[serde(with = "plenary_protocol::rfc3339")]
        #[schemars(with = "String")]
        since: Moment,
        /// The trouble in a sentence that names room and recording.
        detail: String,
        /// The first remedy to try.
        #[serde(rename = "try")]
        first: String,
    },
}

/// Why an interpreter is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmCause {
    /// The connection is lost; the place is kept for a while.
    Away,
    /// The interpreter did not return in time.
    Lost,
    /// The chair has muted the interpreter.
    Muted,
    /// The interpreter is seated without a path for sound.
    NoPath,
}

/// A trouble of the server that is not of its disk, and that an operator should act on now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServerAlarm {
    pub kind: ServerAlarmKind,
    /// The trouble in a sentence.
    pub detail: String,
    /// The first remedy to try.
    #[serde(rename = "try")]
    pub first: &'static str,
}

/// The kind of trouble of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerAlarmKind {
    /// The log has entries that are dated after the present time.
    LogAhead,
    /// The write-ahead log was missing at the start, after an interruption.
    WalLost,
    /// The recording of a room stopped by itself.
    RecordingStopped,
    /// The recording of a room will stop soon, because the disk is nearly full.
    RecordingEndsSoon,
    /// A new certificate of the https address cannot be used; the present one is kept.
    CertificateRefused,
    /// The certificate of the https address ends soon, or has ended.
    CertificateEnds,
    /// The ACME server has given no certificate for the https address; the present one, if there is one, is kept.
    CertificateNotIssued,
}

/// With less time until the disk is full an operator should act.
const MIN_RECORDING_HOURS: f64 = 2.0;

/// What is to be said of the recording of a room.
pub fn of_recording(
    title: &str,
    status: &RecordingStatus,
    free_hours: Option<f64>,
) -> Option<ServerAlarm> {
    if let Some(fault) = status.fault {
        let (why, first) = match fault.reason {
            RecordFault::DiskFull => (
                "the disk is full",
                "Make room on the disk of the data folder, then switch the recording on again.",
            ),
            RecordFault::DiskSlow => (
                "the disk is too slow",
                "See what else writes to that disk (iostat -x 1), then switch the recording on again.",
            ),
            RecordFault::DiskFailed => (
                "the disk refuses to write",
                "The kernel's log says why (dmesg); then switch the recording on again.",
            ),
        };
        return Some(ServerAlarm {
            kind: ServerAlarmKind::RecordingStopped,
            detail: format!("\"{title}\" is not recorded any more, because {why}."),
            first,
        });
    }
    status.running.as_ref()?;
    let hours = free_hours.filter(|hours| *hours < MIN_RECORDING_HOURS)?;
    Some(ServerAlarm {
        kind: ServerAlarmKind::RecordingEndsSoon,
        detail: format!(
            "\"{title}\" can be recorded for {hours:.1} hours more; then the disk is full."
        ),
        first: "Make room on the disk of the data folder: delete other files there, or old recordings by retention_days.",
    })
}

/// That what was recorded last may be lost.
pub fn of_lost_wal(lost: &LostWal) -> ServerAlarm {
    ServerAlarm {
        kind: ServerAlarmKind::WalLost,
        detail: lost.to_string(),
        first: "Look for journal.db-wal in the data folder's backup or trash: stop the server, put it back, and start again. Otherwise tell the secretariat from when on the record may lack something.",
    }
}

/// The channels with an interpreter who is not heard.
pub fn interrupted(channels: &[Channel]) -> impl Iterator<Item = &Channel> {
    let all = channels.iter();
    all.filter(|channel| channel.state == ChannelState::Interrupted)
}

/// The alarms of the recorded addresses of a room: each that stands still, until it goes on or is stopped.
pub fn of_recordings(room: &RoomId, title: &str, speeches: &[Speech]) -> Vec<Alarm> {
    let alarm = |speech: &Speech| {
        let recorded = speech.recorded.as_ref()?;
        let stall = recorded.stall.as_ref()?;
        let at = Position(recorded.position);
        let name = &recorded.name;
        let (detail, first) = match &stall.failure {
            None => (
                format!(
                    "\"{title}\": the recording \"{name}\" has stopped arriving at {at}; the server still tries."
                ),
                "See whether the disk of the data folder answers. If it does not go on, the chair stops it or goes on from there.",
            ),
            Some(why) => (
                format!("\"{title}\": the recording \"{name}\" cannot go on at {at}: {why}"),
                "Ask the chair to stop it, or to go on from there. Look at the file in the media library; add it again if it is damaged.",
            ),
        };
        Some(Alarm::RecordingStalled {
            room: room.clone(),
            media: recorded.media.clone(),
            name: name.clone(),
            speaker: speech.speaker.clone(),
            position_ms: recorded.position,
            failure: stall.failure.clone(),
            since: stall.since,
            detail,
            first: first.to_owned(),
        })
    };
    speeches.iter().filter_map(alarm).collect()
}

/// A position in a recording, as `3:10`.
struct Position(Millis);

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.0 / 1000;
        write!(out, "{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// The alarms of the channels of a room.
pub fn of_channels(
    room: &RoomId,
    title: &str,
    channels: &[Channel],
    people: &[Participant],
    name: impl Fn(&PersonId) -> String,
) -> Vec<Alarm> {
    let alarm = |channel: &Channel| {
        let interpreter = channel.interpreter.as_ref().or(channel.lost.as_ref())?;
        let seated = people.iter().find(|it| it.person == *interpreter);
        let cause = match seated {
            _ if channel.lost.is_some() => AlarmCause::Lost,
            None => AlarmCause::Lost,
            Some(it) if it.state == Presence::Away => AlarmCause::Away,
            Some(it) if it.muted => AlarmCause::Muted,
            Some(_) => AlarmCause::NoPath,
        };
        let (name, language) = (name(interpreter), &channel.language);
        let (trouble, first) = cause.trouble_and_remedy();
        Some(Alarm::ChannelInterrupted {
            room: room.clone(),
            language: language.clone(),
            interpreter: interpreter.clone(),
            cause,
            since: channel.since,
            detail: format!(
                "\"{title}\": the channel {language} passes the floor's sound through, because {name} {trouble}."
            ),
            first: first.to_owned(),
        })
    };
    interrupted(channels).filter_map(alarm).collect()
}

impl AlarmCause {
    fn trouble_and_remedy(self) -> (&'static str, &'static str) {
        match self {
            Self::Away => (
                "has lost the connection",
                "Ask a partner to take the channel over; if there is none, call the interpreter.",
            ),
            Self::Lost => (
                "did not come back in time",
                "Assign the channel to a partner, or clear it if nobody can take it.",
            ),
            Self::Muted => (
                "was silenced by the chair",
                "Ask the chair to let the microphone be heard again.",
            ),
            Self::NoPath => (
                "is seated without a path for sound",
                "Have the interpreter reload the page; a firewall may block its UDP.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plenary_conference::Role;

    fn channel(change: impl Fn(&mut Channel)) -> Channel {
        let mut channel = Channel::untouched(Language::new("ja").unwrap());
        channel.state = ChannelState::Interrupted;
        channel.interpreter = PersonId::new("kenji").ok();
        change(&mut channel);
        channel
    }

    fn kenji(state: Presence, muted: bool) -> Participant {
        Participant {
            person: PersonId::new("kenji").unwrap(),
            name: "Kenji".to_owned(),
            names: plenary_conference::Translations::new(),
            role: Role::Interpreter,
            delegation: None,
            state,
            publishing: true,
            muted,
            joined_at: Moment(0),
            since: None,
        }
    }

    fn alarms(channel: &Channel, people: &[Participant]) -> Vec<Alarm> {
        let room = RoomId::new("climate").unwrap();
        of_channels(
            &room,
            "Climate",
            std::slice::from_ref(channel),
            people,
            |_| "Kenji".to_owned(),
        )
    }

    #[test]
    fn an_alarm_names_room_language_and_interpreter_and_a_first_remedy() {
        let alarms = alarms(&channel(|_| {}), &[kenji(Presence::Away, false)]);
        let [Alarm::ChannelInterrupted { detail, first, .. }] = alarms.as_slice() else {
            unreachable!("{alarms:?}");
        };
        assert_eq!(
            detail,
            "\"Climate\": the channel ja passes the floor's sound through, because Kenji has lost the connection."
        );
        assert!(first.contains("partner"));
    }

    #[test]
    fn the_cause_is_absence_loss_muting_or_a_missing_path() {
        let cause = |channel: Channel, people: &[Participant]| match &alarms(&channel, people)[0] {
            Alarm::ChannelInterrupted { cause, .. } => *cause,
            other @ Alarm::RecordingStalled { .. } => unreachable!("{other:?}"),
        };
        let (here, away) = (kenji(Presence::Seated, false), kenji(Presence::Away, false));
        let lost = channel(|it| it.lost = it.interpreter.take());
        assert_eq!(cause(channel(|_| {}), &[away]), AlarmCause::Away);
        assert_eq!(cause(channel(|_| {}), &[here]), AlarmCause::NoPath);
        let muted = kenji(Presence::Seated, true);
        assert_eq!(cause(channel(|_| {}), &[muted]), AlarmCause::Muted);
        assert_eq!(cause(lost, &[]), AlarmCause::Lost);
    }

    #[test]
    fn a_channel_that_is_interpreted_or_unassigned_raises_no_alarm() {
        for state in [ChannelState::Interpreted, ChannelState::Floor] {
            assert!(alarms(&channel(|it| it.state = state), &[]).is_empty());
        }
    }
    /// A speech that is a recording, with the rest of its `recorded`.
    fn recorded(stall: &serde_json::Value) -> Speech {
        let speech = serde_json::json!({
            "as_of": "2026-11-29T14:09:59.280Z", "granted_at": "2026-11-29T14:09:59.278Z",
            "colour": "green", "consumed_ms": 190_000, "delegation": "seoul", "kind": "address",
            "limit_ms": 420_000, "request": "r1", "running": false, "speaker": "seoul-1",
            "suspended_by": ["stalled"],
            "recorded": {
                "duration_ms": 420_000, "from_ms": 0, "generation": 1, "media": "mayor-address",
                "name": "The mayor's address", "position_ms": 190_000, "running": false, "stall": stall,
            },
        });
        serde_json::from_value(speech).unwrap()
    }

    #[test]
    fn a_recording_that_stands_still_raises_an_alarm_with_its_position_until_it_goes_on() {
        let room = RoomId::new("climate").unwrap();
        let alarms = |stall| of_recordings(&room, "Climate", &[recorded(&stall)]);
        let since = "2026-11-29T14:13:00Z";
        let tries = alarms(serde_json::json!({ "since": since }));
        let [
            Alarm::RecordingStalled {
                detail,
                failure,
                position_ms,
                ..
            },
        ] = tries.as_slice()
        else {
            unreachable!("{tries:?}");
        };
        assert_eq!((failure, *position_ms), (&None, Millis(190_000)));
        assert_eq!(
            detail,
            "\"Climate\": the recording \"The mayor's address\" has stopped arriving at 3:10; the server still tries."
        );
        let failed =
            alarms(serde_json::json!({ "since": since, "failure": "its file is missing." }));
        let written = serde_json::to_value(&failed).unwrap();
        assert_eq!(written[0]["kind"], "recording_stalled");
        assert_eq!(written[0]["failure"], "its file is missing.");
        assert!(alarms(serde_json::Value::Null).is_empty());
    }
}
