//! The clocks of senders.

use plenary_scene::Source;
use plenary_transport::sdp::Codec;

use super::meeting::{BEGAN, Meeting, Stream, picture, sound};

/// What the clock of a sender, which is three hours ahead, shows when the meeting's shows so many milliseconds.
fn ntp(ms: u64) -> u64 {
    let ms = ms + 3 * 3_600_000;
    ((4_000_000_000 + ms / 1000) << 32) + ((ms % 1000) << 32) / 1000
}

#[test]
fn takes_of_one_participant_are_aligned_by_sender_reports_and_not_by_their_arrival() {
    let mut meeting = Meeting::new();
    let microphone = meeting.begin("sound", Source::Microphone, 0);
    let camera = meeting.begin("picture", Source::Camera, 0);
    let (mut opus, mut vp8) = (Stream::new(Codec::Opus), Stream::new(Codec::Vp8));
    // Sound takes 30 ms to arrive, and pictures take 130 ms.
    let (sound_rtp, picture_rtp) = (opus.timestamp, vp8.timestamp);
    for ms in (0..3000).step_by(20) {
        let packets = opus.frame(&sound(0), false, meeting.at(ms + 30));
        meeting.give(microphone, &packets);
        opus.pass(20);
        if ms % 40 == 0 {
            let packets = vp8.frame(&picture(ms == 0, 0, 10), ms == 0, meeting.at(ms + 130));
            meeting.give(camera, &packets);
            vp8.pass(40);
        }
        if ms == 1000 {
            let at = meeting.at(ms);
            let sound = sound_rtp.wrapping_add(48 * 1000);
            let picture = picture_rtp.wrapping_add(90 * 1000);
            meeting
                .tap
                .sender_report(microphone, (0, 1), ntp(1000), sound, at);
            meeting
                .tap
                .sender_report(camera, (0, 1), ntp(1000), picture, at);
        }
    }
    meeting.end(camera, 3000);
    meeting.end(microphone, 3000);
    let (_, written) = meeting.close();
    let from: Vec<u64> = written.iter().map(|it| it.from.0 - BEGAN.0).collect();
    assert_eq!(from, [30, 30]);
}

#[test]
fn without_a_sender_report_the_arrival_counts() {
    let mut meeting = Meeting::new();
    let camera = meeting.begin("picture", Source::Camera, 0);
    meeting.show(camera, &mut Stream::new(Codec::Vp8), 130, 1130);
    meeting.end(camera, 1130);
    let (_, written) = meeting.close();
    assert_eq!(written[0].from.0 - BEGAN.0, 130);
}
