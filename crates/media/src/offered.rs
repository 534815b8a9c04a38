//! Offers before anything is done for them: whether they can be answered, and what they ask for.

use plenary_transport::sdp::{Direction, Limits, Offer, SdpError};

use crate::api::JoinError;

/// How many lines of an offer that can be served have each direction, as seen by the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfferedLines {
    /// Lines on which the client only sends.
    pub sends: usize,
    /// Lines on which it only receives.
    pub receives: usize,
    /// Lines on which it would do both.
    pub both: usize,
    /// Lines on which nothing flows.
    pub inactive: usize,
}

/// Whether an offer can be answered.
pub fn check_offer(offer: &str) -> Result<(), JoinError> {
    parse(offer).map(drop)
}

/// The directions of an offer's lines, if it can be answered.
pub fn offered_lines(offer: &str) -> Result<OfferedLines, JoinError> {
    let mut lines = OfferedLines::default();
    for line in parse(offer)?.lines() {
        *match line.direction {
            Direction::SendOnly => &mut lines.sends,
            Direction::RecvOnly => &mut lines.receives,
            Direction::SendRecv => &mut lines.both,
            Direction::Inactive => &mut lines.inactive,
        } += 1;
    }
    Ok(lines)
}

pub(crate) fn parse(offer: &str) -> Result<Offer, JoinError> {
    Offer::parse(offer, &Limits::default()).map_err(|error| match error {
        SdpError::NoUsableLine(_) => JoinError::Unusable(error.to_string()),
        other => JoinError::Offer(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROMIUM: &str = include_str!("../../transport/tests/offers/chromium.sdp");
    const DATA: &str = include_str!("../../transport/tests/offers/datachannel-only.sdp");

    #[test]
    fn the_directions_of_an_offer_are_counted() {
        let both = CHROMIUM.replace("a=sendonly", "a=sendrecv");
        let (ours, theirs) = (
            offered_lines(CHROMIUM).unwrap(),
            offered_lines(&both).unwrap(),
        );
        assert!(ours.sends > 0 && ours.receives > 0, "{ours:?}");
        assert_eq!((theirs.sends, theirs.both), (0, ours.sends));
        assert_eq!(theirs.receives, ours.receives);
    }

    #[test]
    fn an_offer_without_a_line_that_can_be_served_is_told_from_nonsense() {
        assert!(matches!(offered_lines(DATA), Err(JoinError::Unusable(_))));
        assert!(matches!(offered_lines("v=0"), Err(JoinError::Offer(_))));
    }
}
