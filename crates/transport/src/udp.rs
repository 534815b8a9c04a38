//! The media socket: many datagrams per system call.
//!
//! A datagram costs more in the kernel's entry than in its encryption, so nothing here sends or receives one at a time.
//! [`RecvBatch`] is filled by `recvmmsg`. [`SendBatch`] collects packets for many destinations. Those of equal size that are
//! added one after the other for one destination become a train, which the kernel takes as one message (UDP GSO,
//! `UDP_SEGMENT`), and trains leave by `sendmmsg`. Packets are written once, into the batch, and never copied again.
//!
//! This is the one module of the crate with `unsafe` code: the system calls have no safe interface, and each needs
//! arrays of structures that point into one another.
#![expect(
    clippy::indexing_slicing,
    reason = "the indices are counts of our own batches; no datagram's content is used as one"
)]
#![allow(
    unsafe_code,
    reason = "sendmmsg, recvmmsg and control messages have no safe interface"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_ptr_alignment,
    reason = "the sizes are bounded by the constants below; SegmentSize is aligned as cmsghdr is"
)]

use std::{
    io,
    mem::{self, MaybeUninit},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Type};

use crate::steering::Steering;

/// Room for a datagram that arrives. Browsers stay under 1,500; what is longer is cut, and fails its authentication.
const RECV_BYTES: usize = 2048;
/// The kernel's bound on segments of a train (`UDP_MAX_SEGMENTS` of the oldest kernels with GSO).
const TRAIN_PACKETS: usize = 64;
/// Under the 65,507 bytes that one IPv4 datagram can carry.
const TRAIN_BYTES: usize = 65_000;
/// A batch of so many bytes goes out before it grows further: no more than the caches of one core hold.
const EARLY_BYTES: usize = 256 << 10;
/// Messages to one system call: its entry costs little beside so many, and the first ones do not wait for the rest.
const CALL_MESSAGES: usize = 64;
/// Addresses for documentation (RFC 5737, RFC 3849), to which only a default route leads.
const WORLD_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const WORLD_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
/// Any port: nothing is sent to it.
const DISCARD_PORT: u16 = 9;
/// What the kernel should hold for us in each direction: some 100 ms of a large room. It may grant less.
pub const KERNEL_BUFFER_BYTES: usize = 4 << 20;

/// The machine's own addresses that a peer may send to: real interfaces first, loopback last, none that are link-local.
///
/// A process that may not ask for its interfaces, as in a sandbox without netlink, has the addresses of its default routes.
pub fn local_addresses() -> Vec<IpAddr> {
    let mut found = if_addrs::get_if_addrs().map_or_else(
        |_| routed_addresses(),
        |interfaces| interfaces.into_iter().map(|it| it.ip()).collect(),
    );
    found.retain(|address| match address {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    });
    found.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    found.dedup();
    found
}

/// The addresses from which this machine sends to the world, and the loopback. Connecting a UDP socket sends nothing.
fn routed_addresses() -> Vec<IpAddr> {
    let [v4, v6]: [IpAddr; 2] = [WORLD_V4.into(), WORLD_V6.into()];
    let mut found: Vec<IpAddr> = [v4, v6].into_iter().filter_map(source_towards).collect();
    found.push(Ipv4Addr::LOCALHOST.into());
    found
}

