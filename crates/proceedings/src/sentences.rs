//! The sentences of the minutes.

use plenary_floor::{Cause, Ending, Kind, ListStep};
use plenary_ids::{DelegationId, Millis, PersonId};
use plenary_protocol::{Choice, DecisionKind, DecisionState, Verdict};

use crate::{
    PointOfOrder, RecordedDecision, RecordedSpeech, Ruling, Time,
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

    pub(crate) fn speech_sentences(&self, speech: &RecordedSpeech) -> String {
        let speaker = speaker(speech.city.as_deref(), &speech.name);
        let from = self.clock(&speech.began);
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
        if speech.extended_ms > Millis(0) {
            let by = duration(speech.extended_ms);
            sentences.push(format!("The speaking time was extended by {by}."));
        }
        let between = speech.parts.iter().zip(speech.parts.iter().skip(1));
        let interruptions: Vec<String> = between
            .filter_map(|(before, after)| {
                let ended = before.ended.as_ref()?;
                let (from, to) = (self.clock(ended), self.clock(&after.began));
                let why = before.why.map_or("pause", interruption);
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
        sentences.extend(match speech.how {
            Some(Ending::Revoked) => Some(format!(
                "The floor was withdrawn{}.",
                quoted(speech.reason.as_deref())
            )),
            Some(Ending::Yielded) => Some("The speaker yielded the remaining time.".to_owned()),
            Some(Ending::Passed) => Some(
                "The speaker lost the connection and was passed over; the remaining time was kept."
                    .to_owned(),
            ),
            Some(Ending::Released) | None => None,
        });
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
        let count = format!(
            "{} in favour, {} against, {} abstaining, {} not voting",
            tally.yes, tally.no, tally.abstain, tally.absent
        );
        sentences.push(match (decision.result, decision.kind) {
            (Some(Verdict::Adopted), DecisionKind::NoObjection) => {
                "**It was adopted without objection.**".to_owned()
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

    fn city(&self, delegation: &DelegationId) -> String {
        let mut known = self.record.delegations.iter();
        let known = known.find(|it| it.delegation == *delegation);
        escape(known.map_or(delegation.as_str(), |it| it.name.as_str()))
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
