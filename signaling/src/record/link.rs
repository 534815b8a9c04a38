//! Links to files that end: whoever has one may read that file and nothing else, for some hours. A player cannot send a
//! bearer token.

use std::fmt::Write;

use plenary_conference::Keys;
use plenary_ids::{Millis, Moment};
use ring::signature::{ED25519, UnparsedPublicKey};

/// How long a link lasts.
const LINK_LIFE: Millis = Millis::from_secs(12 * 3600);

/// The key of a link to a file, which ends after [`LINK_LIFE`].
pub fn sign(keys: &Keys, file: &str, now: Moment) -> String {
    let ends = now.after(LINK_LIFE).0 / 1000;
    let mut key = format!("{ends}.");
    for byte in keys.seal(text(file, ends).as_bytes()) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// Whether a key opens that file now.
pub fn opens(keys: &Keys, file: &str, key: &str, now: Moment) -> bool {
    let read = || {
        let (ends, signature) = key.split_once('.')?;
        let ends: u64 = ends.parse().ok()?;
        let bytes: Option<Vec<u8>> = signature
            .as_bytes()
            .chunks(2)
            .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            .collect();
        Some((ends, bytes?))
    };
    let Some((ends, signature)) = read() else {
        return false;
    };
    let verifier = UnparsedPublicKey::new(&ED25519, keys.public_key());
    now.0 / 1000 < ends
        && verifier
            .verify(text(file, ends).as_bytes(), &signature)
            .is_ok()
}

/// What is signed. It says what it is, because the same key signs the proceedings.
fn text(file: &str, ends: u64) -> String {
    format!("plenary:recording\n{ends}\n{file}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_file_until_it_ends_and_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let now = Moment(1_634_000_400_000);
        let key = sign(&keys, "take t1", now);
        assert!(opens(&keys, "take t1", &key, now));
        assert!(opens(
            &keys,
            "take t1",
            &key,
            now.after(Millis::from_secs(11 * 3600))
        ));
        assert!(!opens(&keys, "take t1", &key, now.after(LINK_LIFE)));
        assert!(!opens(&keys, "take t2", &key, now));
    }

    #[test]
    fn a_key_that_was_changed_cut_or_invented_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let now = Moment(1_634_000_400_000);
        let key = sign(&keys, "take t1", now);
        let (ends, signature) = key.split_once('.').unwrap();
        let later: u64 = ends.parse::<u64>().unwrap() + 1;
        for forged in [
            format!("{later}.{signature}"),
            format!("{ends}."),
            format!("{ends}.{}", "00".repeat(64)),
            format!("{ends}.é{signature}"),
            key.trim_end_matches(|_: char| true).to_owned(),
            key.get(..key.len() - 1).unwrap().to_owned(),
            String::new(),
        ] {
            assert!(!opens(&keys, "take t1", &forged, now), "{forged}");
        }
    }
}
