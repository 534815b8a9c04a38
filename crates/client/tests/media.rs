//! Published media arrives, and the packets of each slot are counted under that slot.
//!
//! The far end is a plain peer connection that returns every packet in a slot, as the server does to other participants.
//! Like the server it is ICE-lite and the passive side of DTLS.

use std::net::SocketAddr;
use std::sync::Arc;

use plenary_client::{Conduct, Config, Media, Participant, Slots, Source};
use plenary_testkit::{
    WAIT_TIMEOUT,
    script::{Outcome, ServerEnd, serve},
};
use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use serde_json::json;
use tokio::sync::watch;
use webrtc::media_stream::Track;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCSessionDescription, Registry, SettingEngineBuilder,
    register_default_interceptors,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};

/// Returns the packets that it receives: audio in the first voice slot, video in the stage slot.
struct Mirror {
    voice: Arc<TrackLocalStaticRTP>,
    stage: Arc<TrackLocalStaticRTP>,
    gathering: watch::Sender<RTCIceGatheringState>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Mirror {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        self.gathering.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let back = match track.kind().await {
            RtpCodecKind::Audio => Arc::clone(&self.voice),
            _ => Arc::clone(&self.stage),
        };
        tokio::spawn(async move {
            let ssrc = back.ssrcs().await.into_iter().next().unwrap_or_default();
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(mut packet) = event {
                    packet.header.ssrc = ssrc;
                    packet.header.extension = false;
                    packet.header.extensions.clear();
                    packet.header.extensions_padding = 0;
                    // Fails only when the test is over.
                    let _ = back.write_rtp(packet).await;
                }
            }
        });
    }
}

fn outgoing(
    kind: RtpCodecKind,
    ssrc: u32,
    mime_type: &str,
    clock_rate: u32,
    channels: u16,
) -> Arc<TrackLocalStaticRTP> {
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        codec: RTCRtpCodec {
            mime_type: mime_type.to_owned(),
            clock_rate,
            channels,
            ..RTCRtpCodec::default()
        },
        ..RTCRtpEncodingParameters::default()
    };
    let name = format!("slot-{ssrc}");
    let track = MediaStreamTrack::new(name.clone(), name.clone(), name, kind, vec![encoding]);
    Arc::new(TrackLocalStaticRTP::new(track))
}

/// Answers a participant's offer with a mirror.
async fn answer(offer: &str) -> Outcome<(Arc<dyn PeerConnection>, String)> {
    let voice = outgoing(RtpCodecKind::Audio, 1001, "audio/opus", 48_000, 2);
    let stage = outgoing(RtpCodecKind::Video, 1002, "video/VP8", 90_000, 0);
    let (gathering, mut gathered) = watch::channel(RTCIceGatheringState::New);
    let mut engine = MediaEngine::default();
    engine.register_default_codecs()?;
    let interceptors = register_default_interceptors(Registry::new(), &mut engine)?;
    let mirror = Mirror {
        voice: Arc::clone(&voice),
        stage: Arc::clone(&stage),
        gathering,
    };
    let builder = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_interceptor_registry(interceptors)
        .with_handler(Arc::new(mirror))
        .with_setting_engine(SettingEngineBuilder::new().with_lite(true).build())
        .with_udp_addrs(vec![SocketAddr::from(([127, 0, 0, 1], 0))]);
    let connection: Arc<dyn PeerConnection> = Arc::new(Box::pin(builder.build()).await?);
    for track in [voice, stage] {
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            ..RTCRtpTransceiverInit::default()
        };
        connection
            .add_transceiver_from_track(track as Arc<dyn TrackLocal>, Some(init))
            .await?;
    }
    agree(&*connection, offer).await?;
    gathered
        .wait_for(|state| *state == RTCIceGatheringState::Complete)
        .await?;
    let described = connection.local_description().await.ok_or("no answer")?;
    Ok((connection, described.sdp))
}

