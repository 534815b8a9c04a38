//! When to end: SIGTERM, or Ctrl-C.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// However the disk or the network does, the end comes this soon after it was asked for.
const PATIENCE: Duration = Duration::from_millis(4800);

/// From now on the process ends by itself when its patience is over. Whatever is under way by then was acknowledged to
/// nobody.
pub fn before_long() {
    std::thread::spawn(|| {
        std::thread::sleep(PATIENCE);
        tracing::error!("something does not end; the process ends without it");
        std::process::exit(0);
    });
}

/// Ready once the end is asked for. Signals count from the call on, not from the first poll: whoever has read that the
/// server is ready may end it at once. Without signals, which no Unix is, it never is.
pub fn asked_for() -> impl Future<Output = ()> {
    let [terminated, interrupted] =
        [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| {
            signal(kind)
                .inspect_err(|error| tracing::error!(%error, "signals cannot be received"))
                .ok()
        });
    async move {
        tokio::select! {
            () = received(terminated) => {}
            () = received(interrupted) => {}
        }
        tracing::info!("draining");
    }
}

async fn received(signal: Option<Signal>) {
    match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
