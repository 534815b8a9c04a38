//! When a certificate is renewed, when a failure is tried again, and what an operator is told meanwhile.

use std::time::Duration;

use plenary_ids::{Millis, Moment, rfc3339};

use super::AcmeError;
use crate::alarms::{ServerAlarm, ServerAlarmKind};

/// A certificate is renewed when this part of its life is left: 30 days of 90. So there are weeks to mend what fails.
const PART_LEFT: u64 = 3;

/// How an ACME server looks at a failed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It knows nothing of it: it was not reached, or did not answer.
    Free,
    /// It counts it. Let's Encrypt refuses a name for an hour after five.
    Counted,
}

/// How long the certificate of that life is still good enough; none if a new one is due.
pub fn remaining_wait(validity: Option<(Moment, Moment)>, now: Moment) -> Option<Duration> {
    let (begins, ends) = validity?;
    let life = ends.since(begins).0;
    let renewal = ends.0.saturating_sub(life / PART_LEFT);
    let wait = renewal.saturating_sub(now.0);
    (wait > 0).then(|| Duration::from_millis(wait))
}

/// How long to wait after that many failures in a row. Of the counted ones fewer than five come in an hour.
pub fn retry_delay(failures: u32, last: Failure) -> Millis {
    let (first, longest) = match last {
        Failure::Free => (Millis::from_secs(2), Millis::from_secs(600)),
        Failure::Counted => (Millis::from_secs(600), Millis::from_secs(6 * 3600)),
    };
    let doubled = 1_u64.checked_shl(failures.saturating_sub(1));
    let delay = first.0.saturating_mul(doubled.unwrap_or(u64::MAX));
    Millis(delay.min(longest.0))
}

/// What an operator is told after a failure: what it means for those who open the pages, and when it is tried again.
pub fn alarm(
    error: &AcmeError,
    validity: Option<(Moment, Moment)>,
    now: Moment,
    next: Moment,
) -> ServerAlarm {
    let state = match validity {
        Some((_, ends)) if ends > now => format!(
            "No new certificate of https could be had; the present one is valid until {}",
            rfc3339::text(ends)
        ),
        Some((_, ends)) => format!(
            "No new certificate of https could be had, and the present one has expired on {}",
            rfc3339::text(ends)
        ),
        None => "There is no certificate of https yet, so no browser can open the pages".to_owned(),
    };
    ServerAlarm {
        kind: ServerAlarmKind::CertificateNotIssued,
        detail: format!(
            "{state}: {error}. The server tries again at {}.",
            rfc3339::text(next)
        ),
        first: "Mend what the sentence names: the name in DNS, port 443, or the way to the ACME server. The server tries again by itself; a restart tries at once.",
    }
}

/// What an operator is told of a certificate that is in use and could not be written to the disk.
pub fn alarm_of_unkept(error: &AcmeError) -> ServerAlarm {
    ServerAlarm {
        kind: ServerAlarmKind::CertificateNotIssued,
        detail: format!(
            "The new certificate of https is in use, but could not be kept: {error}. The next start has to order another one."
        ),
        first: "Mend the disk or the permissions of the data folder, then restart the server when nobody meets.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;
    const LIFE: (Moment, Moment) = (Moment(0), Moment(90 * DAY));

    fn on_day(day: u64) -> Moment {
        Moment(day * DAY)
    }

    #[test]
    fn a_certificate_is_renewed_when_a_third_of_its_life_is_left() {
        let wait = |now| remaining_wait(Some(LIFE), now);
        assert_eq!(wait(on_day(0)), Some(Duration::from_millis(60 * DAY)));
        assert_eq!(wait(on_day(59)), Some(Duration::from_millis(DAY)));
        assert_eq!(wait(Moment(60 * DAY - 1)), Some(Duration::from_millis(1)));
        for due in [60, 61, 90, 400] {
            assert_eq!(wait(on_day(due)), None, "{due}");
        }
    }

    #[test]
    fn without_a_certificate_one_is_due_at_once_and_a_broken_life_does_not_panic() {
        assert_eq!(remaining_wait(None, on_day(1)), None);
        let turned = Some((on_day(2), on_day(1)));
        assert_eq!(remaining_wait(turned, on_day(1)), None);
        assert_eq!(
            remaining_wait(Some((Moment(0), Moment(0))), Moment(0)),
            None
        );
    }

    #[test]
    fn failures_are_tried_again_at_growing_distances_and_counted_ones_stay_below_the_limit() {
        for failure in [Failure::Free, Failure::Counted] {
            let delays: Vec<u64> = (1..100).map(|it| retry_delay(it, failure).0).collect();
            assert!(delays.is_sorted(), "{delays:?}");
        }
        assert_eq!(retry_delay(1, Failure::Free), Millis::from_secs(2));
        assert_eq!(retry_delay(u32::MAX, Failure::Free), Millis::from_secs(600));
        let mut at = 0;
        let in_first_hour = (1..100)
            .map(|failures| {
                at += retry_delay(failures, Failure::Counted).0;
                at
            })
            .take_while(|at| *at <= 3_600_000)
            .count();
        assert!(in_first_hour + 1 < 5, "{in_first_hour}");
    }

    #[test]
    fn an_alarm_says_whether_browsers_are_refused_why_and_when_it_is_tried_again() {
        let error = AcmeError::Late;
        let detail = |validity, now| alarm(&error, validity, now, on_day(100)).detail;
        assert_eq!(
            detail(Some(LIFE), on_day(60)),
            "No new certificate of https could be had; the present one is valid until 1970-04-01T00:00:00.000Z: \
             the ACME server has not decided in time. The server tries again at 1970-04-11T00:00:00.000Z."
        );
        let expired = detail(Some(LIFE), on_day(90));
        assert!(expired.contains("has expired on 1970-04-01"), "{expired}");
        let none = detail(None, on_day(0));
        assert!(none.contains("no browser can open the pages"), "{none}");
    }
}