async fn agree(connection: &dyn PeerConnection, offer: &str) -> Outcome {
    let offer = RTCSessionDescription::offer(offer.to_owned())?;
    connection.set_remote_description(offer).await?;
    let answer = connection.create_answer(None).await?;
    Ok(connection.set_local_description(answer).await?)
}

/// A participant that publishes, the server's end of its connection, and the mirror.
async fn join(conduct: Conduct) -> Outcome<(Participant, ServerEnd, Arc<dyn PeerConnection>)> {
    let (config, entered) = serve(|mut end| async move {
        let hello = end.receive().await?;
        let (mirror, sdp) = answer(hello["offer"].as_str().ok_or("no offer")?).await?;
        let welcome = json!({"type": "welcome", "session": "s1", "seq": 1, "answer": sdp});
        end.send(welcome).await?;
        Ok((end, mirror))
    })
    .await?;
    let config = config.with_media(Media {
        source: Source::city("Tokyo", [200, 30, 60], 440)?,
        slots: Slots {
            voices: 1,
            ..Slots::default()
        },
        conduct,
        ..Media::default()
    });
    let (participant, _) = Participant::join(config).await?;
    let (end, mirror) = entered.await??;
    participant.connected(WAIT_TIMEOUT).await?;
    Ok((participant, end, mirror))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_media_comes_back_and_is_counted_in_its_own_slot() -> Outcome {
    let (participant, _end, mirror) = join(Conduct::Fair).await?;
    participant
        .until_counted(WAIT_TIMEOUT, |counts| {
            counts.values().all(|count| count.frames >= 5)
        })
        .await?;
    let counts = participant.counts();
    let [voice, stage] = participant.slots() else {
        panic!("two slots were requested");
    };
    let (voice, stage) = (&counts[&voice.mid], &counts[&stage.mid]);
    assert_eq!(voice.ssrcs.iter().collect::<Vec<_>>(), [&1001]);
    assert_eq!(stage.ssrcs.iter().collect::<Vec<_>>(), [&1002]);
    assert_eq!(stage.keyframes, stage.frames, "every frame is a keyframe");
    assert!(voice.first <= voice.last && voice.last <= Some(participant.clock()));
    participant.leave().await;
    Ok(mirror.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_participant_keeps_sending_after_the_server_closed_the_connection() -> Outcome {
    let (participant, mut end, mirror) = join(Conduct::Hostile).await?;
    end.close(1001).await?;
    participant.closed().await;
    let before = participant.counts();
    participant
        .until_counted(WAIT_TIMEOUT, |counts| {
            counts
                .iter()
                .all(|(mid, count)| count.frames >= before[mid].frames + 5)
        })
        .await?;
    participant.leave().await;
    Ok(mirror.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_continues_after_an_ice_restart() -> Outcome {
    let (participant, mut end, mirror) = join(Conduct::Fair).await?;
    let server = async {
        let signal = end.receive().await?;
        assert_eq!(
            (&signal["type"], &signal["to"]),
            (&json!("signal"), &json!("room"))
        );
        agree(&*mirror, signal["offer"].as_str().ok_or("no offer")?).await?;
        let answer = mirror.local_description().await.ok_or("no answer")?.sdp;
        let signal = json!({"type": "signal", "from": "room", "answer": answer});
        end.send(signal).await
    };
    let (restarted, answered) = tokio::join!(participant.restart_media(), server);
    answered?;
    restarted?;
    let before = participant.counts();
    participant
        .until_counted(WAIT_TIMEOUT, |counts| {
            counts
                .iter()
                .all(|(mid, count)| count.frames >= before[mid].frames + 5)
        })
        .await?;
    participant.leave().await;
    Ok(mirror.close().await?)
}

#[test]
fn a_participant_can_be_shared_between_tasks() {
    fn shared<T: Send + Sync + 'static>() {}
    fn sent<T: Send>(_: impl FnOnce(Config) -> T) {}
    shared::<Participant>();
    sent(Participant::join);
}
