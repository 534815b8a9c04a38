use std::sync::Arc;

use plenary_ids::Seq;
use plenary_journal::Follow;

use crate::fixture::{House, entry, room};

#[tokio::test]
async fn who_follows_reads_what_is_there_and_then_what_comes() {
    let house = House::with(2).await;
    let mut follow = Follow::new(Arc::new(house.journal.clone()), room("climate"), Seq(1));
    let seqs = |records: Vec<plenary_journal::Record>| -> Vec<u64> {
        records.iter().map(|it| it.seq.0).collect()
    };
    assert_eq!(seqs(follow.next().await.unwrap()), [2]);
    let (next, appended) = tokio::join!(follow.next(), house.append("climate", 2, vec![entry(3)]));
    appended.unwrap();
    assert_eq!(seqs(next.unwrap()), [3]);
}

#[tokio::test]
async fn a_reader_of_its_own_sees_what_a_running_server_has_written() {
    let house = House::with(2).await;
    let reader = house.reader();
    house.append("climate", 2, vec![entry(3)]).await.unwrap();
    let seqs: Vec<u64> = reader
        .records(&room("climate"), Seq(0))
        .unwrap()
        .map(|it| it.unwrap().seq.0)
        .collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(reader.rooms().unwrap(), [room("climate")]);
}
