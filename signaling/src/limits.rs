//! The limits of the server: how long each phase of a connection may take, and how much a person or an address may do.
//!
//! Nothing is counted for each connection or token: twenty connections give a person no more than one does. A person has
//! one allowance over all devices, tokens and transports, and the people of one address together have as much as
//! [`Limits::people_per_address`] of them.

use std::time::Duration;

use crate::rate::Quota;

/// The limits of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The phases of a connection before it is a WebSocket.
    pub phases: PhaseTimeouts,
    /// How long a connection may take to send its hello.
    pub hello_timeout: Duration,
    /// How long the check of a media path may take.
    pub check_time: Duration,
    /// The heartbeat of a device that only receives.
    pub reader: Heartbeat,
    /// The heartbeat of a device that publishes: the room must learn soon that a speaker is no longer heard.
    pub publisher: Heartbeat,
    /// How long a client may take to receive one message.
    pub write_timeout: Duration,
    /// How long a connection may take to close.
    pub close_timeout: Duration,
    /// `limits.connections`: how many connections may be without a seat. The file descriptors may allow fewer.
    pub connections: usize,
    /// `limits.connections_per_address`: how many of them may come from one address.
    pub connections_per_address: usize,
    /// `limits.people_per_address`: as how many people the people of one address count.
    pub people_per_address: u32,
    /// `limits.devices_per_person`: how many seats a person may have in all rooms.
    pub devices_per_person: usize,
    /// `limits.displays_per_link`: how many screens may show a room at once by one display link.
    pub displays_per_link: usize,
    /// `limits.displays_per_address`: how many screens of one address may show rooms at once.
    pub displays_per_address: usize,
    /// The quota for a person's hellos: several devices that return after a restart, with repeated attempts.
    pub joins: Quota,
    /// The quota for a person's WebSocket messages: offers, their candidates, and a participant who clicks about.
    pub messages: Quota,
    /// The quota for a person's signals.
    pub signals: Quota,
    /// The quota for the bytes that a person writes into the chat; they stay in the record.
    pub chat_bytes: Quota,
    /// The quota for a person's HTTP requests: a program that polls, and one that runs a whole meeting at once.
    pub requests: Quota,
    /// The quota for what the bearers of the check link at one address begin: one for a page, and one for each path.
    pub link_checks: Quota,
    /// The quota for the invalid invitations from one address: a whole delegation may mistype, but nobody may guess.
    pub guesses: Quota,
}

/// How long a client may take for each phase of an HTTP request. A slow network may take longer for a long body or
/// answer, as long as it carries a few thousand bytes a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseTimeouts {
    /// The time for a request's whole header, from its first byte. A new connection has as long to send that byte.
    pub header: Duration,
    /// The time in which a part of a request's body has to come.
    pub body: Duration,
    /// The time in which a part of an answer has to be taken.
    pub answer: Duration,
    /// The time between two requests.
    pub idle: Duration,
}

/// The pings by which a dead connection is told from a quiet one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// The time from one ping to the next.
    pub ping_interval: Duration,
    /// How long a connection may be silent before it is dead.
    pub silence_timeout: Duration,
}

impl Limits {
    /// How many times the tokens of a minute the bucket of hellos holds.
    pub(crate) const JOIN_BURST_MINUTES: u32 = 2;
    /// How many times the tokens of a minute the bucket of chat bytes holds.
    pub(crate) const CHAT_BURST_MINUTES: u32 = 4;
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            phases: PhaseTimeouts {
                header: seconds(10),
                body: seconds(10),
                answer: seconds(10),
                // Longer than any common proxy keeps its connections (nginx 60 s, HAProxy 60 s, Traefik 90 s, Caddy 120 s):
                // the proxy closes first, so none of its requests meets a connection that is being closed.
                idle: seconds(150),
            },
            hello_timeout: seconds(10),
            check_time: seconds(15),
            reader: Heartbeat {
                ping_interval: seconds(10),
                silence_timeout: seconds(30),
            },
            publisher: Heartbeat {
                ping_interval: seconds(2),
                silence_timeout: seconds(6),
            },
            write_timeout: seconds(10),
            close_timeout: seconds(5),
            connections: 4096,
            connections_per_address: 2048,
            people_per_address: 200,
            devices_per_person: 8,
            displays_per_link: 16,
            displays_per_address: 64,
            joins: Quota::with_burst_minutes(60, Self::JOIN_BURST_MINUTES),
            messages: Quota {
                burst: 500,
                per_minute: 3000,
            },
            signals: Quota {
                burst: 200,
                per_minute: 1200,
            },
            chat_bytes: Quota::with_burst_minutes(64 * 1024, Self::CHAT_BURST_MINUTES),
            requests: Quota {
                burst: 1000,
                per_minute: 6000,
            },
            link_checks: Quota {
                burst: 120,
                per_minute: 60,
            },
            guesses: Quota {
                burst: 60,
                per_minute: 60,
            },
        }
    }
}
