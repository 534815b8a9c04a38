//! The DTLS front end: datagrams in any order, with time passing between them.
//!
//! The input is a series of datagrams, each behind its length
//! (two bytes) and the wait before it (one byte, 16 ms each).
#![no_main]

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use libfuzzer_sys::fuzz_target;
use plenary_transport::{
    dtls::{Certificate, Dtls},
    fingerprint::Fingerprint,
};

static CERTIFICATE: LazyLock<Certificate> =
    LazyLock::new(|| Certificate::generate().expect("a certificate can be made"));

fuzz_target!(|bytes: &[u8]| {
    let mut now = Instant::now();
    let mut dtls = Dtls::new(&CERTIFICATE, Fingerprint::of(b"the client's"));
    let mut rest = bytes;
    while let Some(([high, low, wait], behind)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(behind.len());
        let (datagram, behind) = behind.split_at(length);
        rest = behind;
        now += Duration::from_millis(u64::from(*wait) * 16);
        if dtls.deadline().is_some_and(|due| due <= now) {
            dtls.handle_timeout(now);
        }
        dtls.handle(now, datagram);
        while dtls.poll_transmit().is_some() {}
        while dtls.poll_event().is_some() {}
    }
    dtls.close(now);
});
