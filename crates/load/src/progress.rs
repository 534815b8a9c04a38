//! What is shown while a run goes on, on standard error: a bar on a terminal, a line at times elsewhere.

use std::{
    io::{IsTerminal, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// The pause between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// The display of one stage of a run.
pub struct Progress {
    label: &'static str,
    bar: Option<ProgressBar>,
    length: u64,
    shown: Option<Instant>,
}

impl Progress {
    /// A display that counts to `length`.
    pub fn new(label: &'static str, length: u64) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(length);
            let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {msg}");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.with_prefix(label)
        });
        Self {
            label,
            bar,
            length,
            shown: None,
        }
    }

    /// Shows how far it is, and what is to be known besides.
    pub fn show(&mut self, position: u64, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(message.to_owned());
            return;
        }
        let due = self.shown.is_none_or(|at| at.elapsed() >= LINE_INTERVAL);
        if due || position >= self.length {
            self.shown = Some(Instant::now());
            eprintln!("{}: {position}/{} {message}", self.label, self.length);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
