//! A change of the proceedings is detected with the server's public key.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use plenary_conference::Keys;
use plenary_floor::Settings;
use plenary_proceedings::sealed_text;
use plenary_testkit::record::TestRecord;
use ring::signature::{ED25519, UnparsedPublicKey};

#[test]
fn a_seal_is_verified_with_the_record_and_the_public_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path()).unwrap();
    let mut record = TestRecord::new(Settings::default());
    record.join("chair");
    let proceedings = record.proceedings().sealed("c0ffee", &keys);

    let seal = proceedings.seal.unwrap();
    assert_eq!(
        (seal.hash.as_str(), seal.algorithm.as_str()),
        ("c0ffee", "sha-256")
    );
    let key = URL_SAFE_NO_PAD.decode(seal.key).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(seal.signature).unwrap();
    let holds = |hash: &str| {
        let text = sealed_text(
            &proceedings.conference.id,
            &proceedings.room.id,
            proceedings.to_seq,
            hash,
        );
        UnparsedPublicKey::new(&ED25519, &key)
            .verify(text.as_bytes(), &signature)
            .is_ok()
    };
    assert!(holds("c0ffee"));
    assert!(!holds("decaf"));
}

#[test]
fn a_folder_without_a_key_gives_no_seal_and_gets_no_key() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Keys::open_existing(folder.path()).unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
