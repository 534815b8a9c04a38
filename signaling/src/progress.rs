//! How far a long piece of work is, on standard error: a bar on a terminal, a line for each tenth elsewhere.

use std::io::{self, IsTerminal, Stderr, Write};

const BAR_CHARS: usize = 30;

/// Shows a share of a whole as it grows.
#[derive(Debug)]
pub struct ProgressBar {
    label: &'static str,
    out: Stderr,
    on_terminal: bool,
    shown: Option<usize>,
}

impl ProgressBar {
    /// A bar that shows nothing yet; the label says what is being done.
    pub fn new(label: &'static str) -> Self {
        let out = io::stderr();
        let on_terminal = out.is_terminal();
        Self {
            label,
            out,
            on_terminal,
            shown: None,
        }
    }

    /// Shows a share, from 0 to 1.
    pub fn show(&mut self, share: f64) -> io::Result<()> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a hundred"
        )]
        let percent = (share.clamp(0.0, 1.0) * 100.0) as usize;
        if self.shown == Some(percent) {
            return Ok(());
        }
        let label = self.label;
        if self.on_terminal {
            let full = percent * BAR_CHARS / 100;
            let bar = "#".repeat(full) + &".".repeat(BAR_CHARS - full);
            write!(self.out, "\r{label} [{bar}] {percent:3} %")?;
            self.out.flush()?;
        } else if self.shown.is_none_or(|shown| percent / 10 > shown / 10) {
            writeln!(self.out, "{label}: {percent} %")?;
        }
        self.shown = Some(percent);
        Ok(())
    }

    /// Ends the line.
    pub fn finish(&mut self) -> io::Result<()> {
        if self.on_terminal && self.shown.take().is_some() {
            writeln!(self.out)?;
        }
        Ok(())
    }
}
