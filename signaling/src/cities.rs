//! The other cities of `plenary demo --with-cities`: headless delegates with moving pictures and tones.

use std::time::Duration;

use plenary_client::{Config, Media, Participant, Server, Source};
use plenary_conference::{Conference, Role};
use tokio::task::JoinSet;

use crate::{failure::Failure, invite::Invitation};

/// How long a delegate waits before coming back after a lost connection.
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
const TONE_STEP: u32 = 47;

/// The seated delegates; they leave when this is dropped.
#[derive(Debug)]
pub struct Cities(#[expect(dead_code, reason = "dropped, it ends its tasks")] JoinSet<()>);

impl Cities {
    /// Seats every delegation's first delegate but the host's, whose seat is for whoever tries the demo, in the first
    /// room that he may enter and that is not the plenary of all.
    pub fn seat(conference: &Conference, links: &[Invitation], url: &str) -> Result<Self, Failure> {
        let mut delegates = JoinSet::new();
        let server = Server::new(url).map_err(Failure::City)?;
        for (at, delegation) in conference.delegations.iter().enumerate() {
            let seat = links.iter().find(|it| {
                it.role == Role::Delegate && it.delegation.as_ref() == Some(&delegation.id)
            });
            let (Some(seat), false) = (seat, conference.host.as_ref() == Some(&delegation.id))
            else {
                continue;
            };
            for room in &seat.rooms {
                let hue = HUES.get(at % HUES.len()).copied().unwrap_or_default();
                let tone = LOWEST_TONE + TONE_STEP * u32::try_from(at).unwrap_or_default();
                let config = Config::new(server.clone(), seat.invitation.clone(), room.as_str());
                delegates.spawn(attend(config, delegation.name.clone(), hue, tone));
            }
        }
        Ok(Self(delegates))
    }
}

/// Sits in a room for as long as the server runs, and asks for the floor once.
async fn attend(config: Config, city: String, hue: [u8; 3], tone: u32) {
    let source = match Source::city(&city, hue, tone) {
        Ok(source) => source,
        Err(error) => return tracing::warn!(city, %error, "a city has no picture"),
    };
    loop {
        let media = Media {
            source: source.clone(),
            ..Media::default()
        };
        match Participant::join(config.clone().with_media(media)).await {
            // The events are dropped: he only sits there.
            Ok((participant, _)) => drop(participant.closed().await),
            Err(error) => tracing::debug!(city, %error, "a city could not sit down"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
