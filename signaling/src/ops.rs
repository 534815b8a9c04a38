//! What operators' machines ask, on an address of its own and without a token: health and metrics.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use futures_util::future::join_all;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use plenary_ids::Millis;
use plenary_room::RoomHandle;
use tokio::time::timeout;

use crate::{alarms::interrupted, machine::DiskState, state::App};

/// The routes of the ops address.
pub fn router(app: Arc<App>) -> Router {
    let handle = recorder();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .route(
            "/metrics",
            get(move |State(app): State<Arc<App>>| async move {
                gauge("plenary_recordings_stalled", stalled(&app).await);
                metrics(&app, &handle)
            }),
        )
        .with_state(app)
}

/// A commit that takes longer keeps commands waiting for longer than people wait.
const SLOW: Millis = Millis::from_secs(5);

/// Ready is who takes newcomers and commands; a server that drains does not, nor one whose disk does not.
async fn readiness(State(app): State<Arc<App>>) -> (StatusCode, String) {
    let disk = app.server_health().disk;
    let (status, words) = match (disk.state, disk.trouble) {
        _ if app.is_draining() => (StatusCode::SERVICE_UNAVAILABLE, "draining".to_owned()),
        (DiskState::Low, Some(why)) => (StatusCode::OK, format!("ready, but {why}")),
        (DiskState::Slow, Some(why)) if disk.committing_ms <= SLOW => {
            (StatusCode::OK, format!("ready, but {why}"))
        }
        (_, Some(why)) => (StatusCode::SERVICE_UNAVAILABLE, why),
        (_, None) => (StatusCode::OK, "ready".to_owned()),
    };
    (status, format!("{words}\n"))
}

/// How long a room may take to say how it is.
const PATIENCE: Duration = Duration::from_millis(300);

/// How many recordings have stalled, in all rooms that answer.
async fn stalled(app: &App) -> u64 {
    let rooms = app.rooms.iter().map(|room| room.value().clone());
    // Nothing is locked while a room is waited for.
    let rooms: Vec<RoomHandle> = rooms.collect();
    let all = rooms.iter().map(|room| timeout(PATIENCE, room.stalled()));
    let all = join_all(all).await;
    all.iter().flatten().sum()
}

/// What others count, such as the media threads, is fetched when it is asked for.
fn metrics(app: &App, handle: &PrometheusHandle) -> String {
    let media = app.media.counters();
    for (name, value) in [
        (
            "plenary_media_packets_received_total",
            media.packets_received,
        ),
        (
            "plenary_media_packets_forwarded_total",
            media.packets_forwarded,
        ),
        ("plenary_media_packets_gated_total", media.packets_gated),
        (
            "plenary_media_ungranted_packets_forwarded_total",
            media.ungranted_packets_forwarded,
        ),
        (
            "plenary_media_packets_retransmitted_total",
            media.packets_retransmitted,
        ),
        (
            "plenary_media_keyframes_requested_total",
            media.keyframes_requested,
        ),
        (
            "plenary_media_sources_not_decodable_total",
            media.sources_not_decodable,
        ),
        (
            "plenary_media_datagrams_refused_total",
            media.datagrams_refused,
        ),
    ] {
        counter!(name).absolute(value);
    }
    gauge("plenary_media_sessions", media.sessions);
    gauge("plenary_signaling_sessions", app.sessions.len() as u64);
    gauge("plenary_rooms", app.rooms.len() as u64);
    let rooms = app.rooms.iter();
    let interrupted = rooms.map(|room| interrupted(&room.channels()).count() as u64);
    gauge("plenary_channels_interrupted", interrupted.sum());
    let disk = app.journal.health();
    gauge!("plenary_journal_lag_seconds").set(disk.commit_elapsed.as_secs_f64());
    gauge("plenary_journal_waiting", disk.pending_appends);
    gauge("plenary_journal_failing", u64::from(disk.fault.is_some()));
    gauge("plenary_journal_slow", u64::from(disk.slow.is_some()));
    if let Some(space) = *app.space.borrow() {
        gauge("plenary_data_free_bytes", space.free);
    }
    handle.run_upkeep();
    handle.render()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and no count comes near 2^52"
)]
fn gauge(name: &'static str, value: u64) {
    gauge!(name).set(value as f64);
}

/// One recorder a process: a second server in it, as in tests, shares the first one's.
fn recorder() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is installed; ours stays empty");
            }
            handle
        })
        .clone()
}
