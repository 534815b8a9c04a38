//! webrtc-rs 0.12 as a participant: prints its offer, reads the answer, sends one still picture and silence, and counts the
//! packets that arrive.

use std::error::Error;
use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use webrtc::api::APIBuilder;
use webrtc::api::interceptor_registry::register_default_interceptors;
use webrtc::api::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine};
use webrtc::interceptor::registry::Registry;
use webrtc::media::Sample;
use webrtc::peer_connection::RTCPeerConnection;
use webrtc::peer_connection::configuration::RTCConfiguration;
use webrtc::peer_connection::peer_connection_state::RTCPeerConnectionState;
use webrtc::peer_connection::sdp::session_description::RTCSessionDescription;
use webrtc::rtp_transceiver::RTCRtpTransceiverInit;
use webrtc::rtp_transceiver::rtp_codec::{RTCRtpCodecCapability, RTPCodecType};
use webrtc::rtp_transceiver::rtp_transceiver_direction::RTCRtpTransceiverDirection;
use webrtc::track::track_local::track_local_static_sample::TrackLocalStaticSample;
use webrtc::track::track_remote::TrackRemote;

const PICTURE: &[u8] = include_bytes!("../../../media/picture.vp8");
/// One packet of Opus silence.
const SILENCE: &[u8] = &[0xf8, 0xff, 0xfe];
const PICTURE_INTERVAL: Duration = Duration::from_millis(100);
const SOUND_INTERVAL: Duration = Duration::from_millis(20);

type Failure = Box<dyn Error + Send + Sync>;

fn say(message: &Value) {
    println!("{message}");
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut engine = MediaEngine::default();
    engine.register_default_codecs()?;
    let registry = register_default_interceptors(Registry::new(), &mut engine)?;
    let api = APIBuilder::new()
        .with_media_engine(engine)
        .with_interceptor_registry(registry)
        .build();
    let peer = api.new_peer_connection(RTCConfiguration::default()).await?;

    let (state, connected) = watch::channel(false);
    peer.on_peer_connection_state_change(Box::new(move |new| {
        say(&json!({ "state": new.to_string() }));
        state.send_replace(new == RTCPeerConnectionState::Connected);
        Box::pin(async {})
    }));
    peer.on_track(Box::new(|track, _, _| {
        tokio::spawn(count(track));
        Box::pin(async {})
    }));

    send(&peer, MIME_TYPE_OPUS, SILENCE, SOUND_INTERVAL, connected.clone()).await?;
    send(&peer, MIME_TYPE_VP8, PICTURE, PICTURE_INTERVAL, connected).await?;
    for kind in [RTPCodecType::Audio, RTPCodecType::Video] {
        let receive = direction(RTCRtpTransceiverDirection::Recvonly);
        peer.add_transceiver_from_kind(kind, receive).await?;
    }

    let offer = peer.create_offer(None).await?;
    let mut gathered = peer.gathering_complete_promise().await;
    peer.set_local_description(offer).await?;
    let _ = gathered.recv().await;
    let offer = peer.local_description().await.ok_or("no offer")?;
    say(&json!({ "offer": offer.sdp }));

    let mut answers = answers();
    while let Some(answer) = answers.recv().await {
        let answer = RTCSessionDescription::answer(answer)?;
        peer.set_remote_description(answer).await?;
    }
    Ok(())
}

/// The answers that are read, until the input ends.
fn answers() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let message: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(answer) = message["answer"].as_str() {
                let _ = sender.send(answer.to_owned());
            }
        }
    });
    receiver
}

fn direction(direction: RTCRtpTransceiverDirection) -> Option<RTCRtpTransceiverInit> {
    Some(RTCRtpTransceiverInit {
        direction,
        send_encodings: Vec::new(),
    })
}

/// Adds a line, and sends the same frame on it while the peer is connected.
async fn send(
    peer: &RTCPeerConnection,
    codec: &str,
    frame: &'static [u8],
    interval: Duration,
    mut connected: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let capability = RTCRtpCodecCapability {
        mime_type: codec.to_owned(),
        ..RTCRtpCodecCapability::default()
    };
    let track = Arc::new(TrackLocalStaticSample::new(
        capability,
        codec.to_owned(),
        "plenary".to_owned(),
    ));
    let local: Arc<dyn webrtc::track::track_local::TrackLocal + Send + Sync> = track.clone();
    let line = peer
        .add_transceiver_from_track(local, direction(RTCRtpTransceiverDirection::Sendonly))
        .await?;
    // The interceptors work only while the sender's RTCP is read.
    let sender = line.sender().await;
    tokio::spawn(async move { while sender.read_rtcp().await.is_ok() {} });
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(interval);
        while connected.wait_for(|connected| *connected).await.is_ok() {
            ticks.tick().await;
            let sample = Sample {
                data: Bytes::from_static(frame),
                duration: interval,
                ..Sample::default()
            };
            let _ = track.write_sample(&sample).await;
        }
    });
    Ok(())
}

async fn count(track: Arc<TrackRemote>) {
    let kind = match track.kind() {
        RTPCodecType::Audio => "sound",
        _ => "pictures",
    };
    let mut packets: u64 = 0;
    while track.read_rtp().await.is_ok() {
        packets += 1;
        say(&json!({ kind: packets }));
    }
}
