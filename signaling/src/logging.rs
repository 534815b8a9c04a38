//! The log: on standard error, because standard output is for the ready line.

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, filter, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::settings::{LogFormat, Settings};

/// Begins to log.
pub fn start(settings: &Settings) {
    // Settings take no filter that cannot be read.
    let asked = EnvFilter::try_new(&settings.log_filter).unwrap_or_default();
    let log = fmt::layer()
        .with_writer(std::io::stderr)
        // A log that nobody reads any more is no reason to end: told of it, standard error would be written again.
        .log_internal_errors(false)
        .with_target(false);
    let log = match settings.log_format {
        LogFormat::Text => log
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let safe = log.with_filter(filter::filter_fn(holds_no_payload));
    // A second start, as in tests, leaves the first in force.
    let _ = tracing_subscriber::registry()
        .with(asked)
        .with(safe)
        .try_init();
}

/// Whether what is said there is of our own making, or coarse. Below `info` others print what passes through them: the
/// frames of a WebSocket, with tokens, passwords of ICE and words for the moderators alone. Whatever the filter asks
/// for, secrets are never logged; so this knows our own crates, and not the others' names.
fn holds_no_payload(said: &Metadata<'_>) -> bool {
    *said.level() <= Level::INFO || said.target().starts_with("plenary")
}
