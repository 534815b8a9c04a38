//! A device's media session: the purposes of its slots, and the offer that begins the session.

use std::sync::Arc;

use plenary_ids::{Language, PersonId};
use plenary_media::{JoinError, Joined};
use plenary_protocol::{CloseCode, Code, Problem};
use plenary_room::RoomHandle;
use plenary_scene::{SlotWant, Want};

use crate::{stage, state::App};

/// A problem, and the code to close with if it answers a hello.
pub type Refused = (Problem, CloseCode);

/// A device's media session, once it has sent an offer.
#[derive(Debug)]
pub struct MediaLink {
    pub(super) session: Option<plenary_media::SessionId>,
    pub(super) wants: Vec<SlotWant>,
}

impl MediaLink {
    /// The link before the first offer.
    pub fn new(wants: Vec<SlotWant>) -> Self {
        Self {
            session: None,
            wants,
        }
    }

    /// Joins the media plane with an SDP offer, and returns the answer. `publishing` is the room's latest announcement.
    pub async fn join(
        &mut self,
        app: &Arc<App>,
        room: &RoomHandle,
        person: &PersonId,
        offer: String,
        publishing: bool,
    ) -> Result<String, Refused> {
        let joined = app
            .media
            .join(
                room.id().clone(),
                person.clone(),
                offer,
                self.wants.clone(),
                publishing,
            )
            .await;
        let Joined {
            session,
            answer,
            events,
        } = joined.map_err(|error| offer_refused(&error))?;
        tokio::spawn(stage::report(Arc::clone(app), session, events));
        self.session = Some(session);
        Ok(answer)
    }
}

/// Reads the purposes that a client wants for its slots, in a conference with those languages.
pub fn wants(
    slots: Vec<SlotWant<String>>,
    languages: &[Language],
) -> Result<Vec<SlotWant>, Problem> {
    let invalid = |detail| Problem::new(Code::Invalid, detail);
    let understood = |slot: SlotWant<String>| {
        let slot = slot.understood().map_err(|why| {
            invalid(format!(
                "What is wanted of a slot is not understood: {why}."
            ))
        })?;
        match &slot.wants {
            Want::Language(language) if !languages.contains(language) => {
                let known: Vec<&str> = languages.iter().map(Language::as_str).collect();
                Err(invalid(format!(
                    "The conference has no language {:.40?}; it has {}.",
                    language.as_str(),
                    known.join(", ")
                )))
            }
            _ => Ok(slot),
        }
    };
    slots.into_iter().map(understood).collect()
}

/// The problem of an offer that the media plane refuses.
pub fn offer_refused(error: &JoinError) -> Refused {
    tracing::info!(%error, "a media offer was refused");
    let detail = format!("Your media offer was not taken: {error}.");
    match error {
        JoinError::Offer(_) | JoinError::Unusable(_) => {
            (Problem::new(Code::Invalid, detail), CloseCode::Invalid)
        }
        JoinError::Overloaded => {
            let detail = format!("You cannot join now: {error}.");
            (
                Problem::new(Code::Unavailable, detail),
                CloseCode::RateLimited,
            )
        }
        JoinError::Gone | JoinError::CertificateChanged | JoinError::Full => {
            (Problem::new(Code::Conflict, detail), CloseCode::RateLimited)
        }
    }
}
