//! Links that end: one address, one bearer, a short time.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

use plenary_conference::{
    Claims, Conference, INVITATION_LIFE, Keys, Rejection::Unauthorized, Role, parse,
};
use plenary_ids::{Millis, Moment};

const NOW: Moment = Moment(1_634_000_000_000);
const LIFE: Millis = Millis::from_secs(600);
const PATH: &str = "/media/address/content";

fn cmc() -> Conference {
    let example = include_bytes!("../../../config/conferences/cmc-2021.toml");
    parse(example, "cmc-2021.toml").unwrap()
}

fn claims(keys: &Keys, conference: &Conference) -> Claims {
    let person = conference.person(&"tokyo-1".parse().unwrap()).unwrap();
    let id = keys.next_invitation(&person.id).unwrap();
    let expires = NOW.after(INVITATION_LIFE);
    let invitation = keys.invite(conference, person, &id, expires).unwrap();
    keys.redeem(conference, &invitation, NOW).unwrap().claims
}

#[test]
fn a_link_opens_its_own_address_for_its_own_time_and_nothing_else() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let claims = claims(&keys, &cmc);
    let key = keys.sign_link(&cmc, &claims, PATH, NOW, LIFE).unwrap();
    let opened = keys.verify_link(&cmc, PATH, &key, NOW).unwrap();
    assert_eq!((&opened.sub, opened.role), (&claims.sub, claims.role));
    let refused = |path, key: &str, at| keys.verify_link(&cmc, path, key, at) == Err(Unauthorized);
    assert!(refused("/media/other/content", &key, NOW));
    assert!(refused(PATH, &key, NOW.after(LIFE)), "it has ended");
    let forged = key.replace('a', "b");
    assert!(refused(PATH, &forged, NOW));
    assert!(refused(PATH, "", NOW));
    assert_eq!(
        keys.verify(&cmc, &key, NOW),
        Err(Unauthorized),
        "a link is no token"
    );
}

#[test]
fn a_link_ends_with_its_invitation_and_has_the_role_of_the_present_conference() {
    let (dir, cmc) = (tempfile::tempdir().unwrap(), cmc());
    let keys = Keys::open(dir.path()).unwrap();
    let claims = claims(&keys, &cmc);
    let key = keys.sign_link(&cmc, &claims, PATH, NOW, LIFE).unwrap();
    let mut demoted = cmc.clone();
    for person in &mut demoted.persons {
        person.role = Role::Viewer;
    }
    let opened = keys.verify_link(&demoted, PATH, &key, NOW).unwrap();
    assert_eq!(opened.role, Role::Viewer);
    keys.revoke(&claims.iid).unwrap();
    assert_eq!(keys.verify_link(&cmc, PATH, &key, NOW), Err(Unauthorized));
}
