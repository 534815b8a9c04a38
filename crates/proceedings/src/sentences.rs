//! The sentences of the minutes.

use plenary_floor::{Cause, Kind, ListStep, UndoableCommand};
use plenary_ids::{DelegationId, Millis, PersonId};
use plenary_protocol::{Choice, ClockCause, DecisionKind, DecisionState, Verdict};

use crate::{
    ClockChange, EndedBy, PointOfOrder, Postponement, RecordedDecision, RecordedNotice,
    RecordedSpeech, Ruling, SpeechRecording, Time, Undoing,
    markdown::{duration, enumerate, escape},
    minutes::Minutes,
};

impl Minutes<'_> {
    pub(crate) fn list_sentence(&self, what: ListStep, at: &Time, by: Option<&PersonId>) -> String {
        let sentence = match what {
            ListStep::Opened => "The list of speakers was opened",
            ListStep::CloseAnnounced => "The closure of the list of speakers was announced",
            ListStep::Closed => "The list of speakers was closed",
            ListStep::Reopened => "The list of speakers was reopened",
            ListStep::Adjourned => "The meeting was adjourned",
            ListStep::Resumed => "The meeting was resumed",
            ListStep::Replies => "The meeting turned to the rights of reply",
            ListStep::Concluded => "The list of speakers was concluded",
        };
        let by = by.map(|by| format!(" by {}", self.name(by)));
        format!(
            "{sentence} at {}{}.",
            self.clock(at),
            by.unwrap_or_default()
        )
    }

    pub(crate) fn undo_sentences(&self, undoing: &Undoing) -> String {
        let chair = undoing.by.as_ref().map(|by| self.name(by));
        let chair = chair.unwrap_or_else(|| "The chair".to_owned());
        let person = undoing.person.as_deref();
        let person = person.map_or_else(|| "a participant".to_owned(), escape);
        let what = match undoing.command {
            UndoableCommand::Next | UndoableCommand::Grant => format!("the call of {person}"),
            UndoableCommand::Deny => format!("the refusal of {person}'s request"),
            UndoableCommand::Pass => format!("the passing over of {person}"),
            UndoableCommand::Accept => format!("the acceptance of {person}'s request"),
            UndoableCommand::Move => format!("the move of {person} on the list"),
            UndoableCommand::Recall => format!("the recall of {person}"),
            UndoableCommand::Order => "the new order of the list".to_owned(),
            UndoableCommand::Play => format!("the playing of {person}'s recorded address"),
        };
        let mut sentence = format!("{chair} undid {what} at {}", self.clock(&undoing.at));
        if !undoing.resumed.is_empty() {
            let resumed: Vec<String> = undoing.resumed.iter().map(|name| escape(name)).collect();
            let resumed = enumerate(&resumed);
            sentence = format!("{sentence}, and {resumed} spoke on");
        }
        sentence + "."
    }

    pub(crate) fn speech_sentences(&self, speech: &RecordedSpeech) -> String {
        let speaker = speaker(speech.city.as_deref(), &speech.name);
        let from = self.clock(&speech.began);
        if speech.undone {
            return format!(
                "{speaker} was called at {from}; the call was undone, and no speech is counted."
            );
        }
        let until = match &speech.ended {
            Some(ended) => format!("from {from} to {}", self.clock(ended)),
            None => format!("from {from}, still speaking"),
        };
        let mut sentences = vec![format!(
            "{speaker} {} {until}, using {} of the {} allowed.",
            spoke(speech.kind),
            duration(speech.used_ms),
            duration(speech.limit_ms)
        )];
        if let Some(recording) = &speech.recording {
            sentences.push(recording_sentence(recording));
        }
        if speech.extended_ms > Millis(0) {
            let by = duration(speech.extended_ms);
            sentences.push(format!("The speaking time was extended by {by}."));
        }
        let between = speech.parts.iter().zip(speech.parts.iter().skip(1));
        let interruptions: Vec<String> = between
            .filter_map(|(before, after)| {
                let ended = before.ended.as_ref()?;
                if self.record.clock.iter().any(|change| change.was == *ended) {
                    // The clock was moved, and the speech went on.
                    return None;
                }
                let (from, to) = (self.clock(ended), self.clock(&after.began));
                let undone = self.record.undone.iter().any(|it| it.at == after.began);
                let why = match before.why {
                    Some(cause) => interruption(cause),
                    None if undone => "ended by the chair, and undone",
                    None => "pause",
                };
                Some(if from == to {
                    format!("at {from} ({why})")
                } else {
                    format!("from {from} to {to} ({why})")
                })
            })
            .collect();
        if !interruptions.is_empty() {
            sentences.push(format!(
                "The speech was interrupted {}.",
                enumerate(&interruptions)
            ));
        }
        sentences.extend(ending_sentence(speech));
        sentences.join(" ")
    }

    pub(crate) fn point_sentences(&self, point: &PointOfOrder) -> String {
        let speaker = speaker(point.city.as_deref(), &point.name);
        let raised = self.clock(&point.raised);
        let at = point
            .ruled
            .as_ref()
            .map_or_else(String::new, |at| self.clock(at));
        let remark = quoted(point.word.as_deref());
        let ruling = match point.ruling {
            Some(Ruling::Upheld) => format!("The chair upheld it at {at}{remark}."),
            Some(Ruling::Overruled) => format!("The chair overruled it at {at}{remark}."),
            Some(Ruling::Withdrawn) => format!("It was withdrawn at {at}."),
            Some(Ruling::Heard) => format!("It was heard until {at}; no ruling was given."),
            None => "No ruling was given.".to_owned(),
        };
        format!("{speaker} raised a point of order at {raised}. {ruling}")
    }

    pub(crate) fn decision_sentences(&self, decision: &RecordedDecision) -> String {
        let question = escape(&decision.question);
        let opened = self.clock(&decision.opened_at);
        let put = match decision.kind {
            DecisionKind::NoObjection => "was put for adoption without objection",
            DecisionKind::RollCall => "was put to a roll-call vote",
        };
        let mut sentences = vec![format!("“{question}” {put} at {opened}.")];
        let tally = decision.tally;
        let present = present(decision);
        let count = format!(
            "{} in favour, {} against, {} abstaining, {} not voting{}",
            tally.yes,
            tally.no,
            tally.abstain,
            tally.absent,
            present
                .as_deref()
                .map_or_else(String::new, |present| format!("; {present}"))
        );
        sentences.push(match (decision.result, decision.kind) {
            (Some(Verdict::NoQuorum), _) => {
                let present = present.map_or_else(String::new, |present| format!(": {present}"));
                format!("**Nothing was decided, for want of a quorum**{present}.")
            }
            (Some(Verdict::Adopted), DecisionKind::NoObjection) => {
                let present =
                    present.map_or_else(String::new, |present| format!(" There were {present}."));
                format!("**It was adopted without objection.**{present}")
            }
            (Some(Verdict::Adopted), _) => format!("**It was adopted**: {count}."),
            (Some(Verdict::Rejected), _) => format!("**It was rejected**: {count}."),
            (Some(Verdict::Tied), _) => format!("**The vote was tied**: {count}."),
            (Some(Verdict::Objected), _) => {
                let objections = decision.objections.iter().map(|objection| {
                    let city = self.city(&objection.delegation);
                    format!("{city}{}", quoted(objection.reason.as_deref()))
                });
                let objections: Vec<String> = objections.collect();
                let noun = if objections.len() == 1 {
                    "an objection"
                } else {
                    "objections"
                };
                format!(
                    "**It was not adopted**, following {noun} by {}.",
                    enumerate(&objections)
                )
            }
            (None, _) if decision.state == DecisionState::Withdrawn => {
                "It was withdrawn, and no decision was taken.".to_owned()
            }
            (None, _) => "It is still open.".to_owned(),
        });
        for (choice, title) in [
            (Choice::Yes, "In favour"),
            (Choice::No, "Against"),
            (Choice::Abstain, "Abstaining"),
        ] {
            let votes = decision
                .roll
                .iter()
                .filter(|vote| vote.choice == Some(choice));
            let cities: Vec<String> = votes.map(|vote| self.city(&vote.delegation)).collect();
            if !cities.is_empty() {
                sentences.push(format!("{title}: {}.", enumerate(&cities)));
            }
        }
        sentences.join(" ")
    }

    pub(crate) fn notice_sentence(&self, notice: &RecordedNotice) -> String {
        format!(
            "At {} the operators gave notice{} ({}).",
            self.clock(&notice.at),
            quoted(Some(notice.text.as_str())),
            escape(&notice.name)
        )
    }

    pub(crate) fn postponement_sentence(&self, postponement: &Postponement) -> String {
        let how = match postponement.by_minutes {
            Some(1) => "by 1 minute".to_owned(),
            Some(minutes) => format!("by {minutes} minutes"),
            None => "to the end of the agenda".to_owned(),
        };
        format!(
            "At {} the item “{}” was postponed {how}, to {}.",
            self.clock(&postponement.at),
            escape(&postponement.title),
            self.clock(&postponement.due)
        )
    }

    fn city(&self, delegation: &DelegationId) -> String {
        let mut known = self.record.delegations.iter();
        let known = known.find(|it| it.delegation == *delegation);
        escape(known.map_or(delegation.as_str(), |it| it.name.as_str()))
    }
}

