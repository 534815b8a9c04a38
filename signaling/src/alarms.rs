//! Alarms: the troubles that an operator should act on now, each with a first remedy.

use plenary_ids::{Language, Moment, PersonId, RoomId};
use plenary_journal::LostWal;
use plenary_protocol::{Channel, ChannelState, Participant, Presence, RecordFault};
use plenary_room::RecordingStatus;
use schemars::JsonSchema;
use serde::Serialize;

/// A trouble in a room that persists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Alarm {
    pub kind: AlarmKind,
    pub room: RoomId,
    /// The channel in trouble.
    pub language: Language,
    /// The interpreter who has the channel, or who lost it.
    pub interpreter: PersonId,
    /// Why the interpreter is not heard.
    pub cause: AlarmCause,
    /// When the trouble began.
    #[serde(with = "plenary_protocol::rfc3339::optional")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Moment>,
    /// The trouble in a sentence that names room, language and interpreter.
    pub detail: String,
    /// The first remedy to try.
    #[serde(rename = "try")]
    pub first: String,
}

/// The kind of trouble that an alarm reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// A language passes the floor's sound through, because its interpreter is not heard.
    ChannelInterrupted,
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
        let (why, first) = match fault {
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

/// The alarms of a room.
pub fn of_room(
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
        Some(Alarm {
            kind: AlarmKind::ChannelInterrupted,
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
        of_room(
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
        assert_eq!(alarms.len(), 1);
        assert_eq!(
            alarms[0].detail,
            "\"Climate\": the channel ja passes the floor's sound through, because Kenji has lost the connection."
        );
        assert!(alarms[0].first.contains("partner"));
    }

    #[test]
    fn the_cause_is_absence_loss_muting_or_a_missing_path() {
        let cause = |channel: Channel, people: &[Participant]| alarms(&channel, people)[0].cause;
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
}
