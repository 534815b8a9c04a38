use std::collections::BTreeSet;

use plenary_ids::Seq;
use plenary_journal::{Append, AppendError, Log};

use crate::fixture::{House, entry, room};

#[tokio::test]
async fn what_was_appended_is_there_after_a_restart_in_order_and_without_a_gap() {
    let house = House::with(3).await;
    house.append("climate", 3, vec![entry(4)]).await.unwrap();
    let house = house.restart();
    let records = house
        .journal
        .read(room("climate"), Seq(1), 10)
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
async fn an_append_at_another_place_than_expected_records_nothing() {
    let house = House::with(3).await;
    let refused = house.append("climate", 2, vec![entry(9)]).await;
    let conflict = AppendError::Conflict {
        room: room("climate"),
        expected: 2,
        last: 3,
    };
    assert_eq!(refused, Err(conflict));
    assert_eq!(house.reader().head(&room("climate")).unwrap().seq, Seq(3));
}

#[tokio::test]
async fn a_new_room_begins_at_its_beginning_whatever_was_refused_before() {
    let house = House::new();
    house
        .append("climate", 1, vec![entry(2)])
        .await
        .unwrap_err();
    assert_eq!(house.reader().rooms().unwrap(), []);
    house.append("climate", 0, vec![entry(1)]).await.unwrap();
    let house = house.restart();
    assert_eq!(house.reader().verify(&room("climate")).unwrap().seq, Seq(1));
}

#[tokio::test]
async fn appends_that_wait_at_once_all_get_their_own_place() {
    let house = House::new();
    let rooms = ["climate", "covid", "resilience"];
    let asked = (0..10)
        .flat_map(|n| rooms.map(|name| (n, name)))
        .map(|(n, name)| {
            let append = Append {
                entries: vec![entry(n)],
                ..Append::after(room(name), Seq(n))
            };
            house.journal.append(append)
        });
    let mut heads = BTreeSet::new();
    for answer in asked.collect::<Vec<_>>() {
        let head = answer.await.unwrap();
        heads.insert((head.seq, head.hash.to_string()));
    }
    assert_eq!(heads.len(), 30);
    for name in rooms {
        assert_eq!(house.reader().verify(&room(name)).unwrap().seq, Seq(10));
    }
}

#[tokio::test]
async fn the_first_snapshot_is_kept_and_the_latest() {
    let house = House::new();
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
            ..Append::after(room("climate"), after)
        };
        house.journal.append(append).await.unwrap();
    }
    let recovery = house
        .restart()
        .journal
        .recover(room("climate"))
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
    let house = House::with(1).await;
    let later = plenary_ids::Moment(entry(1).at.0 + 5_000);
    house.journal.heartbeat(later);
    let recovery = house
        .restart()
        .journal
        .recover(room("climate"))
        .await
        .unwrap();
    assert_eq!(recovery.last_alive, later);
}

#[tokio::test]
async fn the_last_record_of_any_room_says_so_too() {
    let house = House::with(1).await;
    let other = Append {
        entries: vec![entry(9)],
        ..Append::after(room("covid"), Seq(0))
    };
    house.journal.append(other).await.unwrap();
    let journal = house.restart().journal;
    let recovery = journal.recover(room("climate")).await.unwrap();
    assert_eq!(recovery.last_alive, entry(9).at);
    assert_eq!(journal.last_alive(), entry(9).at);
}

#[tokio::test]
async fn a_room_that_was_never_written_is_at_its_beginning() {
    let house = House::new();
    let recovery = house.journal.recover(room("climate")).await.unwrap();
    assert_eq!((recovery.head.seq, recovery.latest), (Seq(0), None));
}
