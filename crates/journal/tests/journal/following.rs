use std::sync::Arc;

use plenary_ids::Seq;
use plenary_journal::Follow;
use plenary_testkit::{
    journal::{TestJournal, entry},
    room_id,
};

#[tokio::test]
async fn a_follower_reads_the_existing_records_and_then_the_new_ones() {
    let test = TestJournal::with_records(2).await;
    let mut follow = Follow::new(Arc::new(test.journal.clone()), room_id("climate"), Seq(1));
    let seqs = |records: Vec<plenary_journal::Record>| -> Vec<u64> {
        records.iter().map(|it| it.seq.0).collect()
    };
    assert_eq!(seqs(follow.next().await.unwrap()), [2]);
    let (next, appended) = tokio::join!(follow.next(), test.append("climate", 2, vec![entry(3)]));
    appended.unwrap();
    assert_eq!(seqs(next.unwrap()), [3]);
}

#[tokio::test]
async fn a_separate_reader_sees_the_records_of_a_running_server() {
    let test = TestJournal::with_records(2).await;
    let reader = test.reader();
    test.append("climate", 2, vec![entry(3)]).await.unwrap();
    let seqs: Vec<u64> = reader
        .records(&room_id("climate"), Seq(0))
        .unwrap()
        .map(|it| it.unwrap().seq.0)
        .collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(reader.rooms().unwrap(), [room_id("climate")]);
}
