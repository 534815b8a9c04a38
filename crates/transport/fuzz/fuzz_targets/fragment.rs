//! Whatever a client of WHIP sends as a fragment: it is read or refused, and what restarts an offer leaves it readable.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plenary_transport::sdp::{IceFragment, Limits, Offer, ice_fragment};

const OFFER: &str = include_str!("../../tests/offers/chromium.sdp");

fuzz_target!(|text: &str| {
    if let Ok(fragment) = IceFragment::parse(text)
        && let Some(restarted) = fragment.restarted(OFFER)
    {
        assert!(Offer::parse(&restarted, &Limits::default()).is_ok());
    }
    ice_fragment(text);
});