fn source_towards(destination: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    socket.connect((destination, DISCARD_PORT)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// A UDP socket that never blocks.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    v6: bool,
    trains: AtomicBool,
}

impl Socket {
    /// Binds; with `reuse_port` several sockets share the port and the kernel
    /// spreads the senders over them. An IPv6 wildcard takes IPv4 too.
    pub fn bind(address: SocketAddr, reuse_port: bool) -> io::Result<Self> {
        let inner = socket2::Socket::new(
            Domain::for_address(address),
            Type::DGRAM.nonblocking(),
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            inner.set_only_v6(false)?;
        }
        inner.set_reuse_port(reuse_port)?;
        // Less is no error: the kernel's own limit holds.
        let _ = inner.set_recv_buffer_size(KERNEL_BUFFER_BYTES);
        let _ = inner.set_send_buffer_size(KERNEL_BUFFER_BYTES);
        inner.bind(&address.into())?;
        Ok(Self {
            inner,
            v6: address.is_ipv6(),
            trains: AtomicBool::new(true),
        })
    }

    /// The address that it is bound to.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner
            .local_addr()?
            .as_socket()
            .ok_or_else(|| io::Error::other("the media socket has no IP address"))
    }

    /// What the kernel holds in the smaller of the two directions, in bytes; it reports twice of what it counts for data.
    pub fn buffer_bytes(&self) -> io::Result<usize> {
        let (receive, send) = (
            self.inner.recv_buffer_size()?,
            self.inner.send_buffer_size()?,
        );
        Ok(receive.min(send) / 2)
    }

    /// Sends every packet as a message of its own from now on, as towards a device that cannot segment.
    pub fn send_without_trains(&self) {
        self.trains.store(false, Ordering::Relaxed);
    }

    /// Has the kernel give datagrams to the sockets of this port as `steering` says. A kernel with little room for programs is
    /// given a part of it.
    pub fn steer(&self, mut steering: Steering) -> io::Result<()> {
        if steering.is_empty() {
            return self.set_option(libc::SO_DETACH_REUSEPORT_BPF, &0_i32);
        }
        loop {
            let mut instructions: Vec<libc::sock_filter> = steering
                .program()
                .into_iter()
                .map(|instruction| libc::sock_filter {
                    code: instruction.code,
                    jt: instruction.if_true,
                    jf: instruction.if_false,
                    k: instruction.operand,
                })
                .collect();
            let program = libc::sock_fprog {
                len: instructions.len() as u16,
                filter: instructions.as_mut_ptr(),
            };
            let attached = self.set_option(libc::SO_ATTACH_REUSEPORT_CBPF, &program);
            match (&attached, steering.halved()) {
                (Err(error), Some(half)) if error.raw_os_error() == Some(libc::ENOMEM) => {
                    steering = half;
                }
                _ => return attached,
            }
        }
    }

    /// Sets an option of the socket. A program that it contains has to be there until this returns.
    fn set_option<T>(&self, option: libc::c_int, value: &T) -> io::Result<()> {
        // SAFETY: the kernel reads `size_of::<T>()` bytes of `value` during the call, and a program's instructions, which the
        // caller holds; it keeps no pointer.
        let set = unsafe {
            libc::setsockopt(
                self.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                ptr::from_ref(value).cast(),
                mem::size_of::<T>() as libc::socklen_t,
            )
        };
        if set == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Sends one datagram, for what is too rare to be batched.
    pub fn send_to(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        self.inner
            .send_to(datagram, &self.address(to).into())
            .map(|_| ())
    }

    /// Receives what has arrived, up to the batch's size; `WouldBlock` when there is nothing.
    pub fn recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        batch.filled = 0;
        let count = batch.lengths.len().min(CALL_MESSAGES);
        let mut vectors = [EMPTY_VECTOR; CALL_MESSAGES];
        let mut headers = [const { empty_header() }; CALL_MESSAGES];
        let parts = headers
            .iter_mut()
            .zip(&mut vectors)
            .zip(&mut batch.names)
            .zip(batch.bytes.chunks_exact_mut(RECV_BYTES));
        for (((header, vector), name), chunk) in parts {
            *vector = libc::iovec {
                iov_base: chunk.as_mut_ptr().cast(),
                iov_len: RECV_BYTES,
            };
            let header = &mut header.msg_hdr;
            header.msg_name = ptr::from_mut(name).cast();
            header.msg_namelen = mem::size_of::<SockAddrStorage>() as libc::socklen_t;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
        }
        // SAFETY: each of the first `count` headers points to one vector and one name, all of which outlive the call and are
        // not moved during it.
        let received = unsafe {
            libc::recvmmsg(
                self.as_raw_fd(),
                headers.as_mut_ptr(),
                count as libc::c_uint,
                0,
                ptr::null_mut(),
            )
        };
        let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        for (at, header) in headers.iter().take(received).enumerate() {
            batch.lengths[at] = (header.msg_len as usize).min(RECV_BYTES);
            let storage = mem::replace(&mut batch.names[at], SockAddrStorage::zeroed());
            // SAFETY: the kernel wrote an address of `msg_namelen` bytes into that name.
            let name = unsafe { SockAddr::new(storage, header.msg_hdr.msg_namelen) };
            batch.from[at] = name.as_socket().map(canonical);
        }
        batch.filled = received;
        Ok(received)
    }

    /// Sends the batch and leaves it empty, unless the socket's buffer is full: what was not sent then stays in it.
    ///
    /// One destination's trouble is its own: such a packet is dropped and counted, the others go out.
    pub fn send_batch(&self, batch: &mut SendBatch) -> Flushed {
        let mut flushed = mem::take(&mut batch.sent_early);
        let mut sent = 0;
        if !self.trains.load(Ordering::Relaxed) {
            batch.split_trains(0);
        }
        flushed.blocked = false;
        while sent < batch.trains.len() {
            let trains = &batch.trains[sent..];
            match self.send_some(&batch.bytes, trains, &mut flushed) {
                Ok(messages) => sent += messages,
                Err(error) => match error.raw_os_error() {
                    Some(libc::EINTR) => {}
                    Some(libc::EAGAIN | libc::ENOBUFS) => {
                        flushed.blocked = true;
                        break;
                    }
                    // The device cannot segment: no more trains from this socket. The packets are tried again.
                    Some(libc::EIO) if self.trains.swap(false, Ordering::Relaxed) => {
                        batch.split_trains(sent);
                    }
                    _ => sent += self.send_singly(&batch.bytes, &trains[0], &mut flushed),
                },
            }
        }
        batch.stalled = flushed.blocked;
        if flushed.blocked {
            batch.drop_first(sent);
        } else {
            batch.clear();
        }
        flushed
    }

    /// One `sendmmsg` of the first trains; returns how many it took.
    fn send_some(
        &self,
        bytes: &[u8],
        trains: &[Train],
        flushed: &mut Flushed,
    ) -> io::Result<usize> {
        let trains = &trains[..trains.len().min(CALL_MESSAGES)];
        let mut vectors = [EMPTY_VECTOR; CALL_MESSAGES];
        let mut controls = [const { SegmentSize::EMPTY }; CALL_MESSAGES];
        let mut headers = [const { empty_header() }; CALL_MESSAGES];
        let names: Vec<SockAddr> = trains
            .iter()
            .map(|train| self.address(train.to).into())
            .collect();
        let parts = headers
            .iter_mut()
            .zip(&mut vectors)
            .zip(&mut controls)
            .zip(&names);
        for ((((header, vector), control), name), train) in parts.zip(trains) {
            let bytes = &bytes[train.start..train.start + train.length];
            *vector = libc::iovec {
                iov_base: bytes.as_ptr().cast_mut().cast(),
                iov_len: bytes.len(),
            };
            let header = &mut header.msg_hdr;
            header.msg_name = name.as_ptr().cast_mut().cast();
            header.msg_namelen = name.len();
            header.msg_iov = vector;
            header.msg_iovlen = 1;
            if train.packets > 1 {
                *control = SegmentSize::new(train.packet_length as u16);
                header.msg_control = ptr::from_mut(control).cast();
                header.msg_controllen = SegmentSize::SPACE;
            }
        }
        // SAFETY: each of the first headers points to a name, a vector and a control message that outlive the call; the
        // vectors point into `bytes`, which is borrowed for as long. The kernel reads all of them and writes only `msg_len`.
        let messages = unsafe {
            libc::sendmmsg(
                self.as_raw_fd(),
                headers.as_mut_ptr(),
                trains.len() as libc::c_uint,
                0,
            )
        };
        flushed.system_calls += 1;
        let messages = usize::try_from(messages).map_err(|_| io::Error::last_os_error())?;
        for train in &trains[..messages] {
            flushed.datagrams += train.packets;
            flushed.bytes += train.length;
        }
        Ok(messages)
    }

    /// Each packet of a train by itself; what fails is dropped. Returns 1, for the train.
    fn send_singly(&self, bytes: &[u8], train: &Train, flushed: &mut Flushed) -> usize {
        let bytes = &bytes[train.start..train.start + train.length];
        for datagram in bytes.chunks(train.packet_length) {
            flushed.system_calls += 1;
            match self.send_to(datagram, train.to) {
                Ok(()) => {
                    flushed.datagrams += 1;
                    flushed.bytes += datagram.len();
                }
                Err(_) => flushed.dropped += 1,
            }
        }
        1
    }

    /// A socket of IPv6 reaches IPv4 by mapped addresses (RFC 4291, section 2.5.5.2).
    fn address(&self, to: SocketAddr) -> SocketAddr {
        match to {
            SocketAddr::V4(v4) if self.v6 => {
                let mapped: Ipv6Addr = v4.ip().to_ipv6_mapped();
                SocketAddr::V6(SocketAddrV6::new(mapped, v4.port(), 0, 0))
            }
            other => other,
        }
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Buffers for datagrams that arrive, allocated once.
pub struct RecvBatch {
    bytes: Vec<u8>,
    names: Vec<SockAddrStorage>,
    lengths: Vec<usize>,
    from: Vec<Option<SocketAddr>>,
    filled: usize,
}

impl RecvBatch {
    /// Room for that many datagrams.
    pub fn new(datagrams: usize) -> Self {
        Self {
            bytes: vec![0; datagrams * RECV_BYTES],
            names: (0..datagrams).map(|_| SockAddrStorage::zeroed()).collect(),
            lengths: vec![0; datagrams],
            from: vec![None; datagrams],
            filled: 0,
        }
    }

    /// The datagrams of the last [`Socket::recv_batch`], each with its sender.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (SocketAddr, &mut [u8])> {
        self.bytes
            .chunks_exact_mut(RECV_BYTES)
            .zip(&self.lengths)
            .zip(&self.from)
            .take(self.filled)
            .filter_map(|((bytes, &length), from)| Some(((*from)?, bytes.get_mut(..length)?)))
    }
}

impl std::fmt::Debug for RecvBatch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "RecvBatch({} of {})", self.filled, self.lengths.len())
    }
}

