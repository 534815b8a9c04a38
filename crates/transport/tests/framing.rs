//! Datagrams in a stream of bytes, however the stream is cut.

#![expect(
    clippy::expect_used,
    reason = "what helps a test fails it by panicking"
)]

use plenary_transport::framing::{FrameReader, FramingError, MAX_FRAME_BYTES, Protocol};
use proptest::prelude::*;

/// All frames that a reader yields when it gets the stream in these pieces.
fn frames(protocol: Protocol, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, FramingError> {
    let mut reader = FrameReader::new(protocol, Vec::new());
    let mut frames = Vec::new();
    for piece in pieces {
        reader.buffer().extend_from_slice(piece);
        while let Some(frame) = reader.next_frame()? {
            frames.push(frame.to_vec());
        }
    }
    Ok(frames)
}

/// Cuts a stream at these places.
fn cut<'a>(stream: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = places.iter().map(|it| it.index(stream.len() + 1)).collect();
    ends.extend([0, stream.len()]);
    ends.sort_unstable();
    ends.windows(2)
        .map(|pair| &stream[pair[0]..pair[1]])
        .collect()
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).expect("short").to_be_bytes()
}

/// A STUN message of some type with that much content.
fn message(content: &[u8]) -> Vec<u8> {
    let padded = content.len().next_multiple_of(4);
    let mut message = vec![0, 0x16];
    message.extend_from_slice(&u16::try_from(padded).expect("short").to_be_bytes());
    message.extend_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
    message.extend_from_slice(&[7; 12]);
    message.extend_from_slice(content);
    message.resize(20 + padded, 0);
    message
}

proptest! {
    #[test]
    fn a_stream_of_ice_yields_the_same_frames_however_it_is_cut(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..MAX_FRAME_BYTES), 0..12),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut stream = Vec::new();
        for datagram in &datagrams {
            stream.extend_from_slice(&length(datagram));
            stream.extend_from_slice(datagram);
        }
        let sent: Vec<_> = datagrams.into_iter().filter(|it| !it.is_empty()).collect();
        prop_assert_eq!(frames(Protocol::Ice, &cut(&stream, &places)), Ok(sent));
    }

    #[test]
    fn a_stream_of_turn_yields_the_same_frames_however_it_is_cut(
        contents in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..1500)), 0..12),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let (mut stream, mut sent) = (Vec::new(), Vec::new());
        for (is_channel, content) in &contents {
            let frame = if *is_channel {
                [&[0x40, 0x01], &length(content)[..], content].concat()
            } else {
                message(content)
            };
            stream.extend_from_slice(&frame);
            stream.resize(stream.len().next_multiple_of(4), 0xff);
            sent.push(frame);
        }
        prop_assert_eq!(frames(Protocol::Turn, &cut(&stream, &places)), Ok(sent));
    }

    #[test]
    fn any_bytes_at_all_end_in_frames_of_bounded_length_or_an_error(
        stream in prop::collection::vec(any::<u8>(), 0..6000),
        is_turn in any::<bool>(),
    ) {
        let protocol = if is_turn { Protocol::Turn } else { Protocol::Ice };
        for frame in frames(protocol, &[&stream]).unwrap_or_default() {
            prop_assert!((1..=MAX_FRAME_BYTES).contains(&frame.len()));
        }
    }
}

#[test]
fn a_length_that_no_client_needs_ends_the_stream_before_its_bytes_are_there() {
    let too_long = u16::try_from(MAX_FRAME_BYTES + 1)
        .expect("short")
        .to_be_bytes();
    assert_eq!(frames(Protocol::Ice, &[&too_long]), Err(FramingError));
    assert_eq!(frames(Protocol::Ice, &[&[0xff, 0xff]]), Err(FramingError));
    let channel = [&[0x40, 0x00], &too_long[..]].concat();
    assert_eq!(frames(Protocol::Turn, &[&channel]), Err(FramingError));
    assert_eq!(
        frames(Protocol::Turn, &[&[0, 3, 0xff, 0xfc]]),
        Err(FramingError)
    );
    assert_eq!(frames(Protocol::Turn, &[b"GET / HT"]), Err(FramingError));
    assert_eq!(frames(Protocol::Turn, &[&[0x80, 0x60]]), Err(FramingError));
}

#[test]
fn the_magic_cookie_tells_the_protocols_apart() {
    let turn = message(b"");
    let ice = [&length(&turn)[..], &turn].concat();
    assert_eq!(Protocol::of(&turn), Ok(Some(Protocol::Turn)));
    assert_eq!(Protocol::of(&ice), Ok(Some(Protocol::Ice)));
    for shorter in 0..8 {
        assert_eq!(Protocol::of(&turn[..shorter]), Ok(None));
        assert_eq!(Protocol::of(&ice[..shorter]), Ok(None));
    }
    assert_eq!(Protocol::of(b"GET / HTTP/1.1\r\n"), Err(FramingError));
    assert_eq!(Protocol::of(b""), Ok(None));
}
