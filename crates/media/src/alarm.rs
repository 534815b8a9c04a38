//! A timer that is true to the microsecond, for what may wait a millisecond: the runtime's own timers round up to the next
//! one.

use std::{
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    io::read,
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};
use tokio::io::unix::AsyncFd;

/// What stops a timer.
const NEVER: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// A timer that is set to one instant at a time.
#[derive(Debug)]
pub(crate) struct Alarm {
    timer: AsyncFd<OwnedFd>,
    set: Option<Instant>,
}

impl Alarm {
    /// An alarm that is not set. It needs a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its successor needs `unsafe`; the descriptor is owned, which is what matters"
        )]
        let timer = AsyncFd::new(timer)?;
        Ok(Self { timer, set: None })
    }

    /// Sets it to an instant, or to none. Setting it to what it is set to costs nothing.
    pub(crate) fn set(&mut self, at: Option<Instant>, now: Instant) -> io::Result<()> {
        if self.set == at {
            return Ok(());
        }
        // A zero would stop the timer.
        let until = |at: Instant| {
            at.saturating_duration_since(now)
                .max(Duration::from_nanos(1))
        };
        let wait = at.map_or(Duration::ZERO, until);
        let wait = Timespec::try_from(wait).unwrap_or(NEVER);
        let once = Itimerspec {
            it_interval: NEVER,
            it_value: wait,
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        self.set = at;
        Ok(())
    }

    /// Returns when it goes off; never, if it is not set. It is not set any more then.
    pub(crate) async fn rings(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.timer.readable().await?;
            let mut count = [0; 8];
            match read(&self.timer, &mut count) {
                Ok(_) => {
                    self.set = None;
                    return Ok(());
                }
                // It was set anew after it had gone off.
                Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn it_goes_off_once_for_each_time_that_it_is_set() {
        let mut alarm = Alarm::new().unwrap();
        for _ in 0..3 {
            let now = Instant::now();
            alarm
                .set(Some(now + Duration::from_micros(300)), now)
                .unwrap();
            timeout(LONG, alarm.rings()).await.unwrap().unwrap();
            assert!(Instant::now() >= now + Duration::from_micros(300));
        }
        let again = timeout(Duration::from_millis(20), alarm.rings()).await;
        assert!(again.is_err(), "it is not set any more");
    }

    #[tokio::test]
    async fn an_instant_that_has_passed_goes_off_at_once_and_one_that_is_taken_back_never() {
        let mut alarm = Alarm::new().unwrap();
        let now = Instant::now();
        alarm.set(Some(now), now + LONG).unwrap();
        timeout(LONG, alarm.rings()).await.unwrap().unwrap();
        alarm.set(Some(now), now).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        alarm.set(None, now).unwrap();
        let rang = timeout(Duration::from_millis(20), alarm.rings()).await;
        assert!(rang.is_err());
    }
}
