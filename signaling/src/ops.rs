//! Health and metrics for operators' machines, on an address of its own and without a token.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use futures_util::future::join_all;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use plenary_ids::Millis;
use plenary_media::CountersSnapshot;
use plenary_room::RoomHandle;
use rustix::time::{ClockId, clock_gettime};
use tokio::time::timeout;

use crate::{
    alarms::interrupted,
    descriptors,
    machine::{DiskState, ServerHealth},
    state::App,
};

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

/// Commands wait for a commit; people do not wait longer than this for a command.
const MAX_COMMIT_TIME: Millis = Millis::from_secs(5);

/// A server is ready if it takes connections and commands; one that drains does not, nor one whose disk fails.
async fn readiness(State(app): State<Arc<App>>) -> (StatusCode, String) {
    let ServerHealth { disk, alarms, .. } = app.server_health();
    let (status, text) = match (disk.state, disk.trouble) {
        _ if app.is_draining() => (StatusCode::SERVICE_UNAVAILABLE, "draining".to_owned()),
        (DiskState::Low, Some(why)) => (StatusCode::OK, format!("ready, but {why}")),
        (DiskState::Slow, Some(why)) if disk.committing_ms <= MAX_COMMIT_TIME => {
            (StatusCode::OK, format!("ready, but {why}"))
        }
        (_, Some(why)) => (StatusCode::SERVICE_UNAVAILABLE, why),
        (_, None) => match alarms.first() {
            Some(alarm) => (StatusCode::OK, format!("ready, but {}", alarm.detail)),
            None => (StatusCode::OK, "ready".to_owned()),
        },
    };
    (status, format!("{text}\n"))
}

/// How long a room may take to report its stalled recordings.
const ROOM_REPORT_TIMEOUT: Duration = Duration::from_millis(300);

/// The number of stalled recordings in all rooms that answer in time.
async fn stalled(app: &App) -> u64 {
    let rooms = app.rooms.iter().map(|room| room.value().clone());
    // Collected first: the map is not locked while a room is awaited.
    let rooms: Vec<RoomHandle> = rooms.collect();
    let reports = rooms
        .iter()
        .map(|room| timeout(ROOM_REPORT_TIMEOUT, room.stalled()));
    let reports = join_all(reports).await;
    reports.iter().flatten().sum()
}

/// The counters of the media plane, which its threads keep.
fn media_metrics(media: &CountersSnapshot) {
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
            "plenary_media_ungranted_packets_recorded_total",
            media.ungranted_packets_recorded,
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
        ("plenary_media_indices_refused_total", media.indices_refused),
        (
            "plenary_media_handed_over_dropped_total",
            media.handed_over_dropped,
        ),
        ("plenary_media_frames_dropped_total", media.frames_dropped),
        ("plenary_media_packets_fenced_total", media.packets_fenced),
        ("plenary_media_joins_refused_total", media.joins_refused),
        (
            "plenary_media_handshakes_failed_total",
            media.handshakes_failed,
        ),
    ] {
        counter!(name).absolute(value);
    }
    for path in &media.paths {
        for (name, value) in [
            ("plenary_media_path_packets_in_total", path.packets_in),
            ("plenary_media_path_bytes_in_total", path.bytes_in),
            ("plenary_media_path_packets_out_total", path.packets_out),
            ("plenary_media_path_bytes_out_total", path.bytes_out),
        ] {
            counter!(name, "path" => path.kind).absolute(value);
        }
    }
    counter!("plenary_media_packets_late_total").absolute(media.packets_late);
    gauge("plenary_media_streams", media.streams);
    gauge("plenary_media_sessions", media.sessions);
    gauge("plenary_media_busy_millis", media.busy_millis);
    gauge("plenary_media_degradation", media.degradation);
}

/// Counters that other threads keep, such as those of the media plane, are read at each scrape.
fn metrics(app: &App, handle: &PrometheusHandle) -> String {
    media_metrics(&app.media.counters());
    gauge("plenary_signaling_sessions", app.sessions.len() as u64);
    gauge("plenary_rooms", app.rooms.len() as u64);
    let (unseated, seated) = app.connections.count();
    gauge("plenary_connections_unseated", unseated as u64);
    gauge("plenary_connections_seated", seated as u64);
    if let Some(limit) = descriptors::limit() {
        gauge("plenary_descriptor_limit", limit);
    }
    let rooms = app.rooms.iter();
    let interrupted = rooms.map(|room| interrupted(&room.channels()).count() as u64);
    gauge("plenary_channels_interrupted", interrupted.sum());
    let recorded = app.rooms.iter().filter(|room| room.recording().is_some());
    gauge("plenary_recorder_rooms", recorded.count() as u64);
    if let Some(usage) = app.recorder.usage() {
        gauge("plenary_recorder_takes_open", usage.open_takes as u64);
        gauge(
            "plenary_recorder_blocks_waiting",
            usage.waiting_blocks as u64,
        );
        counter!("plenary_recorder_written_bytes_total").absolute(usage.written_bytes);
        counter!("plenary_recorder_dropped_packets_total").absolute(usage.dropped_packets);
    }
    certificate(app);
    let disk = app.journal.health();
    gauge!("plenary_journal_lag_seconds").set(disk.commit_elapsed.as_secs_f64());
    gauge("plenary_journal_waiting", disk.pending_appends);
    gauge("plenary_journal_failing", u64::from(disk.fault.is_some()));
    gauge("plenary_journal_slow", u64::from(disk.slow.is_some()));
    let clock = app.server_health().clock;
    gauge!("plenary_clock_log_ahead_seconds").set(seconds(clock.log_ahead_ms));
    gauge!("plenary_standstill_seconds").set(seconds(clock.standstill_ms));
    if let Some(space) = *app.disk_space.borrow() {
        gauge("plenary_data_free_bytes", space.free_bytes);
    }
    handle.run_upkeep();
    handle.render() + &cpu_time()
}

/// The CPU time of the process, under the name that every exporter gives it. It is written here because the recorder has
/// no counters with a fraction.
fn cpu_time() -> String {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let micros = time.tv_nsec / 1_000;
    format!(
        "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {}.{micros:06}\n",
        time.tv_sec
    )
}

/// Whether the certificate of the https address is cared for, and how long it is valid.
fn certificate(app: &App) {
    let Some(certificates) = &app.certificates else {
        return;
    };
    let failing = u64::from(certificates.is_failing());
    gauge("plenary_certificate_failing", failing);
    if let Some((_, ends)) = certificates.validity() {
        gauge!("plenary_certificate_remaining_seconds").set(seconds(ends.since(app.now())));
    }
}

fn seconds(time: Millis) -> f64 {
    Duration::from_millis(time.0).as_secs_f64()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and no count comes near 2^52"
)]
fn gauge(name: &'static str, value: u64) {
    gauge!(name).set(value as f64);
}

/// A process has one recorder: a second server in it, as in tests, shares the first one's.
fn recorder() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; ours stays empty");
            }
            handle
        })
        .clone()
}
