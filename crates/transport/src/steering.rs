//! Which of several sockets on one port gets a datagram.
//!
//! By itself the kernel spreads senders over such sockets by a hash of their addresses, and nobody else knows it. A
//! program in classic BPF, which needs no privilege, decides by the sender instead: a tree of comparisons over
//! [`key`]s. It is advice: a sender that it does not name, or whose key it shares with another, comes to any of the
//! sockets.

use std::net::{IpAddr, SocketAddr};

/// More stretches than this do not fit into the kernel's 4,096 instructions.
const MAX_STRETCHES: usize = 1024;

/// The kernel's marker for offsets from the network header (`SKF_NET_OFF`).
const NETWORK_HEADER: u32 = 0xfff0_0000;
/// Where the lower half of the sender's address and its port are, after headers without options.
const V4_SENDER: u32 = NETWORK_HEADER + 14;
const V4_PORT: u32 = NETWORK_HEADER + 20;
const V6_SENDER: u32 = NETWORK_HEADER + 22;
const V6_PORT: u32 = NETWORK_HEADER + 40;

/// The instructions that are used here, as `linux/bpf_common.h` composes them.
mod code {
    pub(super) const LOAD_BYTE: u16 = 0x30;
    pub(super) const LOAD_HALF: u16 = 0x28;
    pub(super) const SHIFT_RIGHT: u16 = 0x74;
    pub(super) const XOR_WITH_X: u16 = 0xac;
    pub(super) const COPY_TO_X: u16 = 0x07;
    pub(super) const JUMP: u16 = 0x05;
    pub(super) const JUMP_IF_EQUAL: u16 = 0x15;
    pub(super) const JUMP_IF_AT_LEAST: u16 = 0x35;
    pub(super) const RETURN: u16 = 0x06;
}

/// One instruction of classic BPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) code: u16,
    /// How many instructions it skips if its comparison holds, and if not.
    pub(crate) if_true: u8,
    pub(crate) if_false: u8,
    pub(crate) operand: u32,
}

/// An assignment of senders to the sockets of one port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steering {
    /// Stretches of keys, each with its first key and its socket; the first begins at 0. Without any, the kernel decides.
    stretches: Vec<(u16, u32)>,
}

impl Steering {
    /// Steers these senders, each to a socket by its place in the order in which the sockets were bound. Without any,
    /// the kernel decides by itself.
    pub fn new(senders: impl IntoIterator<Item = (SocketAddr, u32)>) -> Self {
        let mut keys: Vec<(u16, u32)> = senders
            .into_iter()
            .map(|(sender, socket)| (key(sender), socket))
            .collect();
        keys.sort_unstable();
        keys.dedup_by_key(|(key, _)| *key);
        // Keys between two senders of one socket may as well go there.
        keys.dedup_by_key(|(_, socket)| *socket);
        keys.truncate(MAX_STRETCHES);
        if let Some(first) = keys.first_mut() {
            first.0 = 0;
        }
        Self { stretches: keys }
    }

    /// Whether the kernel decides by itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The same for a kernel that takes only half as many instructions; none if there is nothing to leave out.
    pub(crate) fn halved(mut self) -> Option<Self> {
        let half = self.stretches.len() / 2;
        self.stretches.truncate(half);
        (half > 0).then_some(self)
    }

    /// The program for the kernel.
    pub(crate) fn program(&self) -> Vec<Instruction> {
        let mut program = vec![
            plain(code::LOAD_BYTE, NETWORK_HEADER),
            plain(code::SHIFT_RIGHT, 4),
            Instruction {
                if_true: 4,
                ..plain(code::JUMP_IF_EQUAL, 6)
            },
            plain(code::LOAD_HALF, V4_SENDER),
            plain(code::COPY_TO_X, 0),
            plain(code::LOAD_HALF, V4_PORT),
            plain(code::JUMP, 3),
            plain(code::LOAD_HALF, V6_SENDER),
            plain(code::COPY_TO_X, 0),
            plain(code::LOAD_HALF, V6_PORT),
            plain(code::XOR_WITH_X, 0),
        ];
        search(&self.stretches, &mut program);
        program
    }
}

/// The 16 bits by which senders are told apart: the port, and the lower half of the address, which tells apart those that
/// happen to have one port.
fn key(sender: SocketAddr) -> u16 {
    let [high, low] = match sender.ip() {
        IpAddr::V4(v4) => [v4.octets()[2], v4.octets()[3]],
        IpAddr::V6(v6) => [v6.octets()[14], v6.octets()[15]],
    };
    sender.port() ^ u16::from_be_bytes([high, low])
}

/// Appends a search for the stretch in which the key lies, by halves.
fn search(stretches: &[(u16, u32)], program: &mut Vec<Instruction>) {
    let (lower, upper) = stretches.split_at(stretches.len() / 2);
    let Some((first, socket)) = upper.first() else {
        return;
    };
    if lower.is_empty() {
        program.push(plain(code::RETURN, *socket));
        return;
    }
    // A comparison skips no more than 255 instructions, a jump any number.
    program.push(Instruction {
        if_false: 1,
        ..plain(code::JUMP_IF_AT_LEAST, u32::from(*first))
    });
    let jump = program.len();
    program.push(plain(code::JUMP, 0));
    search(lower, program);
    let skipped = program.len() - jump - 1;
    if let Some(jump) = program.get_mut(jump) {
        jump.operand = u32::try_from(skipped).unwrap_or(0);
    }
    search(upper, program);
}

const fn plain(code: u16, operand: u32) -> Instruction {
    Instruction {
        code,
        if_true: 0,
        if_false: 0,
        operand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn senders_of_one_socket_need_no_comparison() {
        let senders = (1..500).map(|port| (SocketAddr::from(([192, 0, 2, 1], port)), 3));
        let steering = Steering::new(senders);
        assert_eq!(steering.stretches, [(0, 3)]);
        assert!(Steering::new([]).is_empty());
    }

    #[test]
    fn senders_with_one_port_are_told_apart_by_their_addresses() {
        let [a, b, c] = ["192.0.2.1:5000", "192.0.2.2:5000", "[2001:db8::7]:5000"].map(sender);
        assert!(key(a) != key(b) && key(b) != key(c));
        let steering = Steering::new([(a, 0), (b, 1), (c, 2)]);
        assert_eq!(steering.stretches.len(), 3);
    }

    #[test]
    fn the_largest_program_is_one_that_the_kernel_takes() {
        let senders = (0..=u16::MAX)
            .map(|port| (SocketAddr::from(([0, 0, 0, 0], port)), u32::from(port) % 2));
        let steering = Steering::new(senders);
        assert!(
            steering.program().len() <= 4096,
            "{}",
            steering.program().len()
        );
        let half = steering.clone().halved().unwrap();
        assert_eq!(half.stretches[..], steering.stretches[..MAX_STRETCHES / 2]);
    }
}
