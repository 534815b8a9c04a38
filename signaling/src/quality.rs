//! From figures to a word, and to whose side it is.

use plenary_ids::Millis;
use plenary_media::SessionFigures;

/// How a seat is doing.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub struct Quality {
    /// `connected`, `seated` (without media), `connecting` or `away`.
    pub state: &'static str,
    /// `good`, `fair`, `poor` or `lost`.
    pub quality: &'static str,
    /// What is wrong and on whose side; none if nothing is.
    pub cause: Option<String>,
}

/// Loss that is heard, and loss that makes speech hard to follow.
const LOSS: (f64, f64) = (0.02, 0.05);
/// A round trip that is noticed, and one at which people talk over each other; milliseconds.
const ROUND_TRIP: (f64, f64) = (250.0, 500.0);
/// Jitter that buffers hide with effort, and not at all; milliseconds.
const JITTER: (f64, f64) = (30.0, 80.0);

impl Quality {
    /// Of somebody who is seated or away, with the figures of the media session if there is one.
    pub fn of(seated: bool, media: Option<&SessionFigures>) -> Self {
        let plain = |state, quality, cause: Option<&str>| Self {
            state,
            quality,
            cause: cause.map(str::to_owned),
        };
        match (seated, media) {
            (false, _) => plain(
                "away",
                "lost",
                Some("No connection to this seat; its place is kept for a moment."),
            ),
            (true, None) => plain("seated", "fair", Some("Seated without sound and picture.")),
            (true, Some(media)) if !media.connected => plain(
                "connecting",
                "lost",
                Some("The media path is not open: a firewall may block its UDP."),
            ),
            (true, Some(media)) => Self::of_path(media),
        }
    }

    /// The same, of somebody whose recording has stalled at that place of it: worse than anything that a path does.
    pub fn stalled_at(self, name: &str, consumed: Millis) -> Self {
        let seconds = consumed.0 / 1000;
        let at = format!("{}:{:02}", seconds / 60, seconds % 60);
        match self.quality {
            // Nothing is heard at all: that says more.
            "lost" => self,
            _ => Self {
                quality: "poor",
                cause: Some(format!(
                    "The recording of {name} has stalled at {at}: nothing of it arrives."
                )),
                ..self
            },
        }
    }

    fn of_path(media: &SessionFigures) -> Self {
        let findings = [
            grade(media.loss_up, LOSS, || {
                format!("{:.0} % loss on its uplink.", media.loss_up * 100.0)
            }),
            grade(media.loss_down, LOSS, || {
                format!("{:.0} % loss on its downlink.", media.loss_down * 100.0)
            }),
            grade(media.jitter_ms, JITTER, || {
                format!("{:.0} ms of jitter on its uplink.", media.jitter_ms)
            }),
            media
                .rtt_ms
                .and_then(|rtt| grade(rtt, ROUND_TRIP, || format!("A round trip of {rtt:.0} ms."))),
        ];
        let worst = findings
            .into_iter()
            .flatten()
            .max_by_key(|(is_poor, _)| *is_poor);
        let (quality, cause) = match worst {
            None => ("good", None),
            Some((is_poor, cause)) => (if is_poor { "poor" } else { "fair" }, Some(cause)),
        };
        Self {
            state: "connected",
            quality,
            cause,
        }
    }
}

fn grade(
    value: f64,
    (fair, poor): (f64, f64),
    sentence: impl Fn() -> String,
) -> Option<(bool, String)> {
    (value >= fair).then(|| (value >= poor, sentence()))
}

#[cfg(test)]
mod tests {
    use plenary_ids::{PersonId, RoomId};
    use plenary_media::SessionId;

    use super::*;

    fn figures() -> SessionFigures {
        SessionFigures {
            session: SessionId(1),
            room: RoomId::new("climate").unwrap(),
            person: PersonId::new("tokyo-1").unwrap(),
            connected: true,
            path: None,
            rtt_ms: Some(40.0),
            loss_down: 0.0,
            loss_up: 0.0,
            jitter_ms: 3.0,
            bitrate_down: 0,
            bitrate_up: 0,
            estimate: None,
            sources: Vec::new(),
            slots: Vec::new(),
            undecodable: Vec::new(),
        }
    }

    #[test]
    fn a_good_path_has_no_cause() {
        let quality = Quality::of(true, Some(&figures()));
        assert_eq!(
            (quality.state, quality.quality, quality.cause),
            ("connected", "good", None)
        );
    }

    #[test]
    fn the_worst_finding_is_named_with_its_side() {
        let media = SessionFigures {
            loss_up: 0.08,
            rtt_ms: Some(300.0),
            ..figures()
        };
        let quality = Quality::of(true, Some(&media));
        assert_eq!(quality.quality, "poor");
        assert_eq!(quality.cause.as_deref(), Some("8 % loss on its uplink."));
    }

    #[test]
    fn a_recording_that_stalls_is_named_with_the_place_where_it_did() {
        let at = Millis::from_secs(190);
        let quality = Quality::of(true, Some(&figures())).stalled_at("Tokyo delegate", at);
        assert_eq!(quality.quality, "poor");
        let cause = quality.cause.unwrap();
        assert!(
            cause.starts_with("The recording of Tokyo delegate has stalled at 3:10"),
            "{cause}"
        );
        let away = Quality::of(false, None);
        assert_eq!(away.clone().stalled_at("Tokyo delegate", at), away);
    }

    #[test]
    fn who_is_away_is_lost_whatever_the_figures_say() {
        assert_eq!(Quality::of(false, Some(&figures())).quality, "lost");
    }
}
