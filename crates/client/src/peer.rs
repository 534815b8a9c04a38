//! The peer connection: its offer, its published tracks and its slots.
//!
//! Nothing is decoded: the tracks send loops of encoded frames, and arriving packets are counted per slot. The server is
//! ICE-lite and puts its candidates into the answer, so the offer is sent without gathering candidates of our own.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use rtc::media::Sample;
use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::PayloadType;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodingParameters, RTCRtpEncodingParameters};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_sample::TrackLocalStaticSample;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState,
    RTCSessionDescription, Registry, register_default_interceptors,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};

use crate::codecs::{codec, codec_kind, media_engine, payload_type};
use crate::counters::{Counters, FrameObserver, Kind};
use crate::problem::Error;
use crate::slots::{Slot, Slots};
use crate::sources::{FrameSource, Source};

/// The peer connection to the server.
pub(crate) struct Peer {
    connection: Arc<dyn PeerConnection>,
    offer: String,
    slots: Vec<Slot>,
    counters: Arc<Counters>,
    state: watch::Receiver<RTCPeerConnectionState>,
    // Dropping the set with the peer ends the tasks.
    publishers: JoinSet<()>,
}

impl Peer {
    /// Opens sockets on `bind` and creates the offer: microphone and camera `sendonly`, then the slots `recvonly`.
    /// Publishing ends when `stop` turns true.
    pub(crate) async fn offer(
        bind: IpAddr,
        source: &Source,
        slots: &Slots,
        observer: Option<Arc<dyn FrameObserver>>,
        stop: Option<watch::Receiver<bool>>,
    ) -> Result<Self, Error> {
        let counters = Arc::new(Counters::new(observer));
        let (changed, state) = watch::channel(RTCPeerConnectionState::New);
        let connection = Arc::new(OnceLock::new());
        let peer = build(
            bind,
            Handler {
                connection: Arc::clone(&connection),
                counters: Arc::clone(&counters),
                state: changed,
            },
        )
        .await?;
        // Set only here, and before the first packet, which cannot arrive before the answer.
        let _ = connection.set(Arc::downgrade(&peer));

        let mut publishers = JoinSet::new();
        for (kind, clip) in [
            (Kind::Audio, &source.microphone),
            (Kind::Video, &source.camera),
        ] {
            let (track, ssrc) = track(kind)?;
            let local = Arc::clone(&track) as Arc<dyn TrackLocal>;
            peer.add_transceiver_from_track(local, direction(RTCRtpTransceiverDirection::Sendonly))
                .await?;
            if let Some(clip) = clip {
                publishers.spawn(publish(
                    track,
                    (ssrc, payload_type(kind)),
                    Arc::clone(clip),
                    state.clone(),
                    stop.clone(),
                ));
            }
        }
        let mut lines = Vec::new();
        for (kind, wants) in slots.wants() {
            let line = peer
                .add_transceiver_from_kind(
                    codec_kind(kind),
                    direction(RTCRtpTransceiverDirection::Recvonly),
                )
                .await?;
            lines.push((line, kind, wants));
        }

        let offer = create_offer(&*peer).await?;
        let mut slots = Vec::new();
        for (line, kind, wants) in lines {
            let mid = line.mid().await?.ok_or_else(|| no_mid(&wants))?;
            counters.open(&mid, kind);
            slots.push(Slot { mid, wants });
        }
        Ok(Self {
            connection: peer,
            offer,
            slots,
            counters,
            state,
            publishers,
        })
    }

    /// The SDP of the offer that [`Peer::offer`] created.
    pub(crate) fn sdp(&self) -> &str {
        &self.offer
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The value of the hello's `slots` field.
    pub(crate) fn slot_requests(&self) -> Value {
        json!(self.slots)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Applies the server's answer to the latest offer.
    pub(crate) async fn apply_answer(&self, sdp: String) -> Result<(), Error> {
        let answer = RTCSessionDescription::answer(sdp)?;
        Ok(self.connection.set_remote_description(answer).await?)
    }

    /// Creates a new offer with new ICE credentials; its answer is applied like the first one.
    pub(crate) async fn restart(&self) -> Result<String, Error> {
        self.connection.restart_ice().await?;
        create_offer(&*self.connection).await
    }

    /// Waits until ICE and DTLS have succeeded, or failed.
    pub(crate) async fn connected(&self) -> Result<(), Error> {
        let mut state = self.state.clone();
        let end = state
            .wait_for(|state| {
                matches!(
                    state,
                    RTCPeerConnectionState::Connected
                        | RTCPeerConnectionState::Failed
                        | RTCPeerConnectionState::Closed
                )
            })
            .await
            .map_or(RTCPeerConnectionState::Closed, |state| *state);
        if end == RTCPeerConnectionState::Connected {
            Ok(())
        } else {
            Err(webrtc::error::Error::Other(format!("the peer connection is {end}")).into())
        }
    }

    pub(crate) async fn close(&mut self) {
        self.publishers.shutdown().await;
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "closing the peer connection");
        }
    }
}

