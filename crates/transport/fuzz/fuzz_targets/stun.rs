//! Datagrams of strangers on the media port: told apart, and connectivity checks answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plenary_transport::ice::{BindingRequest, Credentials, classify};

fuzz_target!(|bytes: &[u8]| {
    let _ = classify(bytes);
    if let Some(request) = BindingRequest::parse(bytes) {
        let (local, remote) = (
            request.local_ufrag().to_owned(),
            request.remote_ufrag().to_owned(),
        );
        let credentials = Credentials {
            ufrag: local,
            pwd: "0123456789abcdef012345".to_owned(),
        };
        let _ = request.answer(&credentials, &remote, ([192, 0, 2, 7], 50_000).into());
    }
});
