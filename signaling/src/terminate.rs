//! When to end: SIGTERM, or Ctrl-C.

use tokio::signal::unix::{SignalKind, signal};

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
