//! Invitations and tokens: valid ones are accepted, and all others get the same refusal.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use plenary_conference::{
    CHECK_TOKEN_LIFE, Conference, INVITATION_LIFE, Invited, Keys,
    Rejection::{OnlyChecks, Unauthorized},
    Role, TOKEN_LIFE, Watching, parse,
};
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
fn a_token_gives_what_the_conference_gives_its_bearer_now() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let token = keys
        .redeem(&cmc, &invite(&keys, &cmc, "tokyo-1"), NOW)
        .unwrap()
        .secret;
    let mut demoted = cmc.clone();
    for person in &mut demoted.persons {
        if person.id.as_str() == "tokyo-1" {
            person.role = Role::Viewer;
            person.rooms.truncate(1);
        }
    }
    let now = keys.verify(&demoted, &token, NOW).unwrap();
    assert_eq!((now.role, now.rooms.len()), (Role::Viewer, 1));
    let renewed = keys.renew(&demoted, &token, NOW).unwrap();
    assert_eq!(renewed.claims.role, Role::Viewer);
    let mut without = cmc;
    without
        .persons
        .retain(|person| person.id.as_str() != "tokyo-1");
    assert_eq!(keys.verify(&without, &token, NOW), Err(Unauthorized));
}

#[test]
fn an_invitation_lasts_a_month_and_to_the_end_of_the_conference_in_its_zone_at_least() {
    let cmc = cmc();
    assert_eq!(Keys::usual_expiry(&cmc, NOW), NOW.after(INVITATION_LIFE));
    let long_before = Moment(1_609_459_200_000);
    // 2021-10-14 ends in Taipei at 16:00 UTC.
    let end = Moment(1_634_227_200_000);
    assert_eq!(Keys::usual_expiry(&cmc, long_before), end);
}

#[test]
fn an_invitation_is_redeemed_with_what_mail_and_people_put_around_it() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let invitation = invite(&keys, &cmc, "tokyo-1");
    for handed_on in [
        format!("https://plenary.example/#i={invitation}."),
        format!("<{invitation}>"),
        format!("“{invitation}”,"),
        format!("{invitation}%3E%0D%0A"),
        format!("{invitation}\u{200b}\r\n"),
    ] {
        assert!(keys.redeem(&cmc, &handed_on, NOW).is_ok(), "{handed_on}");
    }
}

#[test]
fn a_list_that_is_missing_or_empty_beside_the_key_is_an_error_with_the_way_out() {
    for lose in [
        (|file: &Path| fs::remove_file(file)) as fn(&Path) -> std::io::Result<()>,
        |file| fs::write(file, ""),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        keys.revoke("tokyo-1.1").unwrap();
        lose(&dir.path().join("revoked.json")).unwrap();
        let refused = Keys::open(dir.path()).unwrap_err().to_string();
        for word in ["revoked.json is missing or empty", "backup", "--begin-anew"] {
            assert!(refused.contains(word), "{refused}");
        }
        Keys::begin_list(dir.path()).unwrap();
        Keys::open(dir.path()).unwrap();
    }
}

#[test]
fn a_list_that_vanishes_while_the_server_runs_keeps_what_was_revoked_and_locks_nobody_out() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let invitation = invite(&keys, &cmc, "tokyo-1");
    keys.revoke("seoul-1.1").unwrap();
    assert!(keys.is_revoked("seoul-1.1"));
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(keys.is_revoked("seoul-1.1"));
    assert!(keys.redeem(&cmc, &invitation, NOW).is_ok());
    keys.revoke("delhi-1.1").unwrap_err();
}

#[test]
fn every_file_of_the_keys_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    Keys::open(dir.path()).unwrap().revoke("tokyo-1.1").unwrap();
    // As an older Plenary left it.
    let lock = dir.path().join("revoked.lock");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    Keys::open(dir.path()).unwrap().revoke("tokyo-1.2").unwrap();
    for file in fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
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

fn display(keys: &Keys, conference: &Conference, room: &str) -> String {
    let room = room.parse().unwrap();
    let id = keys.next_display(&room).unwrap();
    keys.invite_display(conference, &room, &id, NOW.after(INVITATION_LIFE))
        .unwrap()
}

