//! The engine with its threads and sockets, and clients that reach it by each kind of path.

mod client;
mod relay_client;

use client::{Client, Way};
use relay_client::RelayAccess;

use super::*;
use crate::core::tests::test_core::{on_stage, room};

fn engine(workers: usize) -> Media {
    let config = MediaConfig {
        workers,
        ..MediaConfig::new("127.0.0.1:0".parse().unwrap())
    };
    Media::start(&config).unwrap()
}

/// A speaker on stage by UDP, and a listener by another way.
async fn speaker_and_listener(media: &Media, way: Way) -> (Client, Client) {
    let speaker = Client::join(media, "tokyo-1", 100, Way::Udp).await;
    let listener = Client::join(media, "seoul-1", 200, way).await;
    media.show(&room(), 1, &on_stage(&["tokyo-1"])).await;
    (speaker, listener)
}

/// The kind of path that a client has.
async fn kind(media: &Media, client: &Client) -> String {
    let figures = media.figures(None).await;
    let of_client = figures.into_iter().find(|it| it.session == client.session);
    let path = of_client.unwrap().path.unwrap();
    path.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_listener_hears_by_every_kind_of_path() {
    // Two workers, so that connections and their sessions meet across threads.
    for workers in [1, 2] {
        let media = engine(workers);
        for (way, expected) in [
            (Way::Udp, "udp"),
            (Way::IceTcp, "tcp"),
            (Way::Relay(RelayAccess::Udp), "turn-udp"),
            (Way::Relay(RelayAccess::Tcp), "turn-tcp"),
            (Way::Relay(RelayAccess::Tls), "turn-tls"),
        ] {
            let (mut speaker, mut listener) = speaker_and_listener(&media, way).await;
            listener.hears(&mut speaker).await;
            assert_eq!(kind(&media, &listener).await, expected);
            let paths = media.counters().paths;
            let path = paths.iter().find(|path| path.kind == expected).unwrap();
            assert!(path.packets_in > 0 && path.bytes_out > path.packets_out);
            media.leave(speaker.session);
            media.leave(listener.session);
        }
        assert_eq!(media.counters().ungranted_packets_forwarded, 0);
    }
}

#[tokio::test]
async fn a_speaker_is_heard_by_every_kind_of_path() {
    let media = engine(2);
    for way in [
        Way::IceTcp,
        Way::Relay(RelayAccess::Udp),
        Way::Relay(RelayAccess::Tcp),
    ] {
        let mut listener = Client::join(&media, "seoul-1", 200, Way::Udp).await;
        let mut speaker = Client::join(&media, "tokyo-1", 100, way).await;
        media.show(&room(), 1, &on_stage(&["tokyo-1"])).await;
        listener.hears(&mut speaker).await;
        media.leave(speaker.session);
        media.leave(listener.session);
    }
}

#[tokio::test]
async fn a_session_moves_from_udp_to_tcp_and_to_the_relay_and_back_by_nomination() {
    let media = engine(2);
    let (mut speaker, mut listener) = speaker_and_listener(&media, Way::Udp).await;
    listener.hears(&mut speaker).await;
    for (way, expected) in [
        (Way::IceTcp, "tcp"),
        (Way::Relay(RelayAccess::Tcp), "turn-tcp"),
        (Way::Udp, "udp"),
    ] {
        listener.move_to(&media, way).await;
        speaker.move_to(&media, way).await;
        listener.hears(&mut speaker).await;
        assert_eq!(kind(&media, &listener).await, expected);
        assert_eq!(kind(&media, &speaker).await, expected);
    }
}

#[tokio::test]
async fn a_connection_that_closes_gives_its_session_back_to_the_path_that_is_left() {
    let media = engine(1);
    let (mut speaker, mut listener) = speaker_and_listener(&media, Way::Udp).await;
    listener.hears(&mut speaker).await;
    let udp = listener.move_to(&media, Way::IceTcp).await;
    listener.hears(&mut speaker).await;
    assert_eq!(kind(&media, &listener).await, "tcp");
    // The kernel is told by the drop, the engine by the kernel.
    listener.replace_path(udp);
    while kind(&media, &listener).await != "udp" {
        tokio::task::yield_now().await;
    }
    listener.hears(&mut speaker).await;
    while media.counters().streams > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_connection_that_stalled_goes_on_with_current_sound_and_not_with_what_it_missed() {
    let media = engine(1);
    let (mut speaker, mut listener) = speaker_and_listener(&media, Way::IceTcp).await;
    listener.hears(&mut speaker).await;
    // The listener reads nothing, until its connection takes nothing any more and packets have become old.
    let mut sent = 0_u32;
    while media.counters().packets_late < 50 {
        for _ in 0..20 {
            speaker.say_numbered(sent, 1100).await;
            sent += 1;
        }
        // The engine has taken them when it answers this.
        media.figures(None).await;
    }
    let last = sent - 1;
    let heard = listener.numbers_until(last, &mut speaker).await;
    assert!(heard.is_sorted(), "in order");
    // They may have become old at several times.
    let missing = (0..=last).filter(|number| heard.binary_search(number).is_err());
    assert!(missing.count() >= 50, "old ones were dropped");
    listener.hears(&mut speaker).await;
}

#[tokio::test]
async fn what_is_no_ice_and_no_turn_is_hung_up_on() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let media = engine(1);
    for nonsense in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0; 64]] {
        let mut stream = tokio::net::TcpStream::connect(media.local_addr())
            .await
            .unwrap();
        stream.write_all(nonsense).await.unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty());
    }
}

#[tokio::test]
async fn the_media_port_is_the_same_number_by_udp_and_tcp() {
    let media = engine(1);
    let taken = std::net::TcpListener::bind(media.local_addr());
    assert!(taken.is_err());
    let config = MediaConfig::new(media.local_addr());
    assert!(Media::start(&config).is_err(), "and nobody else gets it");
}
