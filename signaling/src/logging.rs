//! The log: on standard error, because standard output is for the ready line.

use tracing_subscriber::{EnvFilter, fmt};

use crate::settings::{LogFormat, Settings};

/// Begins to log. A filter that cannot be read falls back to `info`, and says so.
pub fn start(settings: &Settings) {
    let (filter, fault) = match EnvFilter::try_new(&settings.log_filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(Settings::default().log_filter), Some(error)),
    };
    let log = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that nobody reads any more is no reason to end: told of it, standard error would be written again.
        .log_internal_errors(false)
        .with_target(false);
    // A second start, as in tests, leaves the first in force.
    let _ = match settings.log_format {
        LogFormat::Text => log
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    if let Some(error) = fault {
        tracing::warn!(%error, "log.filter cannot be read; logging at info");
    }
}