/// Packets on their way out, for many destinations, in one buffer that is kept from batch to batch.
#[derive(Default)]
pub struct SendBatch {
    bytes: Vec<u8>,
    used: usize,
    trains: Vec<Train>,
    packets: usize,
    /// Where it goes by itself when it has grown large.
    early: Option<Arc<Socket>>,
    sent_early: Flushed,
    /// Whether the socket was full at the last attempt.
    stalled: bool,
}

/// Packets for one destination, one behind the other in the batch: all of one length, but for the last, which may be shorter.
#[derive(Debug, Clone, Copy)]
struct Train {
    to: SocketAddr,
    start: usize,
    length: usize,
    packet_length: usize,
    packets: usize,
}

impl Train {
    /// Whether a packet can be its next.
    fn takes(&self, to: SocketAddr, length: usize) -> bool {
        self.to == to
            && length <= self.packet_length
            && self.length == self.packets * self.packet_length
            && self.packets < TRAIN_PACKETS
            && self.length + length <= TRAIN_BYTES
    }
}

impl SendBatch {
    /// A batch without a packet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch that goes out through this socket whenever it has grown large, while it is in the processor's caches. The next
    /// [`Socket::send_batch`] counts what has gone.
    pub fn sending_early(socket: Arc<Socket>) -> Self {
        Self {
            early: Some(socket),
            ..Self::default()
        }
    }

