//! What a person or an address may still do, and the refusal of what is too much.

use std::time::Duration;

use metrics::counter;
use plenary_ids::{PersonId, Seq};
use plenary_protocol::{Code, Problem};
use tokio::time::Instant;

use crate::{
    limits::Limits,
    rate::{Origin, PersonLimiter, RateLimiter},
};

/// What is limited for each person, over all devices, tokens and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Hellos.
    Joins,
    /// Messages over WebSocket.
    Messages,
    /// Signals, to the media server or to a participant.
    Signals,
    /// Bytes in the chat.
    Chat,
    /// Requests over HTTP.
    Requests,
}

/// More than is allowed of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    detail: &'static str,
    /// How long it takes until it is allowed again.
    pub wait: Duration,
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        Self::new(Code::RateLimited, exceeded.detail)
    }
}

/// How many events that are read of a log count as a request of their own.
const EVENTS_PER_REQUEST: u64 = 100;
/// The events that one answer holds at most.
const MAX_EVENTS_OF_ANSWER: u64 = 10_000;

/// As how many requests it counts, besides the one that asks, to read a log from one place to another.
pub fn cost_of_reading(after: Seq, to: Seq) -> usize {
    let events = to.0.saturating_sub(after.0).min(MAX_EVENTS_OF_ANSWER);
    usize::try_from(events / EVENTS_PER_REQUEST).unwrap_or(usize::MAX)
}

/// The limiters of a server.
#[derive(Debug)]
pub struct Allowances {
    joins: PersonLimiter,
    messages: PersonLimiter,
    signals: PersonLimiter,
    chat: PersonLimiter,
    requests: PersonLimiter,
    link_checks: RateLimiter<Origin>,
    guesses: RateLimiter<Origin>,
}

impl Allowances {
    /// Everybody may do everything yet.
    pub fn new(limits: &Limits) -> Self {
        let limiter = |quota| PersonLimiter::new(quota, limits.people_per_address);
        Self {
            joins: limiter(limits.joins),
            messages: limiter(limits.messages),
            signals: limiter(limits.signals),
            chat: limiter(limits.chat_bytes),
            requests: limiter(limits.requests),
            link_checks: RateLimiter::new(limits.link_checks),
            guesses: RateLimiter::new(limits.guesses),
        }
    }

    /// Takes as many tokens as `amount` from what a person may do, and from what the people of the address may do together.
    pub fn take(
        &self,
        limit: Limit,
        person: &PersonId,
        origin: Origin,
        amount: usize,
    ) -> Result<(), Exceeded> {
        let (limiter, name, detail) = match limit {
            Limit::Joins => (
                &self.joins,
                "joins",
                "You take a seat more often than this server lets one person; wait a moment.",
            ),
            Limit::Messages => (
                &self.messages,
                "messages",
                "You send more messages than this server reads from one person; wait a moment.",
            ),
            Limit::Signals => (
                &self.signals,
                "signals",
                "You send more signals than this server takes from one person; wait a moment.",
            ),
            Limit::Chat => (
                &self.chat,
                "chat",
                "You write more into the chat than this server takes from one person; wait a moment.",
            ),
            Limit::Requests => (
                &self.requests,
                "requests",
                "You ask more than this server answers one person; wait a moment.",
            ),
        };
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        limiter
            .take(person, origin, amount, Instant::now())
            .map_err(|wait| exceeded(name, detail, wait))
    }

    /// Counts what the bearer of the check link begins. The link is everybody's, so the address stands for the person.
    pub fn take_link_check(&self, origin: Origin) -> Result<(), Exceeded> {
        let detail =
            "Your address tests the network more often than this server lets it; wait a moment.";
        self.link_checks
            .take(origin, 1, Instant::now())
            .map_err(|wait| exceeded("link_checks", detail, wait))
    }

    /// Counts an invalid invitation. Only such ones are counted: the people of an address where somebody guesses come in.
    pub fn guess(&self, origin: Origin) -> Result<(), Exceeded> {
        let detail =
            "Too many invitations that are not valid came from your address; wait a moment.";
        self.guesses
            .take(origin, 1, Instant::now())
            .map_err(|wait| exceeded("invitations", detail, wait))
    }
}

fn exceeded(name: &'static str, detail: &'static str, wait: Duration) -> Exceeded {
    count_limited(name);
    Exceeded { detail, wait }
}

/// Counts something that was refused or ended because a limit was reached.
pub fn count_limited(limit: &'static str) {
    counter!("plenary_limited_total", "limit" => limit).increment(1);
}
