//! Offers: whatever is read is answered, line by line.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use plenary_transport::{
    fingerprint::Fingerprint,
    ice::Credentials,
    sdp::{AnswerParams, Codec, Limits, Offer, SlotAnswer, answer},
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(offer) = Offer::parse(text, &Limits::default()) else {
        return;
    };
    let codecs = Codec::ALL;
    let slot = |mid: &str| SlotAnswer {
        ssrc: 1,
        rtx_ssrc: Some(2),
        cname: "plenary".to_owned(),
        stream: format!("stream-{mid}"),
        track: format!("track-{mid}"),
    };
    let params = AnswerParams {
        session_id: 1,
        version: 0,
        ice: Credentials {
            ufrag: "0123".to_owned(),
            pwd: "0123456789abcdef012345".to_owned(),
        },
        fingerprint: Fingerprint::of(b"certificate"),
        candidates: vec![([192, 0, 2, 1], 7000).into()],
        codecs: offer
            .lines()
            .map(|line| (line.mid.clone(), codecs.to_vec()))
            .collect::<HashMap<_, _>>(),
        slots: offer
            .lines()
            .map(|line| (line.mid.clone(), slot(&line.mid)))
            .collect(),
    };
    let answer = answer(&offer, &params);
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(lines(&answer), lines(text), "every line has its place");
});
