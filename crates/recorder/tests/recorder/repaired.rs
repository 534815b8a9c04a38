//! Packets that come late, twice, or never.

use plenary_scene::Source;
use plenary_transport::sdp::Codec;
use proptest::prelude::*;

use super::meeting::{Meeting, Packet, Stream, file, picture, read, sound};

/// The number that a frame has in it.
fn number(frame: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(frame[at..at + 4].try_into().unwrap())
}

/// Moves each packet by up to so many places, as a network and its retransmissions do.
fn shuffled(packets: Vec<Packet>, moves: &[usize]) -> Vec<Packet> {
    let mut keyed: Vec<(usize, Packet)> = packets.into_iter().enumerate().collect();
    for ((key, _), by) in keyed.iter_mut().zip(moves.iter().cycle()) {
        *key = *key * 4 + by * 4;
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, packet)| packet).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sound_that_comes_in_disorder_and_twice_is_whole_and_what_is_lost_is_counted(
        moves in proptest::collection::vec(0_usize..6, 1..30),
        lost in proptest::collection::btree_set(1_usize..99, 0..10),
    ) {
        let mut meeting = Meeting::new();
        let key = meeting.begin("sound", Source::Microphone, 0);
        let mut stream = Stream::new(Codec::Opus);
        let mut packets = Vec::new();
        for at in 0..100_u32 {
            packets.extend(stream.frame(&sound(at), false, meeting.at(u64::from(at) * 20)));
            stream.pass(20);
        }
        // The first is in place, because nothing before it can be known to be missing.
        let first = packets.remove(0);
        meeting.give(key, &[first]);
        let kept: Vec<Packet> = packets
            .into_iter()
            .enumerate()
            .filter(|(at, _)| !lost.contains(&(at + 1)))
            .map(|(_, packet)| packet)
            .collect();
        let sent = shuffled(kept, &moves);
        meeting.give(key, &sent);
        meeting.give(key, &sent[..10]);
        meeting.end(key, 2000);
        let (folder, written) = meeting.close();
        let lost_before_last = lost.iter().filter(|at| **at < 99).count() as u64;
        prop_assert_eq!(written[0].lost_packets, lost_before_last);
        let (_, _, frames) = read(&std::fs::read(file(&folder, &written[0])).unwrap());
        let numbers: Vec<u32> = frames.iter().map(|it| number(&it.data, 1)).collect();
        let expected: Vec<u32> = (0..100).filter(|at| !lost.contains(&(*at as usize))).collect();
        prop_assert_eq!(numbers, expected);
        for frame in &frames {
            prop_assert_eq!(frame.at.as_millis(), u128::from(number(&frame.data, 1) * 20));
        }
    }

    #[test]
    fn after_a_loss_pictures_go_on_at_the_next_keyframe_and_none_is_broken(
        moves in proptest::collection::vec(0_usize..4, 1..30),
        lost in proptest::collection::btree_set(3_usize..250, 0..4),
    ) {
        let mut meeting = Meeting::new();
        let key = meeting.begin("picture", Source::Camera, 0);
        let mut stream = Stream::new(Codec::Vp8);
        let mut packets = Vec::new();
        let mut damaged = Vec::new();
        for at in 0..100_u32 {
            let frame = picture(at % 20 == 0, at, 2400);
            let sent = stream.frame(&frame, at % 20 == 0, meeting.at(u64::from(at) * 40));
            damaged.extend(
                (packets.len()..packets.len() + sent.len())
                    .filter(|it| lost.contains(it))
                    .map(|_| at),
            );
            packets.extend(sent);
            stream.pass(40);
        }
        let kept: Vec<Packet> = packets
            .into_iter()
            .enumerate()
            .filter(|(at, _)| !lost.contains(at))
            .map(|(_, packet)| packet)
            .collect();
        let (first, rest) = kept.split_at(3);
        meeting.give(key, first);
        meeting.give(key, &shuffled(rest.to_vec(), &moves));
        meeting.end(key, 4000);
        let (folder, written) = meeting.close();
        let (_, _, frames) = read(&std::fs::read(file(&folder, &written[0])).unwrap());
        let numbers: Vec<u32> = frames
            .iter()
            .map(|it| number(&it.data, if it.keyframe { 13 } else { 6 }))
            .collect();
        let mut expected = Vec::new();
        let mut decodable = true;
        for at in 0..100 {
            decodable = !damaged.contains(&at) && (decodable || at % 20 == 0);
            if decodable {
                expected.push(at);
            }
        }
        prop_assert_eq!(numbers, expected);
        for frame in &frames {
            let keyframe = frame.keyframe;
            let number = number(&frame.data, if keyframe { 13 } else { 6 });
            prop_assert_eq!(&frame.data, &picture(keyframe, number, 2400));
        }
    }
}
