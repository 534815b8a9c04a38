//! What waits for a stream that stalls.

use std::time::{Duration, Instant};

use plenary_transport::{
    outgoing::PacketClass,
    send_queue::{Frame, MAX_AGE, SendQueue},
};

fn frame(number: u8, length: usize) -> Frame {
    Frame::new(vec![number; length])
}

fn numbers(queue: &mut SendQueue) -> Vec<u8> {
    std::iter::from_fn(|| queue.pop().map(|frame| frame.as_slice()[0])).collect()
}

#[test]
fn sound_overtakes_pictures_and_checks_overtake_both() {
    let (mut queue, now) = (SendQueue::default(), Instant::now());
    for (class, number) in [
        (PacketClass::Picture, 1),
        (PacketClass::Sound, 2),
        (PacketClass::Picture, 3),
        (PacketClass::Control, 4),
        (PacketClass::Sound, 5),
    ] {
        assert_eq!(queue.push(class, frame(number, 100), now), 0);
    }
    assert_eq!(numbers(&mut queue), [4, 2, 5, 1, 3]);
    assert!(queue.is_empty());
}

#[test]
fn a_stream_that_stalled_goes_on_with_what_is_current() {
    let (mut queue, begin) = (SendQueue::default(), Instant::now());
    queue.push(PacketClass::Control, frame(200, 50), begin);
    let mut dropped = 0;
    for number in 0..100_u8 {
        let now = begin + Duration::from_millis(20) * u32::from(number);
        dropped += queue.push(PacketClass::Sound, frame(number, 80), now);
        dropped += queue.push(PacketClass::Picture, frame(100 + number, 1200), now);
    }
    let now = begin + Duration::from_millis(20 * 99);
    dropped += queue.drop_late(now);
    let left = numbers(&mut queue);
    assert_eq!(dropped + left.len() - 1, 200, "each is sent or counted");
    assert_eq!(left[0], 200, "a check is kept");
    let oldest = 99 - u8::try_from(MAX_AGE.as_millis() / 20).unwrap() + 1;
    let sound: Vec<u8> = (oldest..100).collect();
    assert_eq!(left[1..=sound.len()], sound);
}

#[test]
fn what_waits_is_bounded_whatever_it_is() {
    let (mut queue, now) = (SendQueue::default(), Instant::now());
    let mut dropped = 0;
    for _ in 0..2000 {
        dropped += queue.push(PacketClass::Picture, frame(1, 1200), now);
        dropped += queue.push(PacketClass::Sound, frame(2, 80), now);
        dropped += queue.push(PacketClass::Control, frame(3, 80), now);
    }
    let left = numbers(&mut queue);
    assert_eq!(dropped + left.len(), 6000);
    assert!(left.len() < 700, "{}", left.len());
}

#[test]
fn media_that_a_scene_has_taken_away_is_not_there_any_more() {
    let (mut queue, now) = (SendQueue::default(), Instant::now());
    queue.push(PacketClass::Picture, frame(1, 1200), now);
    queue.push(PacketClass::Sound, frame(2, 80), now);
    queue.push(PacketClass::Control, frame(3, 80), now);
    queue.drop_media();
    assert_eq!(numbers(&mut queue), [3]);
}

#[test]
fn a_packet_of_ice_goes_behind_its_length() {
    let framed = Frame::of_ice([&[0; 4], &b"packet"[..]].concat()).unwrap();
    assert_eq!(framed.as_slice(), b"\0\x06packet");
    assert!(Frame::of_ice(vec![0; 70_000]).is_none());
    assert!(Frame::of_ice(vec![0; 3]).is_none());
}
