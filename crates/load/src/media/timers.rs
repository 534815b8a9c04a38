//! What is due when, for all participants of a thread.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

/// What a participant does at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    Check,
    Handshake,
    Feedback,
    Report,
    Sound,
    Picture,
    /// A datagram comes out of the impaired network, from the server.
    Arrive,
    /// A datagram comes out of the impaired network, towards the server.
    Depart,
}

/// A timer of that participant is due.
type Due = (Instant, usize, Timer);

/// All timers. Those of participants who have left are still there, and find nobody.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<Due>>,
    /// When the timer that is handled now was due.
    current: Option<Instant>,
}

impl Timers {
    pub fn set(&mut self, at: Instant, id: usize, timer: Timer) {
        self.heap.push(Reverse((at, id, timer)));
    }

    /// Sets the timer that is handled now again, so that a late turn does not make the next one later.
    pub fn again(&mut self, interval: Duration, id: usize, timer: Timer) {
        let from = self.current.unwrap_or_else(Instant::now);
        self.set(from + interval, id, timer);
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }

    /// The next one that is due.
    pub fn pop(&mut self, now: Instant) -> Option<(usize, Timer)> {
        let due = self
            .heap
            .peek()
            .is_some_and(|Reverse((at, _, _))| *at <= now);
        let Reverse((at, id, timer)) = due.then(|| self.heap.pop()).flatten()?;
        self.current = Some(at);
        Some((id, timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_the_order_of_their_time_and_a_late_turn_does_not_shift_the_next() {
        let start = Instant::now();
        let millis = Duration::from_millis;
        let mut timers = Timers::default();
        timers.set(start + millis(20), 2, Timer::Check);
        timers.set(start + millis(10), 1, Timer::Sound);
        assert_eq!(timers.pop(start), None);
        assert_eq!(timers.pop(start + millis(15)), Some((1, Timer::Sound)));
        timers.again(millis(20), 1, Timer::Sound);
        assert_eq!(timers.pop(start + millis(25)), Some((2, Timer::Check)));
        assert_eq!(timers.next(), Some(start + millis(30)));
    }
}
