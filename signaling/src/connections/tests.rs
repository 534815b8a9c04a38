//! Which connections make way for which.

use futures_util::FutureExt;

use super::*;

const LIMITS: ConnectionLimits = ConnectionLimits {
    unseated: 10,
    per_address: 4,
    seated: 3,
};

fn connections() -> Connections {
    Connections::new(LIMITS, Proxies::default())
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

impl Connections {
    fn open(&self, peer: &str) -> Result<Connection, Full> {
        let socket = self.socket().now_or_never().unwrap().unwrap();
        self.admit(ip(peer), socket)
    }

    fn open_many(&self, peer: &str, many: usize) -> Vec<Connection> {
        (0..many).map(|_| self.open(peer).unwrap()).collect()
    }
}

impl Connection {
    fn has_ended(&self) -> bool {
        self.ended().now_or_never().is_some()
    }
}

fn ended(all: &[Connection]) -> Vec<bool> {
    all.iter().map(Connection::has_ended).collect()
}

#[test]
fn a_flood_from_one_address_ends_its_own_longest_waiting_connections_and_no_others() {
    let connections = connections();
    let tokyo = connections.open("192.0.2.1").unwrap();
    let mut flood = connections.open_many("192.0.2.66", 4);
    assert_eq!(ended(&flood), [false; 4]);
    flood.extend(connections.open_many("192.0.2.66", 3));
    assert_eq!(
        ended(&flood),
        [true, true, true, false, false, false, false]
    );
    assert!(!tokyo.has_ended());
    assert_eq!(connections.count(), (5, 0));
}

#[test]
fn a_full_server_takes_one_more_in_place_of_one_from_the_address_that_has_most() {
    let connections = connections();
    let flood = connections.open_many("192.0.2.66", 4);
    let cities: Vec<Connection> = (1..=3)
        .flat_map(|city| connections.open_many(&format!("192.0.2.{city}"), 2))
        .collect();
    assert_eq!(connections.count(), (10, 0));
    let returning = connections.open("192.0.2.9").unwrap();
    assert_eq!(ended(&flood), [true, false, false, false]);
    assert_eq!(ended(&cities), [false; 6]);
    assert!(!returning.has_ended());
}

#[test]
fn a_request_that_the_server_works_for_is_not_ended_for_a_new_connection() {
    let connections = connections();
    let all = connections.open_many("192.0.2.1", 4);
    all.iter().for_each(Connection::work);
    assert_eq!(connections.open("192.0.2.1").unwrap_err(), Full::Address);
    assert_eq!(ended(&all), [false; 4]);
    // Once one is answered it waits again, and makes way.
    all[2].end_work();
    let new = connections.open("192.0.2.1").unwrap();
    assert_eq!(ended(&all), [false, false, true, false]);
    assert!(!new.has_ended());
}

#[test]
fn a_connection_of_several_requests_waits_only_when_the_server_works_for_none_of_them() {
    let connections = connections();
    let all = connections.open_many("192.0.2.1", 4);
    all.iter().for_each(Connection::work);
    all[1].work();
    all[1].end_work();
    // An answer that is taken meanwhile says nothing of the other request.
    all[1].wait();
    assert_eq!(connections.open("192.0.2.1").unwrap_err(), Full::Address);
    all[1].end_work();
    connections.open("192.0.2.1").unwrap();
    assert_eq!(ended(&all), [false, true, false, false]);
}

#[test]
fn a_connection_with_a_seat_leaves_the_share_of_its_address_and_is_never_ended() {
    let connections = connections();
    let seats = connections.open_many("192.0.2.1", 3);
    for seat in &seats {
        assert_eq!(seat.take_seat(), Ok(()));
    }
    assert_eq!(connections.count(), (0, 3));
    let flood = connections.open_many("192.0.2.1", 20);
    assert_eq!(ended(&seats), [false; 3]);
    assert_eq!(connections.count(), (4, 3));

    let last = flood.last().unwrap();
    assert_eq!(last.take_seat(), Err(Full::Server), "no seat is left");
    drop(seats);
    assert_eq!(last.take_seat(), Ok(()));
    assert_eq!(connections.count(), (3, 1));
}

#[test]
fn a_connection_that_was_ended_takes_no_seat() {
    let connections = connections();
    let all = connections.open_many("192.0.2.1", 5);
    assert_eq!(all[0].take_seat(), Err(Full::Server));
    assert_eq!(connections.count(), (4, 0));
}

#[test]
fn the_people_behind_a_proxy_count_by_their_own_addresses_and_the_proxy_by_none() {
    let connections = connections();
    let through_proxy = connections.open_many("127.0.0.1", 8);
    let (flood, others) = through_proxy.split_at(5);
    for request in flood {
        assert_eq!(request.begin_request(ip("192.0.2.66").into()), Ok(()));
    }
    for (city, request) in (1..).zip(others) {
        let address = ip(&format!("192.0.2.{city}"));
        assert_eq!(request.begin_request(address.into()), Ok(()));
    }
    assert_eq!(ended(flood), [true, false, false, false, false]);
    assert_eq!(ended(others), [false; 3]);

    // What is answered belongs to nobody again.
    flood[1].end_request();
    assert_eq!(others[0].begin_request(ip("192.0.2.66").into()), Ok(()));
    assert_eq!(ended(&flood[1..]), [false; 4]);
}

#[test]
fn no_more_sockets_are_accepted_than_there_are_descriptors_for_and_closing_one_frees_its_own() {
    let connections = connections();
    let sockets = LIMITS.unseated + LIMITS.seated + CLOSING;
    // Connections that were ended and are not closed yet keep their descriptors.
    let mut open = connections.open_many("192.0.2.1", sockets);
    assert!(connections.socket().now_or_never().is_none());
    open.pop();
    assert!(connections.socket().now_or_never().is_some());
}

#[test]
fn few_descriptors_are_shared_so_that_most_are_for_people_with_a_seat() {
    let limits = Limits::default();
    let few = ConnectionLimits::new(&limits, 160);
    assert_eq!((few.unseated, few.per_address, few.seated), (40, 40, 104));
    let many = ConnectionLimits::new(&limits, 500_000);
    assert_eq!(many.unseated, limits.connections);
    assert_eq!(many.per_address, limits.connections_per_address);
}

#[test]
fn a_connection_that_a_proxy_for_tcp_names_counts_for_its_client_from_then_on() {
    let connections = connections();
    let through_proxy = connections.open_many("127.0.0.1", 6);
    for connection in &through_proxy[..4] {
        assert_eq!(connection.give_to_client(ip("192.0.2.66")), Ok(()));
        assert!(!connection.is_of_proxy());
    }
    through_proxy[1].end_request();
    let direct = connections.open("192.0.2.66").unwrap();
    assert_eq!(
        ended(&through_proxy),
        [true, false, false, false, false, false]
    );
    // A proxy behind a proxy names the clients in a header.
    assert_eq!(through_proxy[4].give_to_client(ip("127.0.0.1")), Ok(()));
    assert!(through_proxy[4].is_of_proxy() && !direct.is_of_proxy());
}