fn no_mid(wants: &str) -> Error {
    webrtc::error::Error::Other(format!("the offer gave the {wants} slot no mid")).into()
}

async fn build(bind: IpAddr, handler: Handler) -> Result<Arc<dyn PeerConnection>, Error> {
    let mut engine = media_engine()?;
    let interceptors = register_default_interceptors(Registry::new(), &mut engine)?;
    let builder = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_interceptor_registry(interceptors)
        .with_handler(Arc::new(handler))
        .with_udp_addrs(vec![SocketAddr::new(bind, 0)]);
    // Boxed: this future takes 20 KB, which the future of every signaling-only participant would reserve too.
    let connection = Box::pin(builder.build()).await?;
    Ok(Arc::new(connection))
}

async fn create_offer(connection: &dyn PeerConnection) -> Result<String, Error> {
    let offer = connection.create_offer(None).await?;
    let sdp = offer.sdp.clone();
    connection.set_local_description(offer).await?;
    Ok(sdp)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the interface of webrtc takes an Option"
)]
fn direction(direction: RTCRtpTransceiverDirection) -> Option<RTCRtpTransceiverInit> {
    Some(RTCRtpTransceiverInit {
        direction,
        ..RTCRtpTransceiverInit::default()
    })
}

fn track(kind: Kind) -> Result<(Arc<TrackLocalStaticSample>, u32), Error> {
    let ssrc = rand::random();
    let name = match kind {
        Kind::Audio => "microphone",
        Kind::Video => "camera",
    };
    let track = MediaStreamTrack::new(
        "plenary".to_owned(),
        name.to_owned(),
        name.to_owned(),
        codec_kind(kind),
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..RTCRtpCodingParameters::default()
            },
            codec: codec(kind),
            ..RTCRtpEncodingParameters::default()
        }],
    );
    let track = TrackLocalStaticSample::new(Instant::now(), track)?;
    Ok((Arc::new(track), ssrc))
}

