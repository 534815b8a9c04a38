//! The log folds to the state of the room.

use futures_util::future::join_all;
use plenary_ids::Millis;
use plenary_room::Fold;
use plenary_testkit::room::TestRoom;
use serde_json::json;

/// All people join, leave, request, speak and chat at random.
async fn a_long_random_run(room: &TestRoom) {
    let (chair, tokyo) = (room.join("chair").await, room.join("tokyo-1").await);
    let mut chance = 1_u64;
    for round in 0..2500 {
        // Knuth's generator, which gives the same numbers in every run.
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let request = format!("r{}", chance >> 32 & 31);
        let about = json!({"request": request});
        // Most of the commands are refused, as intended.
        let _ = match chance >> 60 {
            0..=2 => tokyo.try_execute("floor.request", json!({})).await,
            3..=4 => chair.try_execute("floor.accept", about).await,
            5..=6 => chair.try_execute("floor.next", json!({})).await,
            7 => tokyo.try_execute("floor.release", about).await,
            8 => chair.try_execute("chair.priority_on", json!({})).await,
            9 => chair.try_execute("chair.priority_off", json!({})).await,
            10 => {
                let seoul = room.join("seoul-1").await;
                let asked = seoul.try_execute("floor.request", json!({})).await;
                seoul.disconnect().await;
                asked
            }
            11 => chair.try_execute("floor.suspend", about).await,
            12 => chair.try_execute("floor.resume", about).await,
            13 => chair.try_execute("floor.revoke", about).await,
            _ => {
                chair
                    .try_execute("chat.post", json!({"text": round.to_string()}))
                    .await
            }
        };
        tokio::time::sleep(std::time::Duration::from_millis(chance >> 52)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_of_a_long_random_run_folds_to_the_bytes_of_the_live_state() {
    let room = TestRoom::open();
    a_long_random_run(&room).await;
    let live = room.log.snapshots();
    assert!(live.len() >= 3, "{} snapshots", live.len());
    let folded = room.snapshots_of_fold(|seq| live.iter().any(|it| it.head.seq == seq));
    assert_eq!(
        folded,
        live.iter().map(|it| it.body.to_vec()).collect::<Vec<_>>()
    );
    assert_eq!(room.fold().snapshot(), room.fold().snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_fold_that_starts_at_a_snapshot_ends_like_the_whole_log() {
    let room = TestRoom::open();
    a_long_random_run(&room).await;
    let latest = room.log.snapshots().pop().unwrap();
    let mut fold = Fold::from_snapshot(room.handle.id(), &latest).unwrap();
    for record in room
        .log
        .records()
        .iter()
        .filter(|it| it.seq > latest.head.seq)
    {
        fold.take(record).unwrap();
    }
    assert_eq!(fold.snapshot(), room.fold().snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_concurrent_requests_share_a_few_commits() {
    let room = TestRoom::open();
    let chair = room.join("chair").await;
    let before = room.log.commits();
    let said = join_all(
        (0..100).map(|line| chair.try_execute("chat.post", json!({"text": line.to_string()}))),
    )
    .await;
    assert!(said.iter().all(Result::is_ok));
    assert!(
        room.log.commits() - before <= 2,
        "{} commits",
        room.log.commits() - before
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_sent_twice_concurrently_happens_once() {
    let room = TestRoom::open();
    let tokyo = room.join("tokyo-1").await;
    let ask = || tokyo.execute_with_key("c1", "floor.request", json!({}));
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.unwrap()["id"], "r1");
    assert_eq!(second.unwrap()["id"], "r1");
}

#[tokio::test(start_paused = true)]
async fn during_a_speech_the_log_is_told_that_the_server_is_alive() {
    let (room, ..) = TestRoom::with_tokyo_speaking().await;
    let spoken = room.log.alive();
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let since = room.log.alive().since(spoken);
    assert!((Millis(4000)..=Millis(5000)).contains(&since), "{since:?}");
}
