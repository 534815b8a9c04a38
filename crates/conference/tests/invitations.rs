//! Invitations and tokens: valid ones are accepted, and all others get the same refusal.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

use std::os::unix::fs::PermissionsExt;

use plenary_conference::{Conference, INVITATION_LIFE, Keys, TOKEN_LIFE, Unauthorized, parse};
use plenary_ids::{Millis, Moment};

const NOW: Moment = Moment(1_634_000_000_000);

fn cmc() -> Conference {
    parse(
        include_bytes!("../../../config/conferences/cmc-2021.toml"),
        "cmc-2021.toml",
    )
    .unwrap()
}

fn invite(keys: &Keys, conference: &Conference, person: &str) -> String {
    let person = conference.person(&person.parse().unwrap()).unwrap();
    let id = keys.next_invitation(&person.id).unwrap();
    keys.invite(conference, person, &id, NOW.after(INVITATION_LIFE))
        .unwrap()
}

#[test]
fn an_invitation_becomes_a_token_with_the_person_the_role_and_the_rooms() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let token = keys
        .redeem(&cmc, &invite(&keys, &cmc, "tokyo-1"), NOW)
        .unwrap();
    let claims = keys.verify(&cmc, &token.secret, NOW).unwrap();
    assert_eq!(claims, token.claims);
    assert_eq!(
        (
            claims.sub.as_str(),
            claims.role.as_str(),
            claims.iid.as_str()
        ),
        ("tokyo-1", "delegate", "tokyo-1.1")
    );
    assert_eq!(claims.rooms.len(), 4);
}

#[test]
fn the_key_is_private_and_the_same_the_next_time() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let invitation = invite(&Keys::open(dir.path()).unwrap(), &cmc, "tokyo-1");
    let mode = std::fs::metadata(dir.path().join("ed25519.pk8"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let keys = Keys::open(dir.path()).unwrap();
    assert_eq!(invite(&keys, &cmc, "tokyo-1"), invitation);
    assert!(keys.redeem(&cmc, &invitation, NOW).is_ok());
}

#[test]
fn a_secret_with_any_byte_changed_is_refused() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let invitation = invite(&keys, &cmc, "tokyo-1");
    let token = keys.redeem(&cmc, &invitation, NOW).unwrap().secret;
    for place in 0..invitation.len() {
        assert_eq!(
            keys.redeem(&cmc, &with_another_byte(&invitation, place), NOW)
                .err(),
            Some(Unauthorized)
        );
    }
    for place in 0..token.len() {
        assert_eq!(
            keys.verify(&cmc, &with_another_byte(&token, place), NOW),
            Err(Unauthorized)
        );
    }
}

fn with_another_byte(secret: &str, place: usize) -> String {
    let mut bytes = secret.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_token_ends_unless_it_is_renewed_in_time() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let token = keys
        .redeem(&cmc, &invite(&keys, &cmc, "tokyo-1"), NOW)
        .unwrap();
    assert_eq!(
        keys.renew(&cmc, &token.secret, NOW.after(TOKEN_LIFE)).err(),
        Some(Unauthorized)
    );
    let later = NOW.after(Millis(TOKEN_LIFE.0 - 1000));
    let renewed = keys.renew(&cmc, &token.secret, later).unwrap();
    assert!(
        keys.verify(&cmc, &renewed.secret, NOW.after(TOKEN_LIFE))
            .is_ok()
    );
}

#[test]
fn an_expired_or_foreign_invitation_and_one_used_as_a_token_are_refused() {
    let (dir, elsewhere, cmc) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        cmc(),
    );
    let keys = Keys::open(dir.path()).unwrap();
    let invitation = invite(&keys, &cmc, "tokyo-1");
    let token = keys.redeem(&cmc, &invitation, NOW).unwrap().secret;
    let other_conference = Conference {
        id: "cmc-2022".to_owned(),
        ..cmc.clone()
    };
    let other_key = Keys::open(elsewhere.path()).unwrap();
    for refused in [
        keys.redeem(&cmc, &invitation, NOW.after(INVITATION_LIFE)),
        keys.redeem(&other_conference, &invitation, NOW),
        other_key.redeem(&cmc, &invitation, NOW),
        keys.redeem(&cmc, &token, NOW),
        keys.renew(&cmc, &invitation, NOW),
        keys.redeem(&cmc, "", NOW),
    ] {
        assert_eq!(refused.err(), Some(Unauthorized));
    }
}

#[test]
fn a_revocation_by_another_process_ends_the_invitation_and_its_tokens_at_once() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let (server, command_line) = (
        Keys::open(dir.path()).unwrap(),
        Keys::open(dir.path()).unwrap(),
    );
    let invitation = invite(&server, &cmc, "tokyo-1");
    let token = server.redeem(&cmc, &invitation, NOW).unwrap().secret;
    assert!(command_line.revoke("tokyo-1.1").unwrap());
    assert!(!command_line.revoke("tokyo-1.1").unwrap());
    assert_eq!(server.verify(&cmc, &token, NOW), Err(Unauthorized));
    assert!(server.redeem(&cmc, &invitation, NOW).is_err());
    assert!(
        server
            .redeem(&cmc, &invite(&server, &cmc, "tokyo-1"), NOW)
            .is_ok(),
        "a new invitation is good"
    );
}

#[test]
fn debug_output_holds_no_secret() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let token = keys
        .redeem(&cmc, &invite(&keys, &cmc, "tokyo-1"), NOW)
        .unwrap();
    assert!(!format!("{token:?}").contains(&token.secret));
    assert_eq!(format!("{keys:?}"), "Keys { .. }");
}