/// Sends a clip's frames while the peer is connected, until `stop` turns true.
async fn publish(
    track: Arc<TrackLocalStaticSample>,
    (ssrc, payload_type): (u32, PayloadType),
    clip: Arc<dyn FrameSource>,
    mut state: watch::Receiver<RTCPeerConnectionState>,
    stop: Option<watch::Receiver<bool>>,
) {
    let play = async {
        let connected =
            |state: &RTCPeerConnectionState| *state == RTCPeerConnectionState::Connected;
        let mut ticks = tokio::time::interval(clip.frame_interval());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for number in 0.. {
            // An error means that the peer was dropped.
            if state.wait_for(connected).await.is_err() {
                return;
            }
            let now = ticks.tick().await;
            let sample = Sample {
                data: clip.frame(number),
                duration: clip.frame_interval(),
                ..Sample::new(now.into_std())
            };
            let sent = track
                .sample_writer(ssrc, payload_type)
                .write_sample(&sample)
                .await;
            if let Err(error) = sent {
                tracing::debug!(%error, "a frame was not sent");
            }
        }
    };
    let stopped = async {
        match stop {
            // The end of the sender stops publishing too.
            Some(mut stop) => drop(stop.wait_for(|stop| *stop).await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = play => {}
        () = stopped => {}
    }
}

/// Called by the connection's driver. It must not wait for the driver, so each track is received in its own task.
struct Handler {
    connection: Arc<OnceLock<Weak<dyn PeerConnection>>>,
    counters: Arc<Counters>,
    state: watch::Sender<RTCPeerConnectionState>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        tracing::debug!(%state, "peer connection");
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let connection = self.connection.get().cloned();
        tokio::spawn(receive(connection, track, Arc::clone(&self.counters)));
    }
}

/// Counts a track's packets until the track ends with the connection.
async fn receive(
    connection: Option<Weak<dyn PeerConnection>>,
    track: Arc<dyn TrackRemote>,
    counters: Arc<Counters>,
) {
    let mid = match connection.as_ref().and_then(Weak::upgrade) {
        Some(connection) => mid_of(&*connection, &*track).await,
        None => None,
    };
    let Some(mid) = mid else {
        tracing::warn!("a track belongs to no slot");
        return;
    };
    while let Some(event) = track.poll().await {
        if let TrackRemoteEvent::OnRtpPacket(packet) = event {
            counters.record(&mid, &packet);
        }
    }
}

async fn mid_of(connection: &dyn PeerConnection, track: &dyn TrackRemote) -> Option<String> {
    let wanted = track.track_id().await;
    for line in connection.get_transceivers().await {
        if let Ok(Some(receiver)) = line.receiver().await
            && receiver.track().track_id().await == wanted
        {
            return line.mid().await.ok().flatten();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::net::Ipv4Addr;

    use rtc::sdp::SessionDescription;

    use super::*;

    async fn offer(slots: &Slots) -> (Peer, Vec<(String, String, &'static str)>) {
        let peer = Peer::offer(
            Ipv4Addr::LOCALHOST.into(),
            &Source::default(),
            slots,
            None,
            None,
        )
        .await
        .expect("an offer");
        let sdp = SessionDescription::unmarshal(&mut Cursor::new(peer.sdp())).expect("valid SDP");
        let lines = sdp
            .media_descriptions
            .iter()
            .map(|line| {
                let mid = line.attribute("mid").flatten().unwrap_or_default();
                let direction = ["sendonly", "recvonly", "sendrecv", "inactive"]
                    .into_iter()
                    .find(|direction| line.attribute(direction).is_some());
                (
                    mid.to_owned(),
                    line.media_name.media.clone(),
                    direction.unwrap_or_default(),
                )
            })
            .collect();
        (peer, lines)
    }

    #[tokio::test]
    async fn the_offer_holds_the_sources_first_and_then_the_slots_in_order() {
        let (mut peer, lines) = offer(&Slots {
            voices: 2,
            languages: vec!["ja".to_owned()],
            stage: true,
            screen: false,
            tiles: 2,
        })
        .await;
        let kinds: Vec<_> = lines
            .iter()
            .map(|(_, media, direction)| (media.as_str(), *direction))
            .collect();
        assert_eq!(
            kinds,
            [
                ("audio", "sendonly"),
                ("video", "sendonly"),
                ("audio", "recvonly"),
                ("audio", "recvonly"),
                ("audio", "recvonly"),
                ("video", "recvonly"),
                ("video", "recvonly"),
                ("video", "recvonly"),
            ]
        );
        let named: Vec<_> = peer.slots().iter().map(|slot| &slot.mid).collect();
        let offered: Vec<_> = lines.iter().skip(2).map(|(mid, _, _)| mid).collect();
        assert_eq!(named, offered);
        let wants: Vec<_> = peer.slots().iter().map(|slot| &slot.wants).collect();
        assert_eq!(
            wants,
            ["voice", "voice", "lang:ja", "stage", "tile", "tile"]
        );
        peer.close().await;
    }

    #[tokio::test]
    async fn the_offer_is_bundled_and_offers_only_opus_vp8_and_rtx() {
        let (mut peer, lines) = offer(&Slots::default()).await;
        let bundle: Vec<_> = lines.iter().map(|(mid, _, _)| mid.as_str()).collect();
        assert!(
            peer.sdp()
                .contains(&format!("a=group:BUNDLE {}", bundle.join(" ")))
        );
        let codecs = peer
            .sdp()
            .lines()
            .filter_map(|line| line.strip_prefix("a=rtpmap:"));
        for codec in codecs {
            assert!(
                ["111 opus/48000/2", "96 VP8/90000", "97 rtx/90000"].contains(&codec),
                "{codec}"
            );
        }
        peer.close().await;
    }
}
