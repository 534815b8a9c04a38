//! SRTP (RFC 3711, RFC 7714) for packets that are opened once and sealed for many.
//!
//! AES-128-GCM, which nearly every client takes, is done in place with `ring` in
//! the buffer that arrives or leaves; `rtc-srtp` does the older profile and all
//! RTCP, which is rare. Replayed packets are refused before they are opened.
//!
//! A keystream is a function of key, SSRC and packet index, so sealing two packets under one index reveals both. The
//! [`Sealer`] notes every index that it has used and refuses it a second time, whatever its caller believes.

mod cipher;
mod opener;
mod sealer;

pub use cipher::AUTH_TAG_BYTES;
pub use opener::Opener;
pub use sealer::Sealer;

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use plenary_transport::dtls::{KeyAndSalt, SrtpProfile};
    use proptest::prelude::*;
    use rtc_srtp::{context::Context, crypto::default_provider, option::srtp_replay_protection};

    use super::{
        cipher::{context, protection_profile},
        sealer::{MAX_RTCP_INDEX, MAX_STEP},
        *,
    };
    use crate::counters::Counters;

    fn keys(profile: SrtpProfile) -> KeyAndSalt {
        let salt = if profile == SrtpProfile::Aes128Gcm {
            12
        } else {
            14
        };
        KeyAndSalt {
            key: (1..=16).collect(),
            salt: (1..=salt).collect(),
        }
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let mut packet = vec![0x80, 96];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0, 0, 0, 7]);
        packet.extend(b"picture");
        packet
    }

    fn sealer(profile: SrtpProfile) -> (Sealer, Arc<Counters>) {
        let counters = Arc::new(Counters::default());
        let sealer = Sealer::new(profile, &keys(profile), Arc::clone(&counters)).unwrap();
        (sealer, counters)
    }

    fn opener(profile: SrtpProfile) -> Opener {
        Opener::new(profile, &keys(profile)).unwrap()
    }

    fn try_seal(sealer: &mut Sealer, ssrc: u32, index: u64) -> Option<Vec<u8>> {
        let mut buffer = packet((index & 0xffff) as u16);
        buffer[8..12].copy_from_slice(&ssrc.to_be_bytes());
        let length = buffer.len();
        buffer.resize(length + AUTH_TAG_BYTES, 0);
        let whole = sealer.seal_rtp(ssrc, index, 12, length, &mut buffer)?;
        buffer.truncate(whole);
        Some(buffer)
    }

    fn seal(sealer: &mut Sealer, index: u64) -> Vec<u8> {
        try_seal(sealer, 7, index).unwrap()
    }

    const PROFILES: [SrtpProfile; 2] = [SrtpProfile::Aes128Gcm, SrtpProfile::Aes128CmSha1_80];

    #[test]
    fn a_packet_sealed_by_either_profile_opens_as_it_was_and_opens_for_the_library_too() {
        for profile in PROFILES {
            let mut packed = seal(&mut sealer(profile).0, 5);
            let by_library = context(profile, &keys(profile), true)
                .unwrap()
                .decrypt_rtp(&packed)
                .unwrap();
            assert_eq!(by_library, packet(5));
            let opened = opener(profile).open_rtp(&mut packed).unwrap();
            assert_eq!(&packed[..opened.length], packet(5));
            assert_eq!(opened.index, 5);
        }
    }

    #[test]
    fn a_replayed_packet_is_refused_and_a_late_one_is_not() {
        for profile in PROFILES {
            let (mut sealer, mut opener) = (sealer(profile).0, opener(profile));
            let [first, late, last] = [10, 11, 12].map(|index| seal(&mut sealer, index));
            assert!(opener.open_rtp(&mut first.clone()).is_some());
            assert!(opener.open_rtp(&mut last.clone()).is_some());
            assert!(opener.open_rtp(&mut late.clone()).is_some());
            assert!(opener.open_rtp(&mut first.clone()).is_none());
            assert!(opener.open_rtp(&mut late.clone()).is_none());
        }
    }

    #[test]
    fn packets_open_across_the_rollover_of_the_sequence_number() {
        for profile in PROFILES {
            let (mut sealer, mut opener) = (sealer(profile).0, opener(profile));
            for index in 65_530..65_550 {
                let plain = opener.open_rtp(&mut seal(&mut sealer, index));
                assert_eq!(plain.unwrap().index, index);
            }
        }
    }

    #[test]
    fn an_index_is_sealed_once_and_a_second_packet_under_it_is_refused_and_counted() {
        for profile in PROFILES {
            let (mut sealer, counters) = sealer(profile);
            seal(&mut sealer, 10);
            seal(&mut sealer, 12);
            seal(&mut sealer, 11);
            for used in [10, 11, 12] {
                assert_eq!(try_seal(&mut sealer, 7, used), None, "{used}");
            }
            assert_eq!(counters.snapshot().indices_refused, 3);
            assert!(try_seal(&mut sealer, 8, 11).is_some(), "of another stream");
        }
    }

    #[test]
    fn what_no_receiver_could_follow_is_not_sealed() {
        let (mut sealer, counters) = sealer(SrtpProfile::Aes128Gcm);
        assert_eq!(
            try_seal(&mut sealer, 7, 1 << 16),
            None,
            "the first packet's rollover counter is 0"
        );
        seal(&mut sealer, 10);
        assert_eq!(try_seal(&mut sealer, 7, 10 + MAX_STEP), None);
        seal(&mut sealer, 9 + MAX_STEP);
        assert_eq!(counters.snapshot().indices_refused, 2);
    }

    #[test]
    fn a_report_is_refused_and_counted_when_the_indices_of_its_ssrc_are_used_up() {
        let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
        for profile in PROFILES {
            let (mut sealer, counters) = sealer(profile);
            assert!(sealer.seal_rtcp(&report).is_some());
            sealer.reports.insert(7, MAX_RTCP_INDEX);
            assert_eq!(sealer.seal_rtcp(&report), None);
            assert_eq!(counters.snapshot().indices_refused, 1);
        }
    }

    #[test]
    fn forged_packets_under_any_number_of_ssrcs_leave_nothing_behind() {
        for profile in PROFILES {
            let (mut sealer, mut opener) = (sealer(profile).0, opener(profile));
            let authentic = sealer.seal_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 7]).unwrap();
            for ssrc in 1_000..3_000_u32 {
                let mut forged = seal(&mut sealer, u64::from(ssrc));
                forged[8..12].copy_from_slice(&ssrc.to_be_bytes());
                assert_eq!(opener.open_rtp(&mut forged), None);
                let mut forged = authentic.to_vec();
                forged[4..8].copy_from_slice(&ssrc.to_be_bytes());
                assert_eq!(opener.open_rtcp(&forged), None);
            }
            assert!(opener.streams.is_empty() && opener.reporters.is_empty());
            assert!(opener.open_rtcp(&authentic).is_some());
            assert_eq!(opener.open_rtcp(&authentic), None, "a replay");
            assert!(opener.open_rtp(&mut seal(&mut sealer, 3_000)).is_some());
        }
    }

    /// Steps from one packet index to the next: in order, late, again, and far off.
    fn steps() -> impl Strategy<Value = Vec<(u32, i64)>> {
        let step = prop_oneof![
            4 => Just(1),
            2 => -6..8_i64,
            1 => -1_500..1_500_i64,
            1 => -40_000..40_000_i64,
        ];
        proptest::collection::vec((7..9_u32, step), 1..150)
    }

    proptest! {
        #[test]
        fn no_index_of_an_ssrc_is_ever_sealed_twice_and_a_receiver_takes_all_that_is_sealed(
            profile in proptest::sample::select(PROFILES.to_vec()),
            steps in steps(),
        ) {
            let (mut sealer, _) = sealer(profile);
            let replay = Some(srtp_replay_protection(1_024));
            let provider = default_provider().unwrap();
            let keys = keys(profile);
            let profile = protection_profile(profile);
            let mut receiver =
                Context::new(&keys.key, &keys.salt, profile, replay, None, provider.crypto()).unwrap();
            let mut used = std::collections::HashSet::new();
            let mut at: HashMap<u32, u64> = HashMap::new();
            for (ssrc, step) in steps {
                let index = at.entry(ssrc).or_insert(9_000);
                *index = index.saturating_add_signed(step);
                if let Some(sealed) = try_seal(&mut sealer, ssrc, *index) {
                    prop_assert!(used.insert((ssrc, *index)), "{ssrc} {index}");
                    prop_assert!(receiver.decrypt_rtp(&sealed).is_ok(), "{ssrc} {index}");
                }
            }
        }
    }
}
