use bytes::Bytes;
use proptest::prelude::*;
use rtc_rtp::{
    codec::{h264::H264Payloader, vp8::Vp8Payloader, vp9::Vp9Payloader},
    packetizer::Payloader,
};

use super::*;

fn payloads(payloader: &mut dyn Payloader, mtu: usize, frame: &[u8]) -> Vec<Bytes> {
    payloader
        .payload(mtu, &Bytes::copy_from_slice(frame))
        .unwrap()
}

fn assembled(codec: Codec, payloads: &[Bytes]) -> Result<Vec<u8>, Malformed> {
    let (mut assembly, mut sets, mut out) =
        (Assembly::default(), ParameterSets::default(), Vec::new());
    assert!(begins_frame(codec, &payloads[0]));
    for payload in payloads {
        assembly.append(codec, payload, &mut sets, &mut out)?;
    }
    assembly.complete(codec, 0, &mut out)?;
    Ok(out)
}

fn units(frame: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = frame;
    let mut found = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (unit, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        found.push(unit.to_vec());
        rest = behind;
    }
    found
}

proptest! {
    #[test]
    fn a_picture_of_vp8_or_vp9_comes_back_as_it_was_sent(
        mtu in 40_usize..1200,
        picture_ids in any::<bool>(),
        frame in proptest::collection::vec(any::<u8>(), 1..5000),
    ) {
        let mut vp8 = Vp8Payloader::default();
        vp8.enable_picture_id = picture_ids;
        for _ in 0..2 {
            let sent = payloads(&mut vp8, mtu, &frame);
            prop_assert_eq!(assembled(Codec::Vp8, &sent), Ok(frame.clone()));
        }
        let sent = payloads(&mut Vp9Payloader::default(), mtu, &frame);
        prop_assert_eq!(assembled(Codec::Vp9, &sent), Ok(frame));
    }

    #[test]
    fn the_units_of_h264_come_back_each_after_its_length(
        mtu in 40_usize..1200,
        // Random bytes have no start code within, if they have no two zeros.
        slices in proptest::collection::vec((1_u8..6, proptest::collection::vec(1_u8.., 4..3000)), 1..4),
    ) {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for (kind, body) in slices {
            let unit = [&[0x60 | kind][..], &body].concat();
            stream.extend([0, 0, 0, 1]);
            stream.extend(&unit);
            expected.push(unit);
        }
        let sent = payloads(&mut H264Payloader::default(), mtu, &stream);
        prop_assert_eq!(units(&assembled(Codec::H264, &sent).unwrap()), expected);
    }

    #[test]
    fn arbitrary_payloads_are_refused_or_taken_without_a_panic(
        codec in proptest::sample::select(Codec::ALL.to_vec()),
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..8),
    ) {
        let (mut assembly, mut sets, mut out) =
            (Assembly::default(), ParameterSets::default(), Vec::new());
        for payload in &payloads {
            let _ = begins_frame(codec, payload);
            let _ = assembly.append(codec, payload, &mut sets, &mut out);
        }
        let _ = assembly.complete(codec, 0, &mut out);
        let _ = (sets.size(), sets.configuration());
        let _ = (vp8_size(&payloads[0]), vp9_size(&payloads[0]));
    }
}

#[test]
fn the_first_packet_of_a_picture_is_told_from_the_others() {
    assert!(begins_frame(Codec::Vp8, &[0x10, 1]));
    assert!(!begins_frame(Codec::Vp8, &[0x00, 1]));
    assert!(!begins_frame(Codec::Vp8, &[0x11, 1]), "a later partition");
    assert!(begins_frame(Codec::Vp9, &[0x08, 1]));
    assert!(!begins_frame(Codec::Vp9, &[0x04, 1]));
    assert!(begins_frame(Codec::H264, &[0x7c, 0x85, 1]));
    assert!(!begins_frame(Codec::H264, &[0x7c, 0x45, 1]));
}

#[test]
fn the_layers_of_a_picture_of_vp9_have_an_index_behind_them() {
    let layers = [&[0x08, 7, 7][..], &[0x04, 7], &[0x0c, 8, 8, 8]];
    let sent: Vec<Bytes> = layers.iter().map(|it| Bytes::copy_from_slice(it)).collect();
    let frame = assembled(Codec::Vp9, &sent).unwrap();
    let marker = 0b1101_1001;
    assert_eq!(
        frame,
        [7, 7, 7, 8, 8, 8, marker, 3, 0, 0, 0, 3, 0, 0, 0, marker]
    );
}

#[test]
fn a_keyframe_says_how_large_the_picture_is() {
    let vp8 = [0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9];
    assert_eq!(vp8_size(&vp8), Some((640, 360)));
    // Colour space 1, limited range, 639 and 359 in sixteen bits each.
    let bits: u64 = 1 << 61 | 639 << 44 | 359 << 28;
    let vp9 = [&[0x82, 0x49, 0x83, 0x42][..], &bits.to_be_bytes()].concat();
    assert_eq!(vp9_size(&vp9), Some((640, 360)));
}
