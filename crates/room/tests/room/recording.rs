//! The log and the room say the same.

use futures_util::future::join_all;
use plenary_ids::Millis;
use plenary_room::Fold;
use serde_json::json;

use crate::fixture::House;

/// Everybody comes and goes, asks, speaks and writes, as chance has it.
async fn a_long_random_run(house: &House) {
    let (chair, tokyo) = (house.enter("chair").await, house.enter("tokyo-1").await);
    let mut chance = 1_u64;
    for round in 0..2500 {
        // Knuth's generator: what matters is that it is the same every time.
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let request = format!("r{}", chance >> 32 & 31);
        let about = json!({"request": request});
        // Most are refused; that is part of it.
        let _ = match chance >> 60 {
            0..=2 => tokyo.say("floor.request", json!({})).await,
            3..=4 => chair.say("floor.accept", about).await,
            5..=6 => chair.say("floor.next", json!({})).await,
            7 => tokyo.say("floor.release", about).await,
            8 => chair.say("chair.priority_on", json!({})).await,
            9 => chair.say("chair.priority_off", json!({})).await,
            10 => {
                let seoul = house.enter("seoul-1").await;
                let asked = seoul.say("floor.request", json!({})).await;
                seoul.drop_connection().await;
                asked
            }
            11 => chair.say("floor.suspend", about).await,
            12 => chair.say("floor.resume", about).await,
            13 => chair.say("floor.revoke", about).await,
            _ => {
                chair
                    .say("chat.post", json!({"text": round.to_string()}))
                    .await
            }
        };
        tokio::time::sleep(std::time::Duration::from_millis(chance >> 52)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_of_a_long_random_run_folds_to_the_very_bytes_of_the_live_state_every_time() {
    let house = House::open();
    a_long_random_run(&house).await;
    let live = house.log.snapshots();
    assert!(live.len() >= 3, "{} snapshots", live.len());
    let folded = house.fold_until(|seq| live.iter().any(|it| it.head.seq == seq));
    assert_eq!(
        folded,
        live.iter().map(|it| it.body.to_vec()).collect::<Vec<_>>()
    );
    assert_eq!(house.fold().snapshot(), house.fold().snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_goes_on_as_the_log_does() {
    let house = House::open();
    a_long_random_run(&house).await;
    let latest = house.log.snapshots().pop().unwrap();
    let mut fold = Fold::from_snapshot(house.room.id(), &latest).unwrap();
    for record in house
        .log
        .records()
        .iter()
        .filter(|it| it.seq > latest.head.seq)
    {
        fold.take(record).unwrap();
    }
    assert_eq!(fold.snapshot(), house.fold().snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_who_ask_at_once_wait_for_the_disk_together() {
    let house = House::open();
    let chair = house.enter("chair").await;
    let before = house.log.commits();
    let said =
        join_all((0..100).map(|line| chair.say("chat.post", json!({"text": line.to_string()}))))
            .await;
    assert!(said.iter().all(Result::is_ok));
    assert!(
        house.log.commits() - before <= 2,
        "{} commits",
        house.log.commits() - before
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_said_twice_at_once_happens_once() {
    let house = House::open();
    let tokyo = house.enter("tokyo-1").await;
    let ask = || tokyo.say_named("c1", "floor.request", json!({}));
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.unwrap()["id"], "r1");
    assert_eq!(second.unwrap()["id"], "r1");
}

#[tokio::test(start_paused = true)]
async fn while_somebody_speaks_the_log_hears_that_the_server_is_alive() {
    let (house, ..) = House::tokyo_speaks().await;
    let spoken = house.log.alive();
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let since = house.log.alive().since(spoken);
    assert!((Millis(4000)..=Millis(5000)).contains(&since), "{since:?}");
}
