//! The media socket on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up has failed"
)]

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use plenary_transport::{
    steering::Steering,
    udp::{RecvBatch, SendBatch, Socket, local_addresses},
};

fn bound() -> (Socket, SocketAddr) {
    let socket = Socket::bind("127.0.0.1:0".parse().unwrap(), false).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn receive(socket: &Socket, wanted: usize) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut batch = RecvBatch::new(32);
    let mut all = Vec::new();
    while all.len() < wanted {
        match socket.recv_batch(&mut batch) {
            Ok(_) => all.extend(batch.iter_mut().map(|(from, bytes)| (from, bytes.to_vec()))),
            // On loopback every packet has arrived by now.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    all
}

fn packet(number: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![number; length];
    bytes[0] = number;
    bytes
}

#[test]
fn packets_of_many_sizes_for_two_destinations_arrive_whole_and_in_order() {
    let (sender, _) = bound();
    packets_of_many_sizes_arrive_from(&sender);
}

#[test]
fn they_arrive_likewise_where_the_device_cannot_segment() {
    let (sender, _) = bound();
    sender.send_without_trains();
    packets_of_many_sizes_arrive_from(&sender);
}

fn packets_of_many_sizes_arrive_from(sender: &Socket) {
    let from = sender.local_addr().unwrap();
    let (first, first_at) = bound();
    let (second, second_at) = bound();
    let mut batch = SendBatch::new();
    let mut sent: BTreeMap<SocketAddr, Vec<Vec<u8>>> = BTreeMap::new();
    for number in 0..120_u8 {
        let to = if number / 10 % 3 == 0 {
            first_at
        } else {
            second_at
        };
        let bytes = packet(
            number,
            [1200, 1200, 1200, 1200, 700, 90, 1300][usize::from(number) % 7],
        );
        assert!(batch.push(to, 1400, |room| {
            room[..bytes.len()].copy_from_slice(&bytes);
            Some(bytes.len())
        }));
        sent.entry(to).or_default().push(bytes);
    }
    let flushed = sender.send_batch(&mut batch);
    assert_eq!(
        (flushed.datagrams, flushed.dropped, flushed.blocked),
        (120, 0, false)
    );
    assert!(batch.is_empty());
    for (socket, at) in [(first, first_at), (second, second_at)] {
        let received = receive(&socket, sent[&at].len());
        assert!(received.iter().all(|(origin, _)| *origin == from));
        let bytes: Vec<_> = received.into_iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(bytes, sent[&at]);
    }
}

#[test]
fn forty_equal_packets_leave_in_one_system_call() {
    let (sender, _) = bound();
    let (receiver, to) = bound();
    let mut batch = SendBatch::new();
    for number in 0..40_u8 {
        batch.push(to, 1200, |room| {
            room.fill(number);
            Some(1200)
        });
    }
    let flushed = sender.send_batch(&mut batch);
    assert_eq!(
        (flushed.datagrams, flushed.bytes, flushed.system_calls),
        (40, 48_000, 1)
    );
    let arrived = receive(&receiver, 40);
    assert!(
        arrived
            .iter()
            .enumerate()
            .all(|(at, (_, bytes))| bytes.len() == 1200 && usize::from(bytes[0]) == at)
    );
}

#[test]
fn an_unreachable_destination_does_not_affect_the_others() {
    let (sender, _) = bound();
    let (receiver, to) = bound();
    let mut batch = SendBatch::new();
    // A socket that is bound to loopback reaches no other network: the kernel refuses (EINVAL).
    for unreachable in ["192.0.2.1:9", "198.51.100.7:9"] {
        batch.push(unreachable.parse().unwrap(), 10, |_| Some(10));
    }
    batch.push(to, 10, |room| {
        room.fill(7);
        Some(10)
    });
    let flushed = sender.send_batch(&mut batch);
    assert_eq!((flushed.datagrams, flushed.dropped), (1, 2));
    assert_eq!(receive(&receiver, 1).len(), 1);
}

#[test]
fn a_packet_that_is_not_written_is_not_sent() {
    let (sender, _) = bound();
    let mut batch = SendBatch::new();
    assert!(!batch.push("127.0.0.1:9".parse().unwrap(), 100, |_| None));
    assert!(!batch.push("127.0.0.1:9".parse().unwrap(), 100, |_| Some(0)));
    assert!(!batch.push("127.0.0.1:9".parse().unwrap(), 100, |_| Some(101)));
    assert_eq!(sender.send_batch(&mut batch).datagrams, 0);
}

#[test]
fn an_ipv6_socket_serves_ipv4_under_its_own_name() {
    let Ok(both) = Socket::bind("[::]:0".parse().unwrap(), false) else {
        return; // a machine without IPv6 has nothing to test here
    };
    let (four, four_at) = bound();
    let port = both.local_addr().unwrap().port();
    four.send_to(b"ping", SocketAddr::from(([127, 0, 0, 1], port)))
        .unwrap();
    let received = receive(&both, 1);
    assert_eq!(received, [(four_at, b"ping".to_vec())]);
    let mut batch = SendBatch::new();
    batch.push(four_at, 4, |room| {
        room.copy_from_slice(b"pong");
        Some(4)
    });
    assert_eq!(both.send_batch(&mut batch).datagrams, 1);
    assert_eq!(receive(&four, 1).len(), 1);
}

#[test]
fn the_machines_own_addresses_come_before_loopback() {
    let addresses = local_addresses();
    assert!(addresses.iter().any(std::net::IpAddr::is_loopback));
    assert!(addresses.is_sorted_by_key(std::net::IpAddr::is_loopback));
}

/// Sends a datagram from each sender to a port with three sockets, and returns which socket got it.
fn reached(address: &str, senders: &[Socket], steer: impl FnOnce(&[Socket])) -> Vec<Option<usize>> {
    let first = Socket::bind(address.parse().unwrap(), true).unwrap();
    let port = first.local_addr().unwrap();
    let second = Socket::bind(port, true).unwrap();
    let third = Socket::bind(port, true).unwrap();
    let sockets = [first, second, third];
    steer(&sockets);
    for sender in senders {
        let mut to = port;
        to.set_ip(sender.local_addr().unwrap().ip());
        sender.send_to(b"datagram", to).unwrap();
    }
    let mut reached = BTreeMap::new();
    let mut batch = RecvBatch::new(64);
    for (place, socket) in sockets.iter().enumerate() {
        while socket.recv_batch(&mut batch).is_ok() {
            reached.extend(batch.iter_mut().map(|(from, _)| (from, place)));
        }
    }
    let place = |sender: &Socket| reached.get(&sender.local_addr().unwrap()).copied();
    senders.iter().map(place).collect()
}

fn senders(address: &str) -> Vec<Socket> {
    let bind = |_| Socket::bind(address.parse().unwrap(), false).unwrap();
    (0..150).map(bind).collect()
}

#[test]
fn every_sender_reaches_the_socket_to_which_it_is_steered() {
    for (address, from) in [
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("[::]:0", "127.0.0.1:0"),
        ("[::]:0", "[::1]:0"),
    ] {
        let senders = senders(from);
        let wanted: Vec<usize> = (0..senders.len()).map(|at| at * 7 % 3).collect();
        let addresses = senders.iter().map(|sender| sender.local_addr().unwrap());
        let steering =
            Steering::new(addresses.zip(wanted.iter().map(|place| u32::try_from(*place).unwrap())));
        let steered = reached(address, &senders, |sockets| {
            sockets[2].steer(steering.clone()).unwrap();
        });
        assert_eq!(steered, wanted.into_iter().map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn without_steering_the_senders_are_spread_again() {
    let senders = senders("127.0.0.1:0");
    let all_to_second = |sockets: &[Socket]| {
        let senders = senders
            .iter()
            .map(|sender| (sender.local_addr().unwrap(), 1));
        sockets[0].steer(Steering::new(senders)).unwrap();
    };
    let steered = reached("127.0.0.1:0", &senders, all_to_second);
    assert!(steered.iter().all(|place| *place == Some(1)));
    let spread = reached("127.0.0.1:0", &senders, |sockets| {
        all_to_second(sockets);
        sockets[0].steer(Steering::default()).unwrap();
    });
    for place in 0..3 {
        assert!(spread.contains(&Some(place)), "{place}");
    }
}

#[test]
fn a_batch_that_has_grown_large_goes_out_by_itself_and_is_counted_with_the_rest() {
    let (sender, _) = bound();
    let sender = Arc::new(sender);
    let (first, second) = (bound(), bound());
    let mut batch = SendBatch::sending_early(Arc::clone(&sender));
    let mut push = |to, number| {
        batch.push(to, 1_200, |buffer| {
            buffer.fill(number);
            Some(1_200)
        })
    };
    let of_each = 240;
    for number in 0..of_each {
        assert!(push(first.1, number));
    }
    assert!(push(second.1, 0));
    assert_eq!(receive(&first.0, of_each.into()).len(), of_each.into());
    assert_eq!(batch.len(), 1, "what came after that waits");
    let flushed = sender.send_batch(&mut batch);
    assert_eq!(flushed.datagrams, usize::from(of_each) + 1);
    assert_eq!(receive(&second.0, 1).len(), 1);
    assert!(batch.is_empty());
    assert_eq!(sender.send_batch(&mut batch).datagrams, 0, "counted once");
}