    /// Adds a packet for `to`: `write` gets `capacity` bytes and returns how many it used, or none for no packet.
    /// Returns whether there is one. An empty packet is none.
    pub fn push(
        &mut self,
        to: SocketAddr,
        capacity: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        if self.used >= EARLY_BYTES && self.trains.last().is_some_and(|train| train.to != to) {
            self.send_early();
        }
        let end = self.used + capacity;
        if self.bytes.len() < end {
            self.bytes.resize(end.next_power_of_two(), 0);
        }
        let length = match write(&mut self.bytes[self.used..end]) {
            Some(length) if (1..=capacity.min(TRAIN_BYTES)).contains(&length) => length,
            _ => return false,
        };
        match self.trains.last_mut() {
            Some(train) if train.takes(to, length) => {
                train.length += length;
                train.packets += 1;
            }
            _ => self.trains.push(Train {
                to,
                start: self.used,
                length,
                packet_length: length,
                packets: 1,
            }),
        }
        self.packets += 1;
        self.used += length;
        true
    }

    /// How many packets wait in it.
    pub fn len(&self) -> usize {
        self.packets
    }

    /// Whether no packet waits in it.
    pub fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// Drops what waits and keeps the buffer.
    pub fn clear(&mut self) {
        self.trains.clear();
        (self.packets, self.used) = (0, 0);
    }

