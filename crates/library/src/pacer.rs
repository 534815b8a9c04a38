//! When each frame is sent: a clock of the recording that runs, stands still and waits, without any I/O.
//!
//! The clock runs while the recording plays and there is something to send. Where nothing could be read in time it waits,
//! so that nothing is skipped; after half a second of that the room is told, and the clock goes on once a second of the
//! recording is there. A frame is sent when the clock has reached it, or at once if it comes before the position at which
//! playing began: it is then only there so that the pictures after it can be decoded.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use plenary_scene::PlaybackReport;

use crate::Frame;

/// How often frames are sent.
const GRAIN: Duration = Duration::from_millis(20);
/// The most of the recording that is sent at once, after the thread was late.
const MAX_BURST: Duration = Duration::from_millis(100);
/// A thread that was late by more does not catch up: the clock of the recording has stood still.
const MAX_CATCH_UP: Duration = Duration::from_millis(500);
/// After so long without anything to send the room is told.
const STALL_AFTER: Duration = Duration::from_millis(500);
/// What has to be there before it goes on after a stall, so that it does not stall again at once.
const RESUME_WITH: Duration = Duration::from_secs(1);
/// As much as that is enough too: the reader reads no further.
const RESUME_WITH_BYTES: usize = 8 << 20;

/// A frame whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paced {
    /// The frame, with its time in the recording.
    pub frame: Frame,
    /// Whether it is before the position at which playing began, and is needed only to decode what follows.
    pub catch_up: bool,
}

/// What to send and to report now, and when to ask again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Frames to send, in the order of their times.
    pub frames: Vec<Paced>,
    /// Something to tell the room.
    pub report: Option<PlaybackReport>,
    /// When to ask again, unless something happens before; none if nothing will by itself.
    pub wake: Option<Instant>,
}

/// The end of what can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Whole,
    Failed(String),
}

/// The clock of one recording, from one position on.
#[derive(Debug)]
pub struct Pacer {
    from: Duration,
    running: bool,
    /// Where the clock stood at `since`.
    position: Duration,
    /// Since when it runs; none while it stands still.
    since: Option<Instant>,
    /// Up to where frames were sent, by the clock.
    sent_until: Duration,
    last_frame: Duration,
    queue: VecDeque<Frame>,
    queued_bytes: usize,
    end: Option<End>,
    is_over: bool,
    /// Since when it plays and has nothing to send.
    starved: Option<Instant>,
    is_stalled: bool,
}

impl Pacer {
    /// Begins at a position, standing still.
    pub fn new(from: Duration) -> Self {
        Self {
            from,
            running: false,
            position: from,
            since: None,
            sent_until: from,
            last_frame: from,
            queue: VecDeque::new(),
            queued_bytes: 0,
            end: None,
            is_over: false,
            starved: None,
            is_stalled: false,
        }
    }

    /// Plays, or stands still where it is.
    pub fn run(&mut self, running: bool, now: Instant) {
        if self.running == running {
            return;
        }
        self.stop_clock(now);
        self.running = running;
        self.starved = None;
        // A stall is over for the room when it pauses; the next one is told anew.
        self.is_stalled = false;
    }

    /// The next frame that was read.
    pub fn push(&mut self, frame: Frame) {
        self.queued_bytes += frame.memory();
        self.queue.push_back(frame);
    }

    /// The memory of what waits to be sent.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Nothing more can be read: the file has ended.
    pub fn finish(&mut self) {
        self.end.get_or_insert(End::Whole);
    }

    /// Nothing more can be read, for that reason.
    pub fn fail(&mut self, reason: String) {
        self.end.get_or_insert(End::Failed(reason));
    }

    /// Where the clock of the recording stands.
    pub fn position(&self, now: Instant) -> Duration {
        let ran = self.since.map(|since| now.saturating_duration_since(since));
        self.position + ran.unwrap_or_default()
    }

    /// What is to be done now, and when to ask again.
    pub fn poll(&mut self, now: Instant) -> Step {
        let mut step = Step::default();
        if self.is_over {
            return step;
        }
        // What leads to the position is sent even before it plays, so that the picture of the position is there.
        let from = self.from;
        while let Some(frame) = self.pop_if(|it| it.at < from) {
            step.frames.push(Paced {
                frame,
                catch_up: true,
            });
        }
        if !self.running {
            return step;
        }
        if self.queue.is_empty() {
            self.nothing_left(now, &mut step);
            return step;
        }
        self.starved = None;
        if self.is_stalled {
            if !self.has_enough() {
                return step;
            }
            self.is_stalled = false;
            step.report = Some(PlaybackReport::Resumed);
        }
        if self.since.is_none() {
            self.since = Some(now);
        }
        self.slip(now);
        let due = self.position(now).min(self.sent_until + MAX_BURST);
        self.sent_until = due;
        while let Some(frame) = self.pop_if(|it| it.at <= due) {
            self.last_frame = frame.at;
            step.frames.push(Paced {
                frame,
                catch_up: false,
            });
        }
        step.wake = Some(now + GRAIN);
        if self.queue.is_empty() {
            self.nothing_left(now, &mut step);
        }
        step
    }

    fn pop_if(&mut self, is_due: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let frame = self.queue.pop_front_if(|it| is_due(it))?;
        self.queued_bytes = self.queued_bytes.saturating_sub(frame.memory());
        Some(frame)
    }

    /// Nothing is there to be sent: it has ended, or the clock waits.
    fn nothing_left(&mut self, now: Instant, step: &mut Step) {
        if let Some(end) = &self.end {
            let at = self.last_frame;
            step.report = Some(match end {
                End::Whole => PlaybackReport::Ended { at },
                End::Failed(reason) => PlaybackReport::Failed {
                    at,
                    reason: reason.clone(),
                },
            });
            step.wake = None;
            self.is_over = true;
            self.stop_clock(now);
            return;
        }
        self.stop_clock(now);
        let since = *self.starved.get_or_insert(now);
        if self.is_stalled {
            step.wake = None;
        } else if now.saturating_duration_since(since) >= STALL_AFTER {
            self.is_stalled = true;
            step.report = Some(PlaybackReport::Stalled { at: self.position });
            step.wake = None;
        } else {
            step.wake = Some(since + STALL_AFTER);
        }
    }

    /// Whether it can go on after a stall.
    fn has_enough(&self) -> bool {
        // From the clock on, because a pause in the recording is there to be played too.
        let held = self.queue.back();
        let held = held.map(|last| last.at.saturating_sub(self.position));
        self.end.is_some()
            || self.queued_bytes >= RESUME_WITH_BYTES
            || held.is_some_and(|held| held >= RESUME_WITH)
    }

    /// The clock never runs far ahead of what was sent.
    fn slip(&mut self, now: Instant) {
        if self.position(now).saturating_sub(self.sent_until) > MAX_CATCH_UP {
            self.position = self.sent_until + GRAIN;
            self.since = Some(now);
        }
    }

    fn stop_clock(&mut self, now: Instant) {
        self.slip(now);
        self.position = self.position(now);
        self.since = None;
    }
}

#[cfg(test)]
mod tests;
