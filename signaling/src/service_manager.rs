//! What the service manager is told (`sd_notify(3)`): that the server is ready, that it still works, and that it ends.
//!
//! Without a service manager nothing is told to anybody. The manager of Debian, systemd, restarts a server that it does not
//! hear from for the time of `WatchdogSec=`.

use std::time::Duration;

use plenary_media::Media;
use sd_notify::NotifyState;
use tokio::time::{Instant, interval_at, timeout};

/// Signs of life in the time after which the manager gives the server up, so that one may be lost or late.
const SIGNS_PER_TIMEOUT: u32 = 3;

/// Says that every address answers. Where the manager wants signs of life, they begin now.
pub fn ready(addresses: &str, media: Media) {
    let status = format!("Serving {addresses}");
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        tokio::spawn(keep_alive(media, patience));
    }
}

/// Says that the server drains, so that the manager does not take its end for a failure.
pub fn stopping() {
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("Draining: clients reconnect when the server is back"),
    ]);
}

/// Gives signs of life while this runtime runs and every media thread answers. A disk that does not answer is no reason to
/// withhold them: a restart would wait for the same disk, and end the calls besides.
async fn keep_alive(media: Media, patience: Duration) {
    let period = patience / SIGNS_PER_TIMEOUT;
    if period.is_zero() {
        return;
    }
    let mut due = interval_at(Instant::now(), period);
    loop {
        due.tick().await;
        match timeout(patience, media.responds()).await {
            Ok(true) => tell(&[NotifyState::Watchdog]),
            // The process is ending.
            Ok(false) => return,
            Err(_) => tracing::error!(
                ?patience,
                "a media thread does not answer; the service manager gets no sign of life"
            ),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