    fn send_early(&mut self) {
        // A full socket is tried again by the one who waits for it.
        if let Some(socket) = self.early.take() {
            if !self.stalled {
                self.sent_early = socket.send_batch(self);
            }
            self.early = Some(socket);
        }
    }

    /// Makes each packet from the train at `first` on a train of its own, for a socket that sends no others.
    fn split_trains(&mut self, first: usize) {
        let trains = self.trains.split_off(first);
        for train in trains {
            let end = train.start + train.length;
            let starts = (train.start..end).step_by(train.packet_length);
            self.trains.extend(starts.map(|start| {
                let length = train.packet_length.min(end - start);
                Train {
                    start,
                    length,
                    packet_length: length,
                    packets: 1,
                    ..train
                }
            }));
        }
    }

    fn drop_first(&mut self, trains: usize) {
        let gone = self.trains.drain(..trains).map(|train| train.packets);
        self.packets -= gone.sum::<usize>();
    }
}

impl std::fmt::Debug for SendBatch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "SendBatch({} packets, {} bytes)",
            self.packets, self.used
        )
    }
}

/// The result of sending a batch.
#[must_use]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Datagrams handed to the kernel.
    pub datagrams: usize,
    /// The bytes of their payload.
    pub bytes: usize,
    /// Datagrams that the kernel would not take.
    pub dropped: usize,
    /// How many calls it took.
    pub system_calls: usize,
    /// The socket's buffer was full: the rest stays in the batch until the socket is writable.
    pub blocked: bool,
}

/// The control message that makes one datagram into a train, aligned as the kernel reads it.
#[repr(C, align(8))]
struct SegmentSize {
    bytes: [u8; 32],
}

impl SegmentSize {
    // SAFETY: CMSG_SPACE and CMSG_LEN only compute.
    const SPACE: usize = unsafe { libc::CMSG_SPACE(mem::size_of::<u16>() as u32) } as usize;
    const LENGTH: usize = unsafe { libc::CMSG_LEN(mem::size_of::<u16>() as u32) } as usize;

    const EMPTY: Self = Self { bytes: [0; 32] };

    fn new(size: u16) -> Self {
        let mut message = Self::EMPTY;
        let header = libc::cmsghdr {
            cmsg_len: Self::LENGTH,
            cmsg_level: libc::SOL_UDP,
            cmsg_type: libc::UDP_SEGMENT,
        };
        // SAFETY: 32 bytes aligned to 8 hold a header of 16 and, behind it, the two bytes of the size.
        unsafe {
            let at = message.bytes.as_mut_ptr();
            at.cast::<libc::cmsghdr>().write(header);
            libc::CMSG_DATA(at.cast::<libc::cmsghdr>())
                .cast::<u16>()
                .write_unaligned(size);
        }
        message
    }
}

const EMPTY_VECTOR: libc::iovec = libc::iovec {
    iov_base: ptr::null_mut(),
    iov_len: 0,
};

const fn empty_header() -> libc::mmsghdr {
    // SAFETY: all-zero is a valid mmsghdr: null pointers with zero lengths.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_netlink_there_are_addresses_that_can_be_bound() {
        let routed = routed_addresses();
        assert!(routed.contains(&Ipv4Addr::LOCALHOST.into()));
        for address in routed {
            assert!(!address.is_unspecified());
            Socket::bind((address, 0).into(), false).unwrap();
        }
    }
}
