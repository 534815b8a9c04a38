//! The log, on standard error, because standard output is for the ready line.

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::settings::{LogFormat, Settings};

/// Starts the log with the filter and format of the settings.
pub fn start(settings: &Settings) {
    // The settings have refused a malformed filter.
    let filter = EnvFilter::try_new(&settings.log_filter).unwrap_or_default();
    let log = fmt::layer()
        .with_writer(std::io::stderr)
        // A closed standard error must not end the process: reporting the failure would write to it again.
        .log_internal_errors(false)
        .with_target(false);
    let log = match settings.log_format {
        LogFormat::Text => log
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let safe = log.with_filter(filter_fn(holds_no_payload));
    // A second start, as in tests, keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(safe)
        .try_init();
}

/// Whether a log line is free of message contents. Below `info` other crates print the frames of a WebSocket, with tokens,
/// ICE passwords and messages for moderators only. Secrets are never logged, whatever the filter says; so only our own
/// crates may log below `info`.
fn holds_no_payload(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with("plenary")
}