#[test]
fn a_display_link_watches_one_room_and_belongs_to_no_person() {
    let (dir, mut cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let link = display(&keys, &cmc, "climate");
    let token = keys.redeem(&cmc, &link, NOW).unwrap();
    let claims = keys.verify(&cmc, &token.secret, NOW).unwrap();
    assert_eq!(claims, token.claims);
    assert_eq!(claims.watching, Some(Watching::Display));
    assert_eq!(
        (claims.role, claims.iid.as_str()),
        (Role::Viewer, "display:climate.1")
    );
    let rooms: Vec<&str> = claims
        .rooms
        .iter()
        .map(plenary_ids::RoomId::as_str)
        .collect();
    assert_eq!(rooms, ["climate"]);
    assert_eq!(cmc.person(&claims.sub), None);
    let later = NOW.after(Millis(TOKEN_LIFE.0 - 1000));
    let renewed = keys.renew(&cmc, &token.secret, later).unwrap();
    assert_eq!(renewed.claims.watching, Some(Watching::Display));

    // A later file may give a person the id that its watchers had: the link is still nobody's.
    cmc.persons[0].id = claims.sub.clone();
    cmc.persons[0].role = Role::Moderator;
    let claims = keys.verify(&cmc, &renewed.secret, later).unwrap();
    assert_eq!((claims.role, cmc.person(&claims.sub)), (Role::Viewer, None));
}

#[test]
fn a_display_link_ends_with_its_revocation_its_time_and_its_room() {
    let (dir, mut cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let (first, covid) = (
        display(&keys, &cmc, "climate"),
        display(&keys, &cmc, "covid"),
    );
    let token = keys.redeem(&cmc, &first, NOW).unwrap();
    assert!(keys.revoke("display:climate.1").unwrap());
    assert_eq!(keys.redeem(&cmc, &first, NOW).err(), Some(Unauthorized));
    assert_eq!(keys.verify(&cmc, &token.secret, NOW), Err(Unauthorized));
    let second = display(&keys, &cmc, "climate");
    assert!(keys.redeem(&cmc, &second, NOW).is_ok());
    let over = NOW.after(INVITATION_LIFE);
    assert_eq!(keys.redeem(&cmc, &second, over).err(), Some(Unauthorized));
    cmc.rooms.retain(|room| room.id.as_str() != "covid");
    assert_eq!(keys.redeem(&cmc, &covid, NOW).err(), Some(Unauthorized));
}

fn check_link(keys: &Keys, conference: &Conference, expires: Moment) -> String {
    let id = keys.next_check().unwrap();
    keys.invite_check(conference, &id, expires).unwrap()
}

#[test]
fn a_check_link_gives_a_short_token_that_opens_checks_and_is_refused_everywhere_else() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let until = NOW.after(INVITATION_LIFE);
    let link = check_link(&keys, &cmc, until);
    let token = keys.redeem_check(&cmc, &link, NOW).unwrap();
    assert_eq!(token.link_expires, until);
    assert_eq!(token.expires, NOW.after(CHECK_TOKEN_LIFE));
    assert!(!format!("{token:?}").contains(&token.secret));
    assert_eq!(keys.verify_check(&cmc, &token.secret, NOW), Ok(()));

    let secret = &token.secret;
    assert_eq!(keys.redeem(&cmc, &link, NOW).err(), Some(OnlyChecks));
    assert_eq!(keys.verify(&cmc, secret, NOW), Err(OnlyChecks));
    assert_eq!(keys.renew(&cmc, secret, NOW).err(), Some(OnlyChecks));
    let over = keys.verify_check(&cmc, secret, token.expires);
    assert_eq!(over, Err(Unauthorized));

    // It gives nothing to the tokens and invitations of people either.
    let invitation = invite(&keys, &cmc, "tokyo-1");
    let of_tokyo = keys.redeem(&cmc, &invitation, NOW).unwrap().secret;
    assert_eq!(keys.verify_check(&cmc, &of_tokyo, NOW), Err(Unauthorized));
    for secret in [&invitation, &of_tokyo, secret] {
        let refused = keys.redeem_check(&cmc, secret, NOW);
        assert_eq!(refused.err(), Some(Unauthorized));
    }
}

#[test]
fn a_check_link_ends_with_its_time_and_its_revocation_and_so_do_its_tokens() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let soon = NOW.after(Millis::from_secs(60));
    let short = check_link(&keys, &cmc, soon);
    let token = keys.redeem_check(&cmc, &short, NOW).unwrap();
    assert_eq!(token.expires, soon, "a token does not outlive its link");
    assert_eq!(
        keys.redeem_check(&cmc, &short, soon).err(),
        Some(Unauthorized)
    );

    let id = keys.next_check().unwrap();
    assert_eq!(id, "check:everybody.1");
    assert_eq!(Keys::invited(&id), Some(Invited::Check));
    assert_eq!(Keys::invited("check:everybody.0"), None);
    assert_eq!(Keys::invited("check:somebody.1"), None);
    assert!(keys.revoke(&id).unwrap());
    assert_eq!(
        keys.redeem_check(&cmc, &short, NOW).err(),
        Some(Unauthorized)
    );
    assert_eq!(
        keys.verify_check(&cmc, &token.secret, NOW),
        Err(Unauthorized)
    );
    let next = check_link(&keys, &cmc, soon);
    assert!(keys.redeem_check(&cmc, &next, NOW).is_ok());
}