/// Says which recording was played, from where to where.
fn recording_sentence(recording: &SpeechRecording) -> String {
    let (from, until) = (recording.from_ms, recording.until_ms);
    let mut sentence = format!(
        "The recording “{}” of {} was played from {} to {}",
        escape(&recording.name),
        duration(recording.duration_ms),
        duration(from),
        duration(until)
    );
    let sought: Vec<String> = recording
        .sought
        .iter()
        .map(|it| format!("from {} to {}", duration(it.from_ms), duration(it.to_ms)))
        .collect();
    if !sought.is_empty() {
        sentence = format!("{sentence}, with the position set {}", enumerate(&sought));
    }
    sentence += ".";
    for failure in &recording.failures {
        sentence = format!("{sentence} It failed: {}.", escape(failure));
    }
    sentence
}

/// Who or what ended a speech, unless the speaker did.
fn ending_sentence(speech: &RecordedSpeech) -> Option<String> {
    let sentence = match speech.ended_by? {
        EndedBy::Speaker => return None,
        EndedBy::RecordingEnded => "The recording was played to its end.",
        EndedBy::RecordingStopped => "The chair stopped the recording.",
        EndedBy::NextCalled => "The speech was ended by the chair calling the next speaker.",
        EndedBy::Replaced => {
            "The speech was ended by the chair giving the floor to another speaker."
        }
        EndedBy::TimeUsedUp => "The speech was ended because its time was used up.",
        EndedBy::Yielded => "The speaker yielded the remaining time.",
        EndedBy::Passed => {
            "The speaker lost the connection and was passed over; the remaining time was kept."
        }
        EndedBy::NotEntitled => {
            "The speech ended because the conference no longer gave this person the floor."
        }
        EndedBy::Withdrawn => {
            let reason = quoted(speech.reason.as_deref());
            return Some(format!("The floor was withdrawn{reason}."));
        }
    };
    Some(sentence.to_owned())
}

