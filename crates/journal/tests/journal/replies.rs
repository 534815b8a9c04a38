use plenary_ids::Seq;
use plenary_journal::{Append, Journal, Log};

use crate::fixture::{House, entry, person, reply, room};

async fn asked(house: &House, name: &str, command: &str) -> Option<bytes::Bytes> {
    let reply = house
        .journal
        .reply(room("climate"), person(name), command.to_owned());
    reply.await.unwrap()
}

#[tokio::test]
async fn a_reply_is_kept_with_what_it_answers_for_and_found_again_also_after_a_restart() {
    let house = House::new();
    let append = Append {
        entries: vec![entry(1)],
        replies: vec![
            reply("tokyo-1", "c1", "done"),
            reply("seoul-1", "c1", "refused"),
        ],
        ..Append::after(room("climate"), Seq(0))
    };
    house.journal.append(append).await.unwrap();
    assert_eq!(asked(&house, "tokyo-1", "c1").await, Some("done".into()));
    let house = house.restart();
    assert_eq!(asked(&house, "seoul-1", "c1").await, Some("refused".into()));
    assert_eq!(asked(&house, "seoul-1", "c2").await, None);
}

#[tokio::test]
async fn a_refusal_is_kept_though_nothing_happened() {
    let house = House::new();
    let append = Append {
        replies: vec![reply("tokyo-1", "c1", "refused")],
        ..Append::after(room("climate"), Seq(0))
    };
    house.journal.append(append).await.unwrap();
    let house = house.restart();
    assert_eq!(asked(&house, "tokyo-1", "c1").await, Some("refused".into()));
    assert_eq!(house.reader().head(&room("climate")).unwrap().seq, Seq(0));
}

#[tokio::test]
async fn a_million_replies_of_before_the_start_are_found_again_and_one_more_is_not() {
    let house = House::new();
    let append = Append {
        replies: vec![reply("tokyo-1", "the oldest", "done")],
        ..Append::after(room("climate"), Seq(0))
    };
    house.journal.append(append).await.unwrap();
    // As many as are kept, at once: the journal itself would need a commit for each.
    let million = "INSERT INTO reply WITH RECURSIVE number(n) AS \
        (VALUES (2) UNION ALL SELECT n + 1 FROM number WHERE n < (1 << 20)) \
        SELECT n, (SELECT key FROM room), 'seoul-1', 'c' || n, x'00' FROM number";
    let folder = house.tampered(million);
    let journal = Journal::open(folder.path()).unwrap();
    let house = House { folder, journal };
    let oldest = asked(&house, "tokyo-1", "the oldest").await;
    assert_eq!(oldest, Some("done".into()));

    let append = Append {
        replies: vec![reply("tokyo-1", "one more", "done")],
        ..Append::after(room("climate"), Seq(0))
    };
    house.journal.append(append).await.unwrap();
    let house = house.restart();
    assert_eq!(asked(&house, "tokyo-1", "the oldest").await, None);
    assert_eq!(asked(&house, "seoul-1", "c2").await, Some(vec![0].into()));
    assert_eq!(
        asked(&house, "tokyo-1", "one more").await,
        Some("done".into())
    );
}
