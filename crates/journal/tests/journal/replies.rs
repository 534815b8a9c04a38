use std::ops::Range;

use plenary_ids::Seq;
use plenary_journal::{Append, Log};
use plenary_testkit::{
    journal::{TestJournal, entry, reply},
    person, room_id,
};

async fn asked(test: &TestJournal, name: &str, command: &str) -> Option<bytes::Bytes> {
    let reply = test
        .journal
        .reply(room_id("climate"), person(name), command.to_owned());
    reply.await.unwrap()
}

#[tokio::test]
async fn a_reply_is_found_by_person_and_command_also_after_a_restart() {
    let test = TestJournal::new();
    let append = Append {
        entries: vec![entry(1)],
        replies: vec![
            reply("tokyo-1", "c1", "done"),
            reply("seoul-1", "c1", "refused"),
        ],
        ..Append::after(room_id("climate"), Seq(0))
    };
    test.journal.append(append).await.unwrap();
    assert_eq!(asked(&test, "tokyo-1", "c1").await, Some("done".into()));
    let test = test.restart();
    assert_eq!(asked(&test, "seoul-1", "c1").await, Some("refused".into()));
    assert_eq!(asked(&test, "seoul-1", "c2").await, None);
}

#[tokio::test]
async fn a_reply_without_an_event_is_kept() {
    let test = TestJournal::new();
    let append = Append {
        replies: vec![reply("tokyo-1", "c1", "refused")],
        ..Append::after(room_id("climate"), Seq(0))
    };
    test.journal.append(append).await.unwrap();
    let test = test.restart();
    assert_eq!(asked(&test, "tokyo-1", "c1").await, Some("refused".into()));
    assert_eq!(test.reader().head(&room_id("climate")).unwrap().seq, Seq(0));
}

/// Records replies in one append; the first is the oldest.
async fn are_replied(test: &TestJournal, names: Range<usize>) {
    let names = names.map(|number| format!("c{number}"));
    let append = Append {
        replies: names.map(|name| reply("seoul-1", &name, "done")).collect(),
        ..Append::after(room_id("climate"), Seq(0))
    };
    test.journal.append(append).await.unwrap();
}

#[tokio::test]
async fn the_last_million_replies_before_a_start_are_found_and_older_ones_are_not() {
    const KEPT: usize = 1 << 20;
    let test = TestJournal::new();
    for first in (0..KEPT).step_by(1 << 12) {
        are_replied(&test, first..first + (1 << 12)).await;
    }
    let test = test.restart();
    for kept in [0, 1, KEPT / 2, KEPT - 1] {
        let reply = asked(&test, "seoul-1", &format!("c{kept}")).await;
        assert_eq!(reply, Some("done".into()), "{kept}");
    }
    // A start reads the replies of the last batches in addition to the million.
    for first in [KEPT, KEPT + (1 << 12)] {
        are_replied(&test, first..first + (1 << 12)).await;
    }
    let test = test.restart();
    assert_eq!(asked(&test, "seoul-1", "c0").await, None);
    for kept in [1 << 13, KEPT, KEPT + (1 << 13) - 1] {
        let reply = asked(&test, "seoul-1", &format!("c{kept}")).await;
        assert_eq!(reply, Some("done".into()), "{kept}");
    }
}

#[tokio::test]
async fn a_reply_belongs_to_its_room() {
    let test = TestJournal::new();
    for name in ["climate", "health"] {
        let append = Append {
            replies: vec![reply("tokyo-1", &format!("of {name}"), "done")],
            ..Append::after(room_id(name), Seq(0))
        };
        test.journal.append(append).await.unwrap();
    }
    let test = test.restart();
    assert_eq!(asked(&test, "tokyo-1", "of health").await, None);
    let other = test
        .journal
        .reply(room_id("health"), person("tokyo-1"), "of health".to_owned());
    assert_eq!(other.await.unwrap(), Some("done".into()));
}

#[tokio::test]
async fn replies_whose_names_were_tampered_with_are_not_taken_for_others() {
    let test = TestJournal::new();
    for first in [0, 1 << 12] {
        are_replied(&test, first..first + (1 << 12)).await;
    }
    // Every name now points to the second batch, which holds only the second half.
    let swap = "UPDATE replied SET names = replace(hex(names), '0000010000000001', '0000010000000002');\
                UPDATE replied SET names = unhex(names)";
    let folder = test.tampered(swap);
    let test = TestJournal::open(folder);
    assert_eq!(asked(&test, "seoul-1", "c1").await, None);
    let second = asked(&test, "seoul-1", "c5000").await;
    assert_eq!(second, Some("done".into()));
}