/// How many members were present at a decision, if that was recorded, and how many were needed.
fn present(decision: &RecordedDecision) -> Option<String> {
    let present = decision.tally.present?;
    let noun = if present == 1 { "member" } else { "members" };
    Some(match decision.quorum {
        Some(quorum) => format!(
            "{present} of {} members present, and a quorum of {}",
            quorum.members, quorum.needed
        ),
        None => format!("{present} {noun} present"),
    })
}

/// Says from when to when the clock of the record was moved.
pub(crate) fn clock_sentence(change: &ClockChange) -> String {
    let (was, at) = (change.was.zoned(), change.at.zoned());
    let moment = if was.date() == at.date() {
        "%H:%M:%S"
    } else {
        "%-d %b %Y %H:%M:%S"
    };
    let (was, at) = (was.strftime(moment), at.strftime(moment));
    match change.cause {
        ClockCause::Set => format!(
            "The clock of the record was set from {was} to {at}; speaking times are not affected."
        ),
        ClockCause::StoodStill => format!(
            "The server stood still from {was} to {at}; that time is not counted as speaking time."
        ),
    }
}

/// Writes a speaker as `**Tokyo** (Tokyo delegate)`.
fn speaker(city: Option<&str>, name: &str) -> String {
    match city {
        Some(city) => format!("**{}** ({})", escape(city), escape(name)),
        None => format!("**{}**", escape(name)),
    }
}

/// Writes a remark as `: “the remark”`, or nothing if there is none.
fn quoted(remark: Option<&str>) -> String {
    remark.map_or_else(String::new, |remark| {
        format!(": “{}”", escape(remark).trim_end_matches('.'))
    })
}

fn spoke(kind: Kind) -> &'static str {
    match kind {
        Kind::Statement => "made a statement",
        Kind::Response => "responded",
        Kind::Reply => "exercised the right of reply",
        Kind::PointOfOrder => "spoke to the point of order",
        Kind::Motion => "spoke to a motion",
        Kind::Address => "gave a recorded address",
    }
}

fn interruption(cause: Cause) -> &'static str {
    match cause {
        Cause::Chair => "by the chair",
        Cause::ChairPriority => "the chair took the floor",
        Cause::PointOfOrder => "point of order",
        Cause::Stalled => "recording stalled",
        Cause::Disconnected => "connection lost",
        Cause::Adjourned => "meeting adjourned",
        Cause::Overtime => "time expired",
        Cause::Full => "all microphones in use",
    }
}
