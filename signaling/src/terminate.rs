//! When to end: SIGTERM, or Ctrl-C.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

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

/// Ready once the end is asked for. Without signals, which no Unix is, it never is.
pub async fn asked_for() {
    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::error!(%error, "signals cannot be received");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
    tracing::info!("draining");
}
