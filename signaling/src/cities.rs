//! The other cities of `plenary demo --with-cities`: headless delegates with moving pictures and tones.

use std::time::Duration;

use plenary_client::{Config, Events, Media, Participant, Server, Slots, Source};
use plenary_conference::{Conference, Role};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{failure::Failure, invite::Invitation};

/// How long a delegate waits before coming back after a lost connection, or asking again.
const PAUSE: Duration = Duration::from_secs(2);
/// A hue for each city, far apart, and a tone that is no harmonic of its neighbour's.
const HUES: [[u8; 3]; 8] = [
    [190, 50, 50],
    [40, 80, 190],
    [40, 140, 70],
    [190, 140, 30],
    [120, 60, 170],
    [30, 140, 160],
    [180, 80, 120],
    [100, 110, 40],
];
const LOWEST_TONE: u32 = 330;
const TONE_STEP: usize = 47;

/// The seated delegates; they leave when this is dropped.
#[derive(Debug)]
pub struct Cities(#[expect(dead_code, reason = "dropped, it ends its tasks")] JoinSet<()>);

impl Cities {
    /// Seats the first delegate of every delegation, in each of his rooms; but not the host's, whose seat is for
    /// whoever tries the demo.
    pub fn seat(conference: &Conference, links: &[Invitation], url: &str) -> Result<Self, Failure> {
        let mut delegates = JoinSet::new();
        let server = Server::new(url).map_err(Failure::City)?;
        let guests = conference
            .delegations
            .iter()
            .filter(|it| conference.host.as_ref() != Some(&it.id));
        for ((delegation, hue), tone) in guests
            .zip(HUES.into_iter().cycle())
            .zip((LOWEST_TONE..).step_by(TONE_STEP))
        {
            let seat = links.iter().find(|it| {
                it.role == Role::Delegate && it.delegation.as_ref() == Some(&delegation.id)
            });
            let Some(seat) = seat else { continue };
            // Encoded once, shared by all rooms.
            let source = Source::city(&delegation.name, hue, tone).map_err(Failure::Picture)?;
            for room in &seat.rooms {
                let config = Config::new(server.clone(), seat.invitation.clone(), room.as_str());
                delegates.spawn(attend(config, seat.person.to_string(), source.clone()));
            }
        }
        Ok(Self(delegates))
    }
}

/// Sits in a room for as long as the server runs, and asks for the floor whenever he neither has it nor waits for it.
async fn attend(config: Config, person: String, source: Source) {
    loop {
        // He watches nobody: pictures that no one looks at would only cost.
        let media = Media {
            source: source.clone(),
            slots: Slots::NONE,
            ..Media::default()
        };
        match Participant::join(config.clone().with_media(media)).await {
            Ok((participant, events)) => take_part(&participant, events, &person).await,
            Err(error) => tracing::debug!(person, %error, "a city could not sit down"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Until the connection ends.
async fn take_part(participant: &Participant, mut events: Events, person: &str) {
    ask(participant, person).await;
    while let Some(event) = events.next().await {
        let over = matches!(
            event["type"].as_str(),
            Some(
                "floor.released"
                    | "floor.revoked"
                    | "floor.denied"
                    | "list.opened"
                    | "list.reopened"
            )
        );
        let concerns_him = event
            .get("request")
            .is_none_or(|request| request["beneficiary"] == person);
        if over && concerns_him {
            tokio::time::sleep(PAUSE).await;
            ask(participant, person).await;
        }
    }
}

/// A refusal is no fault: the list may be closed, or the request stand already.
async fn ask(participant: &Participant, person: &str) {
    if let Err(error) = participant.command("floor.request", json!({})).await {
        tracing::debug!(person, %error, "a city did not get onto the list");
    }
}
