//! Termination by SIGTERM or Ctrl-C.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long after a signal the process exits at the latest, whatever the disk or the network does. The promise is five
/// seconds; what is left of them is for a machine that is busy.
pub(crate) const FORCED_EXIT_TIMEOUT: Duration = Duration::from_millis(3500);

/// Makes the process exit after [`FORCED_EXIT_TIMEOUT`]. A command that is unfinished then was confirmed to nobody.
pub fn force_exit_later() {
    std::thread::spawn(|| {
        std::thread::sleep(FORCED_EXIT_TIMEOUT);
        tracing::error!("the server did not shut down in time; the process exits without it");
        std::process::exit(0);
    });
}

/// Completes at the first signal. Signals count from the call on, not from the first poll: a script that has read the
/// ready line may send one at once. On a system without signals it never completes.
pub fn requested() -> impl Future<Output = ()> {
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
