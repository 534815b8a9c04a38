use plenary_ids::Seq;
use plenary_journal::{Append, Log};

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
