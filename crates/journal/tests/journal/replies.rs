use std::ops::Range;

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

/// So many replies at once; the first is the oldest.
async fn are_replied(house: &House, names: Range<usize>) {
    let names = names.map(|number| format!("c{number}"));
    let append = Append {
        replies: names.map(|name| reply("seoul-1", &name, "done")).collect(),
        ..Append::after(room("climate"), Seq(0))
    };
    house.journal.append(append).await.unwrap();
}

#[tokio::test]
async fn a_million_replies_of_before_the_start_are_found_again_and_older_ones_are_not() {
    const KEPT: usize = 1 << 20;
    let house = House::new();
    for first in (0..KEPT).step_by(1 << 12) {
        are_replied(&house, first..first + (1 << 12)).await;
    }
    let house = house.restart();
    for kept in [0, 1, KEPT / 2, KEPT - 1] {
        let reply = asked(&house, "seoul-1", &format!("c{kept}")).await;
        assert_eq!(reply, Some("done".into()), "{kept}");
    }
    // What a start reads from the batches themselves comes on top of the million.
    for first in [KEPT, KEPT + (1 << 12)] {
        are_replied(&house, first..first + (1 << 12)).await;
    }
    let house = house.restart();
    assert_eq!(asked(&house, "seoul-1", "c0").await, None);
    for kept in [1 << 13, KEPT, KEPT + (1 << 13) - 1] {
        let reply = asked(&house, "seoul-1", &format!("c{kept}")).await;
        assert_eq!(reply, Some("done".into()), "{kept}");
    }
}

#[tokio::test]
async fn rooms_do_not_find_each_others_replies() {
    let house = House::new();
    for name in ["climate", "health"] {
        let append = Append {
            replies: vec![reply("tokyo-1", &format!("of {name}"), "done")],
            ..Append::after(room(name), Seq(0))
        };
        house.journal.append(append).await.unwrap();
    }
    let house = house.restart();
    assert_eq!(asked(&house, "tokyo-1", "of health").await, None);
    let other = house
        .journal
        .reply(room("health"), person("tokyo-1"), "of health".to_owned());
    assert_eq!(other.await.unwrap(), Some("done".into()));
}

#[tokio::test]
async fn replies_whose_names_were_tampered_with_are_not_taken_for_others() {
    let house = House::new();
    for first in [0, 1 << 12] {
        are_replied(&house, first..first + (1 << 12)).await;
    }
    // All names lead to the second batch, which has only the second half.
    let swap = "UPDATE replied SET names = replace(hex(names), '0000010000000001', '0000010000000002');\
                UPDATE replied SET names = unhex(names)";
    let folder = house.tampered(swap);
    let journal = Journal::open(folder.path()).unwrap();
    let house = House { folder, journal };
    assert_eq!(asked(&house, "seoul-1", "c1").await, None);
    let second = asked(&house, "seoul-1", "c5000").await;
    assert_eq!(second, Some("done".into()));
}
