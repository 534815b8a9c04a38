//! Messages of strangers to the relay, and of a client that has an allocation by a request of its own.
#![no_main]

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use libfuzzer_sys::fuzz_target;
use plenary_transport::{
    peer::{LinkId, PeerAddress, RelayAccess},
    turn::{
        RelayClient, RelayLimits, RelayOutput, RelayServer, RelayTransport, TurnSecret,
        is_relay_message,
    },
};

fuzz_target!(|bytes: &[u8]| {
    let peers = vec![([192, 0, 2, 1], 8081).into()];
    let secret = TurnSecret::new("secret");
    let Some(server) = RelayServer::new(secret, peers, RelayLimits::default()) else {
        return;
    };
    let transport = RelayTransport {
        access: RelayAccess::Tcp,
        client: ([203, 0, 113, 5], 50_000).into(),
    };
    let mut client = RelayClient::new(Arc::new(server), LinkId(1), transport);
    let (now, clock) = (Instant::now(), SystemTime::now());
    for message in bytes.chunks(128) {
        let _ = is_relay_message(message);
        match client.handle(message, now, clock) {
            RelayOutput::Deliver { from, range } => {
                assert!(matches!(from, PeerAddress::Relayed(_)));
                assert!(message.get(range).is_some());
            }
            RelayOutput::Respond { authenticated, .. } => assert!(!authenticated),
            RelayOutput::Nothing => {}
        }
    }
    client.expire(now + Duration::from_secs(3600));
    assert!(!client.is_allocated());
});
