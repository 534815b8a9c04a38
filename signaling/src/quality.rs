//! Grades a media path from its figures, and names the side that causes the trouble.

use plenary_ids::Millis;
use plenary_media::SessionFigures;

/// The state and quality of a seat.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct Quality {
    /// `connected`, `seated` (without media), `connecting` or `away`.
    pub state: &'static str,
    /// `good`, `fair`, `poor` or `lost`.
    pub quality: &'static str,
    /// The trouble and its side; none if there is none.
    pub cause: Option<String>,
}

/// Packet loss that is audible, and packet loss that makes speech hard to follow.
const FAIR_AND_POOR_LOSS: (f64, f64) = (0.02, 0.05);
/// A round trip that people notice, and one at which they talk over each other; milliseconds.
const FAIR_AND_POOR_RTT_MS: (f64, f64) = (250.0, 500.0);
/// Jitter that a jitter buffer barely hides, and jitter that it cannot hide; milliseconds.
const FAIR_AND_POOR_JITTER_MS: (f64, f64) = (30.0, 80.0);

impl Quality {
    /// The quality of a participant who is seated or away, from the figures of the media session if there is one.
    pub fn of_seat(seated: bool, media: Option<&SessionFigures>) -> Self {
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

    /// The same while the participant's recording stalls at `consumed`, which is worse than any trouble of a path.
    pub fn stalled_at(self, name: &str, consumed: Millis) -> Self {
        let seconds = consumed.0 / 1000;
        let at = format!("{}:{:02}", seconds / 60, seconds % 60);
        match self.quality {
            // Without a connection the recording does not matter.
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
            grade(media.loss_up, FAIR_AND_POOR_LOSS, || {
                format!("{:.0} % loss on its uplink.", media.loss_up * 100.0)
            }),
            grade(media.loss_down, FAIR_AND_POOR_LOSS, || {
                format!("{:.0} % loss on its downlink.", media.loss_down * 100.0)
            }),
            grade(media.jitter_ms, FAIR_AND_POOR_JITTER_MS, || {
                format!("{:.0} ms of jitter on its uplink.", media.jitter_ms)
            }),
            media.rtt_ms.and_then(|rtt| {
                grade(rtt, FAIR_AND_POOR_RTT_MS, || {
                    format!("A round trip of {rtt:.0} ms.")
                })
            }),
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
        let quality = Quality::of_seat(true, Some(&figures()));
        assert_eq!(
            (quality.state, quality.quality, quality.cause),
            ("connected", "good", None)
        );
    }

    #[test]
    fn the_worst_trouble_is_named_with_its_side() {
        let media = SessionFigures {
            loss_up: 0.08,
            rtt_ms: Some(300.0),
            ..figures()
        };
        let quality = Quality::of_seat(true, Some(&media));
        assert_eq!(quality.quality, "poor");
        assert_eq!(quality.cause.as_deref(), Some("8 % loss on its uplink."));
    }

    #[test]
    fn a_stalled_recording_is_named_with_its_position() {
        let at = Millis::from_secs(190);
        let quality = Quality::of_seat(true, Some(&figures())).stalled_at("Tokyo delegate", at);
        assert_eq!(quality.quality, "poor");
        let cause = quality.cause.unwrap();
        assert!(
            cause.starts_with("The recording of Tokyo delegate has stalled at 3:10"),
            "{cause}"
        );
        let away = Quality::of_seat(false, None);
        assert_eq!(away.clone().stalled_at("Tokyo delegate", at), away);
    }

    #[test]
    fn a_participant_who_is_away_is_lost_whatever_the_figures_say() {
        assert_eq!(Quality::of_seat(false, Some(&figures())).quality, "lost");
    }
}
