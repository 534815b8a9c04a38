//! `plenary check --network`: whether this machine is set up so that cities can reach it.
//!
//! It looks at the machine only, and sends nothing but a question to the STUN server that is named, if one is. What cannot
//! be seen from here, such as a firewall in front, is for the check of the seat page, which runs at the participants.

mod addresses;
mod certificates;
mod limits;
mod public_url;

use std::{fmt, io};

use crate::settings::Settings;

/// One result, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// The server works, but not for everybody or not for long.
    Warning,
    /// The server does not start, or nobody reaches it.
    Fault,
}

impl Finding {
    fn good(text: impl Into<String>) -> Self {
        Self {
            level: Level::Good,
            text: text.into(),
            advice: None,
        }
    }

    fn warning(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            text: text.into(),
            advice: Some(advice.into()),
        }
    }

    fn fault(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            level: Level::Fault,
            ..Self::warning(text, advice)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Good => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        };
        write!(out, "{level:<8} {}", self.text)?;
        if let Some(advice) = &self.advice {
            write!(out, "\n         → {advice}")?;
        }
        Ok(())
    }
}

/// Looks at everything; `stun` is a server that says how the world sees this machine, as `host:port`.
pub async fn run(settings: &Settings, stun: Option<&str>) -> Vec<Finding> {
    let mut findings = addresses::listening(settings);
    findings.extend(addresses::reachable(settings));
    if let Some(server) = stun {
        findings.push(addresses::seen_by(server, settings).await);
    }
    findings.extend(public_url::check(settings).await);
    findings.extend(certificates::check(settings));
    findings.extend(relays(settings));
    findings.extend(limits::check(settings));
    findings
}

/// None if the relays can be used as they are set.
fn relays(settings: &Settings) -> Option<Finding> {
    let error = settings.relays.check().err()?;
    let advice = "The server does not start before that.";
    Some(Finding::fault(error.to_string(), advice))
}

/// Writes the findings, a line each; returns whether none is a fault.
pub fn write(out: &mut impl io::Write, findings: &[Finding]) -> io::Result<bool> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    let faults = findings.iter().filter(|it| it.level == Level::Fault);
    Ok(faults.count() == 0)
}
