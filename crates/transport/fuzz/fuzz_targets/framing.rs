//! Streams of strangers on the media port: told apart, and cut into frames.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plenary_transport::framing::{FrameReader, MAX_FRAME_BYTES, Protocol};

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, stream)) = bytes.split_first() else {
        return;
    };
    let _ = Protocol::of(stream);
    for protocol in [Protocol::Ice, Protocol::Turn] {
        let frames = |piece: usize| {
            let mut reader = FrameReader::new(protocol, Vec::new());
            let mut frames = Vec::new();
            for part in stream.chunks(piece) {
                reader.buffer().extend_from_slice(part);
                loop {
                    match reader.next_frame() {
                        Ok(Some(frame)) => {
                            assert!((1..=MAX_FRAME_BYTES).contains(&frame.len()));
                            frames.push(frame.to_vec());
                        }
                        Ok(None) => break,
                        Err(_) => return frames,
                    }
                }
            }
            frames
        };
        assert_eq!(frames(usize::from(*cut).max(1)), frames(stream.len().max(1)));
    }
});
