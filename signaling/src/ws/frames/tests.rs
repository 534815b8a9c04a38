use proptest::prelude::*;

use super::*;

const MAX_BYTES: usize = 1000;
const MASKED: u8 = 0x80;

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(MASKED | u8::try_from(short).unwrap()),
        long => {
            frame.push(MASKED | 0x7e);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend(mask);
    let masked = payload.iter().zip(mask.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

fn text(payload: &str) -> Vec<u8> {
    frame(0x81, payload.as_bytes(), [1, 2, 3, 4])
}

fn read(bytes: &[u8]) -> Result<Vec<Message>, Violation> {
    let mut reader = Reader::new(MAX_BYTES);
    reader.push(bytes);
    let mut messages = Vec::new();
    while let Some(message) = reader.next()? {
        messages.push(message);
    }
    Ok(messages)
}

/// What a client may send, and what the server reads of it.
fn messages() -> impl Strategy<Value = Vec<(Message, Vec<u8>)>> {
    let mask = any::<[u8; 4]>();
    let payload = proptest::collection::vec(any::<u8>(), 0..=125);
    // A text in parts, with a ping after each part but the last.
    let texts = (
        ".{0,200}",
        proptest::collection::vec(0..200_usize, 0..4),
        mask,
    );
    let texts = texts.prop_map(|(text, cuts, mask)| {
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|it| it.min(bytes.len())).collect();
        cuts.sort_unstable();
        let mut sent = Vec::new();
        let mut from = 0;
        for (number, cut) in cuts.iter().enumerate() {
            let opcode = u8::from(number == 0);
            sent.extend(frame(opcode, &bytes[from..*cut], mask));
            from = *cut;
        }
        let last = if cuts.is_empty() { 0x81 } else { 0x80 };
        sent.extend(frame(last, &bytes[from..], mask));
        (Message::Text(text), sent)
    });
    let pings = (payload.clone(), mask).prop_map(|(payload, mask)| {
        let sent = frame(0x89, &payload, mask);
        (Message::Ping(payload), sent)
    });
    let answers =
        (payload, mask).prop_map(|(payload, mask)| (Message::Pong, frame(0x8A, &payload, mask)));
    proptest::collection::vec(prop_oneof![texts, pings, answers], 0..12)
}

proptest! {
    #[test]
    fn every_message_is_read_however_its_bytes_arrive(
        messages in messages(),
        cuts in proptest::collection::vec(1..64_usize, 1..64),
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|(_, sent)| sent.clone()).collect();
        let mut reader = Reader::new(MAX_BYTES);
        let (mut received, mut rest) = (Vec::new(), bytes.as_slice());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (arrived, later) = rest.split_at((*cut).min(rest.len()));
            rest = later;
            reader.push(arrived);
            while let Some(message) = reader.next().unwrap() {
                received.push(message);
            }
        }
        let sent: Vec<Message> = messages.into_iter().map(|(message, _)| message).collect();
        prop_assert_eq!(received, sent);
        prop_assert_eq!(reader.bytes.capacity(), 0, "nothing is kept");
    }

    #[test]
    fn no_bytes_whatever_harm_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }
}

#[test]
fn a_ping_between_the_parts_of_a_text_comes_first() {
    let bytes = [
        frame(0x01, b"half ", [7; 4]),
        frame(0x89, b"?", [8; 4]),
        frame(0x80, b"whole", [9; 4]),
    ];
    let expected = [
        Message::Ping(b"?".to_vec()),
        Message::Text("half whole".to_owned()),
    ];
    assert_eq!(read(&bytes.concat()).unwrap(), expected);
}

#[test]
fn what_rfc_6455_forbids_is_refused() {
    let unmasked = vec![0x81, 2, b'h', b'i'];
    let mut long_ping = frame(0x89, &[0; 126], [0; 4]);
    long_ping.truncate(8);
    let wrong = [
        ("an unmasked frame", unmasked),
        ("a reserved bit", frame(0xC1, b"hi", [0; 4])),
        ("a reserved opcode", frame(0x83, b"hi", [0; 4])),
        ("a reserved control opcode", frame(0x8B, b"hi", [0; 4])),
        ("a binary message", frame(0x82, b"hi", [0; 4])),
        ("a continuation of nothing", frame(0x80, b"hi", [0; 4])),
        (
            "a text inside a text",
            [frame(0x01, b"a", [0; 4]), text("b")].concat(),
        ),
        ("a ping in parts", frame(0x09, b"hi", [0; 4])),
        ("a ping of 126 bytes", long_ping),
        ("a text that is not UTF-8", frame(0x81, &[0xFF], [0; 4])),
        ("a close of one byte", frame(0x88, &[3], [0; 4])),
        (
            "a close with a reserved code",
            frame(0x88, &1005_u16.to_be_bytes(), [0; 4]),
        ),
        (
            "a close whose reason is not UTF-8",
            frame(0x88, &[3, 232, 0xFF], [0; 4]),
        ),
    ];
    for (what, bytes) in wrong {
        assert_eq!(read(&bytes), Err(Violation::Invalid), "{what}");
    }
}

#[test]
fn a_message_that_is_too_long_is_refused_by_its_head() {
    let whole = frame(0x81, &[b'x'; MAX_BYTES + 1], [0; 4]);
    assert_eq!(read(&whole[..8]), Err(Violation::TooLarge));
    let parts = [
        frame(0x01, &[b'x'; MAX_BYTES], [0; 4]),
        frame(0x00, b"x", [0; 4]),
    ];
    assert_eq!(read(&parts.concat()), Err(Violation::TooLarge));
    let mut endless = vec![0x81, MASKED | 0x7f];
    endless.extend(u64::MAX.to_be_bytes());
    endless.extend([0; 4]);
    assert_eq!(read(&endless), Err(Violation::TooLarge));
    let longest = frame(0x81, &[b'x'; MAX_BYTES], [0; 4]);
    assert_eq!(read(&longest).unwrap().len(), 1);
}

#[test]
fn a_close_goes_back_with_its_code_and_reason() {
    let payload = [&1000_u16.to_be_bytes(), b"bye".as_slice()].concat();
    let read = read(&frame(0x88, &payload, [5; 4])).unwrap();
    assert_eq!(read, [Message::Close(payload.clone())]);
    assert_eq!(close_with(&payload), close(1000, "bye"));
}

#[test]
fn the_head_of_a_frame_has_the_shortest_length_that_fits() {
    let head = |bytes| text_head(bytes).to_vec();
    assert_eq!(head(125), [0x81, 125]);
    assert_eq!(head(126), [0x81, 126, 0, 126]);
    assert_eq!(head(65_535), [0x81, 126, 255, 255]);
    assert_eq!(head(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    let two = [Bytes::from_static(b"a"), Bytes::from_static(b"bc")];
    assert_eq!(texts(&two).to_vec(), b"\x81\x01a\x81\x02bc");
}
