use std::collections::BTreeSet;

use plenary_ids::Seq;
use plenary_journal::{Append, AppendError, Log};
use plenary_testkit::{
    journal::{TestJournal, entry},
    room_id,
};

#[tokio::test]
async fn appended_records_are_there_after_a_restart_in_order_and_without_a_gap() {
    let test = TestJournal::with_records(3).await;
    test.append("climate", 3, vec![entry(4)]).await.unwrap();
    let test = test.restart();
    let records = test
        .journal
        .read(room_id("climate"), Seq(1), 10)
        .await
        .unwrap();
    let found: Vec<_> = records
        .iter()
        .map(|it| (it.seq.0, it.at, it.body.clone()))
        .collect();
    let expected: Vec<_> = (2..=4).map(|n| (n, entry(n).at, entry(n).body)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_append_after_another_sequence_number_than_the_last_records_nothing() {
    let test = TestJournal::with_records(3).await;
    let refused = test.append("climate", 2, vec![entry(9)]).await;
    let conflict = AppendError::Conflict {
        room: room_id("climate"),
        expected: 2,
        last: 3,
    };
    assert_eq!(refused, Err(conflict));
    assert_eq!(test.reader().head(&room_id("climate")).unwrap().seq, Seq(3));
}

#[tokio::test]
async fn a_refused_first_append_does_not_create_the_room() {
    let test = TestJournal::new();
    test.append("climate", 1, vec![entry(2)]).await.unwrap_err();
    assert_eq!(test.reader().rooms().unwrap(), []);
    test.append("climate", 0, vec![entry(1)]).await.unwrap();
    let test = test.restart();
    assert_eq!(
        test.reader().verify(&room_id("climate")).unwrap().seq,
        Seq(1)
    );
}

#[tokio::test]
async fn concurrent_appends_all_get_their_own_sequence_number() {
    let test = TestJournal::new();
    let rooms = ["climate", "covid", "resilience"];
    let asked = (0..10)
        .flat_map(|n| rooms.map(|name| (n, name)))
        .map(|(n, name)| {
            let append = Append {
                entries: vec![entry(n)],
                ..Append::after(room_id(name), Seq(n))
            };
            test.journal.append(append)
        });
    let mut heads = BTreeSet::new();
    for answer in asked.collect::<Vec<_>>() {
        let head = answer.await.unwrap();
        heads.insert((head.seq, head.hash.to_string()));
    }
    assert_eq!(heads.len(), 30);
    for name in rooms {
        assert_eq!(test.reader().verify(&room_id(name)).unwrap().seq, Seq(10));
    }
}

#[tokio::test]
async fn the_first_snapshot_is_kept_and_the_latest() {
    let test = TestJournal::new();
    for (after, state) in [(0, "empty"), (1, "one"), (2, "two")] {
        let entries = if after == 0 {
            vec![]
        } else {
            vec![entry(after)]
        };
        let snapshot = Some(state.into());
        let after = Seq(u64::saturating_sub(after, 1));
        let append = Append {
            entries,
            snapshot,
            ..Append::after(room_id("climate"), after)
        };
        test.journal.append(append).await.unwrap();
    }
    let recovery = test
        .restart()
        .journal
        .recover(room_id("climate"))
        .await
        .unwrap();
    let kept = [recovery.first, recovery.latest].map(|kept| {
        let kept = kept.unwrap();
        (kept.head.seq.0, kept.body)
    });
    assert_eq!(kept, [(0, "empty".into()), (2, "two".into())]);
}

#[tokio::test]
async fn a_heartbeat_records_when_the_server_was_last_alive() {
    let test = TestJournal::with_records(1).await;
    let later = plenary_ids::Moment(entry(1).at.0 + 5_000);
    test.journal.heartbeat(later);
    let recovery = test
        .restart()
        .journal
        .recover(room_id("climate"))
        .await
        .unwrap();
    assert_eq!(recovery.last_alive, later);
}

#[tokio::test]
async fn the_last_record_of_any_room_counts_as_a_heartbeat() {
    let test = TestJournal::with_records(1).await;
    let other = Append {
        entries: vec![entry(9)],
        ..Append::after(room_id("covid"), Seq(0))
    };
    test.journal.append(other).await.unwrap();
    let journal = test.restart().journal;
    let recovery = journal.recover(room_id("climate")).await.unwrap();
    assert_eq!(recovery.last_alive, entry(9).at);
    assert_eq!(journal.last_alive(), entry(9).at);
}

#[tokio::test]
async fn an_unwritten_room_is_empty() {
    let test = TestJournal::new();
    let recovery = test.journal.recover(room_id("climate")).await.unwrap();
    assert_eq!((recovery.head.seq, recovery.latest), (Seq(0), None));
}
