//! A device that speaks HTTP alone: one task that holds its seat and its media session until one of them ends.

use std::{pin::pin, sync::Arc};

use plenary_conference::Claims;
use plenary_media::{IceFragment, Joined, SessionEvents, ice_fragment};
use plenary_protocol::{Code, Problem, SessionId};
use plenary_room::{Attach, Attached, Outbox, Outgoing, RoomHandle};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, interval},
};

use super::{Beginning, Begun, IfMatch, Patched, Request, refused};
use crate::{sessions::Device, stage, state::App, watchers::Watch};

/// Seats a device, begins its media session, and leaves both to a task of their own. The offer was checked.
pub(crate) async fn begin(beginning: Beginning) -> Result<Begun, Problem> {
    let Beginning {
        app,
        claims,
        room,
        purpose,
        offer,
        watch,
    } = beginning;
    let attach = Attach {
        person: claims.sub.clone(),
        resume: None,
        sending: purpose.sending(),
    };
    let attached = room.attach(attach).await?;
    let publishing = attached.outbox.is_publishing();
    let (id, person) = (room.id().clone(), claims.sub.clone());
    let joined = app
        .media
        .join(id, person, offer.clone(), Vec::new(), publishing);
    let joined = joined.await;
    let Joined {
        session: media,
        answer,
        events,
    } = match joined {
        Ok(joined) => joined,
        Err(error) => {
            room.detach(attached.session).await;
            return Err(refused(&error));
        }
    };
    let Attached {
        session, outbox, ..
    } = attached;
    let device = Device {
        room: room.id().clone(),
        person: claims.sub.clone(),
        invitation: claims.iid.clone(),
        watching: claims.watching,
        queue: outbox.handle(),
        seated_at: Instant::now(),
    };
    let most = app.limits.devices_per_person;
    app.sessions.add(&session, device.clone(), most);
    app.sessions.set_media(media, Some(&session));
    let (id, requests) = app.http_sessions.add(purpose, room.id(), &claims);
    let seat = HttpDevice {
        app,
        room,
        claims,
        id: id.clone(),
        session,
        outbox,
        device,
        media,
        offer,
        ice_session: 1,
        _watch: watch,
    };
    let tag = seat.tag();
    tokio::spawn(seat.run(requests, events));
    Ok(Begun { id, answer, tag })
}

#[derive(Debug)]
struct HttpDevice {
    app: Arc<App>,
    room: RoomHandle,
    claims: Claims,
    /// The last part of its address.
    id: String,
    session: SessionId,
    outbox: Outbox,
    device: Device,
    media: plenary_media::SessionId,
    /// The client's description as of the last restart.
    offer: String,
    /// The number of the present ICE session.
    ice_session: u64,
    /// A watcher's place among all of them.
    _watch: Option<Watch>,
}

impl HttpDevice {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>, events: SessionEvents) {
        let ended = self.serve(&mut requests, events).await;
        self.leave().await;
        if let Some(ended) = ended {
            let _ = ended.send(());
        }
    }

    /// Runs until the client ends the session, its path is lost, or the room lets the device go. Returns the request that
    /// ended it.
    async fn serve(
        &mut self,
        requests: &mut mpsc::Receiver<Request>,
        events: SessionEvents,
    ) -> Option<oneshot::Sender<()>> {
        // It ends with the media session: what is silent for too long has no path any more.
        let mut report = pin!(stage::report(Arc::clone(&self.app), self.media, events));
        let mut look = interval(self.app.limits.reader.ping_interval);
        loop {
            tokio::select! {
                outgoing = self.outbox.next() => match outgoing {
                    Ok(Outgoing::Publishing(publishing)) => {
                        self.app.media.set_publishing(self.media, publishing).await;
                    }
                    // The client has no way to receive anything else.
                    Ok(_) => {}
                    Err(_) => return None,
                },
                () = &mut report => return None,
                request = requests.recv() => match request {
                    Some(Request::Patch(if_match, fragment, reply)) => {
                        let patched = self.patch(&if_match, &fragment).await;
                        let _ = reply.send(patched);
                    }
                    Some(Request::End(reply)) => return Some(reply),
                    None => return None,
                },
                // Another process may have revoked the invitation, such as `plenary revoke`.
                _ = look.tick() => {
                    if self.app.keys.is_revoked(&self.claims.iid) {
                        return None;
                    }
                }
            }
        }
    }

    /// Takes a fragment of the client: candidates, or a restart of ICE (RFC 9725, section 4.3.1).
    async fn patch(
        &mut self,
        if_match: &IfMatch,
        fragment: &IceFragment,
    ) -> Result<Patched, Problem> {
        if let IfMatch::Tags(tags) = if_match
            && !tags.contains(&self.tag())
        {
            return Err(Problem::stale(
                "ICE has been restarted since, or this is no ETag of this session.",
            ));
        }
        let Some(offer) = fragment.restarted(&self.offer) else {
            return Ok(Patched::Trickled);
        };
        let media = &self.app.media;
        let answer = media.renegotiate(self.media, offer.clone(), Vec::new());
        let answer = answer.await.map_err(|error| {
            tracing::info!(%error, "ICE was not restarted");
            Problem::new(Code::Conflict, format!("ICE was not restarted: {error}."))
        })?;
        self.offer = offer;
        self.ice_session += 1;
        Ok(Patched::Restarted {
            fragment: ice_fragment(&answer),
            tag: self.tag(),
        })
    }

    /// What names the present ICE session.
    fn tag(&self) -> String {
        format!("ice-{}", self.ice_session)
    }

    /// Gives up the session. The room keeps the participant's place for a while.
    async fn leave(self) {
        self.app.http_sessions.remove(&self.id);
        self.app.sessions.remove(&self.session, &self.device);
        self.app.sessions.set_media(self.media, None);
        self.app.media.leave(self.media);
        self.room.detach(self.session).await;
    }
}
