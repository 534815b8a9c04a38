//! One client of the relay: its allocation, permissions and channels (RFC 8656).

use std::{
    net::{IpAddr, SocketAddr},
    ops::Range,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use rtc_stun::{
    attributes::{
        ATTR_CHANNEL_NUMBER, ATTR_EVEN_PORT, ATTR_LIFETIME, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE,
        ATTR_REALM, ATTR_REQUESTED_ADDRESS_FAMILY, ATTR_REQUESTED_TRANSPORT,
        ATTR_RESERVATION_TOKEN, ATTR_USERNAME, ATTR_XOR_RELAYED_ADDRESS, ATTR_XORMAPPED_ADDRESS,
    },
    error_code::{
        CODE_ADDR_FAMILY_NOT_SUPPORTED, CODE_ALLOC_MISMATCH, CODE_ALLOC_QUOTA_REACHED,
        CODE_BAD_REQUEST, CODE_FORBIDDEN, CODE_INSUFFICIENT_CAPACITY,
        CODE_PEER_ADDR_FAMILY_MISMATCH, CODE_STALE_NONCE, CODE_UNAUTHORIZED,
        CODE_UNKNOWN_ATTRIBUTE, CODE_UNSUPPORTED_TRANS_PROTO, CODE_WRONG_CREDENTIALS, ErrorCode,
    },
    message::TransactionId,
};

use super::{
    credentials::is_guest,
    message::{CHANNELS, Incoming, Method, Response, channel_data},
    routes::RelayRoutes,
    server::{AllocationPlace, RelayServer},
};
use crate::peer::{LinkId, PeerAddress, RelayAccess, RelayedAddress};

/// How long an allocation lasts without a refresh, and the longest time that a client may ask for.
const LIFETIME: Duration = Duration::from_mins(10);
/// How long a permission lasts.
const PERMISSION_LIFETIME: Duration = Duration::from_mins(5);
/// How long a channel lasts.
const CHANNEL_LIFETIME: Duration = Duration::from_mins(10);
/// The number of UDP in REQUESTED-TRANSPORT.
const UDP: u8 = 17;
/// Relayed addresses have ports from here on. Nobody listens on them.
const FIRST_RELAYED_PORT: u16 = 49_152;

/// How a client reaches the relay, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayTransport {
    /// By which kind of path.
    pub access: RelayAccess,
    /// The client's address, to which answers go.
    pub client: SocketAddr,
}

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum RelayOutput {
    /// Nothing: it was no message, or it is refused in silence.
    Nothing,
    /// This goes back to the client. Before credentials were shown, an answer by UDP needs a
    /// [`ReplyCredit`](super::ReplyCredit).
    Respond {
        /// The message, with its integrity if it has one.
        bytes: Vec<u8>,
        /// Whether the client has shown credentials.
        authenticated: bool,
    },
    /// A datagram for the server's own address, in the message at that place.
    Deliver {
        /// The sender, as the server's media knows it.
        from: PeerAddress,
        /// Where the datagram is in the message.
        range: Range<usize>,
    },
}

/// One client of the relay.
#[derive(Debug)]
pub struct RelayClient {
    server: Arc<RelayServer>,
    link: LinkId,
    transport: RelayTransport,
    routes: Arc<RelayRoutes>,
    allocation: Option<Allocation>,
}

#[derive(Debug)]
struct Allocation {
    username: String,
    /// The request that made it: the same one again is a repetition.
    transaction: TransactionId,
    relayed: SocketAddr,
    lifetime: Duration,
    expires: Instant,
    /// For each of the server's addresses, until when the client has a permission.
    permissions: Vec<Option<Instant>>,
    /// For each of the server's addresses, its channel and until when it is bound.
    channels: Vec<Option<(u16, Instant)>>,
    _place: AllocationPlace,
}

/// Why a request is refused.
struct Refusal(ErrorCode, &'static str);

impl RelayClient {
    /// A client that has sent nothing yet.
    pub fn new(server: Arc<RelayServer>, link: LinkId, transport: RelayTransport) -> Self {
        let padded = transport.access != RelayAccess::Udp;
        let routes = RelayRoutes::new(Arc::clone(server.peers()), padded);
        Self {
            server,
            link,
            transport,
            routes: Arc::new(routes),
            allocation: None,
        }
    }

    /// How packets go back to the client.
    pub fn routes(&self) -> &Arc<RelayRoutes> {
        &self.routes
    }

    /// Its number, which the client has chosen.
    pub fn link(&self) -> LinkId {
        self.link
    }

    /// Whether it has an allocation, and with that shown credentials.
    pub fn is_allocated(&self) -> bool {
        self.allocation.is_some()
    }

    /// When [`Self::expire`] is due next; none if never.
    pub fn deadline(&self) -> Option<Instant> {
        let allocation = self.allocation.as_ref()?;
        let permissions = allocation.permissions.iter().flatten().copied();
        let channels = allocation
            .channels
            .iter()
            .flatten()
            .map(|(_, until)| *until);
        let all = permissions.chain(channels).chain([allocation.expires]);
        all.min()
    }

    /// Ends permissions and channels that have expired.
    pub fn expire(&mut self, now: Instant) {
        let is_over = |allocation: &Allocation| allocation.expires <= now;
        if self.allocation.as_ref().is_some_and(is_over) {
            self.allocation = None;
        }
        if let Some(allocation) = &mut self.allocation {
            for permission in &mut allocation.permissions {
                *permission = permission.filter(|until| *until > now);
            }
            for channel in &mut allocation.channels {
                *channel = channel.filter(|(_, until)| *until > now);
            }
        }
        self.update_routes();
    }

    /// Takes a message of the client: channel data, a request or an indication.
    pub fn handle(&mut self, bytes: &[u8], now: Instant, clock: SystemTime) -> RelayOutput {
        if self.deadline().is_some_and(|due| due <= now) {
            self.expire(now);
        }
        if let Some((number, range)) = channel_data(bytes) {
            return self.deliver(self.candidate_of_channel(number), range);
        }
        let Some(message) = Incoming::read(bytes) else {
            return RelayOutput::Nothing;
        };
        if message.method == Method::Send {
            return self.send_indication(&message);
        }
        self.request(message, now, clock)
    }

    fn deliver(&self, candidate: Option<usize>, range: Range<usize>) -> RelayOutput {
        let permitted = |allocation: &Allocation, candidate: usize| {
            let permission = allocation.permissions.get(candidate);
            permission.is_some_and(Option::is_some)
        };
        match (&self.allocation, candidate) {
            (Some(allocation), Some(candidate)) if permitted(allocation, candidate) => {
                let Ok(number) = u8::try_from(candidate) else {
                    return RelayOutput::Nothing;
                };
                RelayOutput::Deliver {
                    from: PeerAddress::Relayed(RelayedAddress {
                        link: self.link,
                        candidate: number,
                        access: self.transport.access,
                        relayed: allocation.relayed,
                    }),
                    range,
                }
            }
            _ => RelayOutput::Nothing,
        }
    }

    fn candidate_of_channel(&self, number: u16) -> Option<usize> {
        let channels = &self.allocation.as_ref()?.channels;
        let is_it = |channel: &Option<(u16, Instant)>| channel.is_some_and(|(it, _)| it == number);
        channels.iter().position(is_it)
    }

    /// An indication is not authenticated: it may do only what a permission allows (RFC 8656, section 11).
    fn send_indication(&self, message: &Incoming) -> RelayOutput {
        let peer = message.peers().and_then(|peers| peers.first().copied());
        let candidate = peer.and_then(|peer| self.candidate(peer));
        match message.data_range() {
            Some(range) if message.unknown().is_empty() => self.deliver(candidate, range),
            _ => RelayOutput::Nothing,
        }
    }

    /// The place of one of the server's own addresses.
    fn candidate(&self, peer: SocketAddr) -> Option<usize> {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        self.server.peers().iter().position(|own| *own == peer)
    }

    fn request(&mut self, mut message: Incoming, now: Instant, clock: SystemTime) -> RelayOutput {
        let (username, key) = match self.authenticate(&mut message, clock) {
            Ok(user) => user,
            Err(bytes) => {
                return RelayOutput::Respond {
                    bytes,
                    authenticated: false,
                };
            }
        };
        let unknown = message.unknown();
        let response = if unknown.is_empty() {
            let done = match message.method {
                Method::Allocate => self.allocate(&message, &username, now, clock),
                Method::Refresh => self.refresh(&message, &username, now, clock),
                Method::CreatePermission => self.create_permission(&message, &username, now),
                Method::ChannelBind => self.bind_channel(&message, &username, now),
                Method::Send => Err(Refusal(CODE_BAD_REQUEST, "Bad Request")),
            };
            done.unwrap_or_else(|Refusal(code, reason)| Response::error(&message, code, reason))
        } else {
            Response::error(&message, CODE_UNKNOWN_ATTRIBUTE, "Unknown Attribute")
                .with_unknown(&unknown)
        };
        self.update_routes();
        RelayOutput::Respond {
            bytes: response.signed(&key),
            authenticated: true,
        }
    }

    /// The user of a request and the key of the response; or the response that refuses it (RFC 8489, section 9.2.4).
    fn authenticate(
        &self,
        message: &mut Incoming,
        clock: SystemTime,
    ) -> Result<(String, Vec<u8>), Vec<u8>> {
        let RelayTransport { access, client } = self.transport;
        let challenge = |message: &Incoming, code, reason| {
            let nonce = self.server.nonce(client, access, clock);
            Response::error(message, code, reason)
                .with(ATTR_REALM, RelayServer::realm().as_bytes())
                .with(ATTR_NONCE, nonce.as_bytes())
                .unsigned()
        };
        if !message.has(ATTR_MESSAGE_INTEGRITY) {
            return Err(challenge(message, CODE_UNAUTHORIZED, "Unauthorized"));
        }
        let texts = (
            message.text(ATTR_USERNAME),
            message.text(ATTR_NONCE),
            message.text(ATTR_REALM),
        );
        let (Some(username), Some(nonce), Some(_)) = texts else {
            return Err(Response::error(message, CODE_BAD_REQUEST, "Bad Request").unsigned());
        };
        if !self.server.is_nonce(nonce, client, access, clock) {
            return Err(challenge(message, CODE_STALE_NONCE, "Stale Nonce"));
        }
        let username = username.to_owned();
        let key = self.server.key(&username).unwrap_or_default();
        if message.is_signed_with(&key) {
            Ok((username, key))
        } else {
            Err(challenge(message, CODE_UNAUTHORIZED, "Unauthorized"))
        }
    }

    fn allocate(
        &mut self,
        message: &Incoming,
        username: &str,
        now: Instant,
        clock: SystemTime,
    ) -> Result<Response, Refusal> {
        if let Some(allocation) = &self.allocation {
            if allocation.username != username {
                return Err(Refusal(CODE_WRONG_CREDENTIALS, "Wrong Credentials"));
            }
            if allocation.transaction != message.transaction() {
                return Err(Refusal(CODE_ALLOC_MISMATCH, "Allocation Mismatch"));
            }
            return Ok(allocated(message, allocation, self.transport.client));
        }
        // A participant's allocation outlives its user name, so that nobody is cut off in mid-speech.
        if !RelayServer::is_current(username, clock) {
            return Err(Refusal(CODE_UNAUTHORIZED, "Unauthorized"));
        }
        let transport = message.get(ATTR_REQUESTED_TRANSPORT);
        let Some([transport, _, _, _]) = transport else {
            return Err(Refusal(CODE_BAD_REQUEST, "Bad Request"));
        };
        if *transport != UDP {
            let reason = "Unsupported Transport Protocol";
            return Err(Refusal(CODE_UNSUPPORTED_TRANS_PROTO, reason));
        }
        let reserves = message
            .get(ATTR_EVEN_PORT)
            .is_some_and(|value| value.first().is_some_and(|it| it & 0x80 != 0));
        if message.has(ATTR_RESERVATION_TOKEN) || reserves {
            return Err(Refusal(CODE_INSUFFICIENT_CAPACITY, "Insufficient Capacity"));
        }
        let relayed = self.relayed_address(message)?;
        let Some(place) = self.server.reserve(username) else {
            return Err(Refusal(
                CODE_ALLOC_QUOTA_REACHED,
                "Allocation Quota Reached",
            ));
        };
        let lifetime = lifetime(message).max(Duration::from_secs(1));
        let peers = self.server.peers().len();
        let allocation = self.allocation.insert(Allocation {
            username: username.to_owned(),
            transaction: message.transaction(),
            relayed,
            lifetime,
            expires: now + lifetime,
            permissions: vec![None; peers],
            channels: vec![None; peers],
            _place: place,
        });
        Ok(allocated(message, allocation, self.transport.client))
    }

    /// The address that the client tells its peer, of the family that it asks for; without a wish IPv4, if there is any.
    /// Nothing listens there: only this process knows the way.
    fn relayed_address(&self, message: &Incoming) -> Result<SocketAddr, Refusal> {
        let peers = self.server.peers().iter().map(SocketAddr::ip);
        let of_family = |v4: bool| move |ip: &IpAddr| ip.is_ipv4() == v4;
        let ip = match message.get(ATTR_REQUESTED_ADDRESS_FAMILY) {
            None => peers.clone().find(of_family(true)).or(peers.clone().next()),
            Some([1, ..]) => peers.clone().find(of_family(true)),
            Some([2, ..]) => peers.clone().find(of_family(false)),
            Some(_) => None,
        };
        let Some(ip) = ip else {
            let reason = "Address Family not Supported";
            return Err(Refusal(CODE_ADDR_FAMILY_NOT_SUPPORTED, reason));
        };
        let ports = u64::from(u16::MAX - FIRST_RELAYED_PORT) / 2;
        // Even, in case that the client asks for it.
        let port = u16::try_from(self.link.0 % ports * 2).unwrap_or(0);
        Ok(SocketAddr::new(ip, FIRST_RELAYED_PORT + port))
    }

    /// The allocation of the request's user (RFC 8656, section 5).
    fn own(&mut self, username: &str) -> Result<&mut Allocation, Refusal> {
        match &mut self.allocation {
            None => Err(Refusal(CODE_ALLOC_MISMATCH, "Allocation Mismatch")),
            Some(allocation) if allocation.username != username => {
                Err(Refusal(CODE_WRONG_CREDENTIALS, "Wrong Credentials"))
            }
            Some(allocation) => Ok(allocation),
        }
    }

    fn refresh(
        &mut self,
        message: &Incoming,
        username: &str,
        now: Instant,
        clock: SystemTime,
    ) -> Result<Response, Refusal> {
        let may_go_on = !is_guest(username) || RelayServer::is_current(username, clock);
        let allocation = self.own(username)?;
        let family = message.get(ATTR_REQUESTED_ADDRESS_FAMILY);
        let is_v4 = allocation.relayed.is_ipv4();
        if family.is_some_and(|it| it.first() != Some(&if is_v4 { 1 } else { 2 })) {
            let reason = "Peer Address Family Mismatch";
            return Err(Refusal(CODE_PEER_ADDR_FAMILY_MISMATCH, reason));
        }
        let lifetime = lifetime(message);
        if !may_go_on && !lifetime.is_zero() {
            return Err(Refusal(CODE_UNAUTHORIZED, "Unauthorized"));
        }
        allocation.lifetime = lifetime;
        allocation.expires = now + lifetime;
        let response = Response::success(message).with(ATTR_LIFETIME, &seconds_of(lifetime));
        if lifetime.is_zero() {
            self.allocation = None;
        }
        Ok(response)
    }

    /// A permission is for an IP address (RFC 8656, section 9). All peers must be this server, or none gets one.
    fn create_permission(
        &mut self,
        message: &Incoming,
        username: &str,
        now: Instant,
    ) -> Result<Response, Refusal> {
        let server = Arc::clone(&self.server);
        let allocation = self.own(username)?;
        let peers = message.peers().filter(|peers| !peers.is_empty());
        let peers = peers.ok_or(Refusal(CODE_BAD_REQUEST, "Bad Request"))?;
        let own: Vec<IpAddr> = server.peers().iter().map(SocketAddr::ip).collect();
        for peer in &peers {
            check_family(allocation, *peer)?;
            if !own.contains(&peer.ip().to_canonical()) {
                return Err(Refusal(CODE_FORBIDDEN, "Forbidden"));
            }
        }
        for (ip, permission) in own.iter().zip(&mut allocation.permissions) {
            if peers.iter().any(|peer| peer.ip().to_canonical() == *ip) {
                *permission = Some(now + PERMISSION_LIFETIME);
            }
        }
        Ok(Response::success(message))
    }

    fn bind_channel(
        &mut self,
        message: &Incoming,
        username: &str,
        now: Instant,
    ) -> Result<Response, Refusal> {
        let bad = || Refusal(CODE_BAD_REQUEST, "Bad Request");
        let peer = message.peers().and_then(|peers| peers.first().copied());
        let candidate = peer.and_then(|peer| self.candidate(peer));
        let allocation = self.own(username)?;
        let peer = peer.ok_or_else(bad)?;
        let number = message.number(ATTR_CHANNEL_NUMBER).ok_or_else(bad)?;
        let number = u16::try_from(number >> 16).map_err(|_| bad())?;
        if !CHANNELS.contains(&number) {
            return Err(bad());
        }
        check_family(allocation, peer)?;
        let candidate = candidate.ok_or(Refusal(CODE_FORBIDDEN, "Forbidden"))?;
        // One channel for each peer, and one peer for each channel (RFC 8656, section 12.2).
        let mut bound = allocation.channels.iter().enumerate();
        let is_conflict = bound.any(|(at, channel)| {
            channel.is_some_and(|(other, _)| (at == candidate) != (other == number))
        });
        if is_conflict {
            return Err(bad());
        }
        if let Some(channel) = allocation.channels.get_mut(candidate) {
            *channel = Some((number, now + CHANNEL_LIFETIME));
        }
        if let Some(permission) = allocation.permissions.get_mut(candidate) {
            *permission = Some(now + PERMISSION_LIFETIME);
        }
        Ok(Response::success(message))
    }

    fn update_routes(&self) {
        for candidate in 0..self.server.peers().len() {
            let allocation = self.allocation.as_ref();
            let permission = allocation.and_then(|it| it.permissions.get(candidate)?.as_ref());
            let channel = allocation.and_then(|it| *it.channels.get(candidate)?);
            let number = channel.map(|(number, _)| number);
            self.routes.set(candidate, permission.is_some(), number);
        }
    }
}

/// The answer that an allocation is there (RFC 8656, section 7.2).
fn allocated(message: &Incoming, allocation: &Allocation, client: SocketAddr) -> Response {
    Response::success(message)
        .with_address(ATTR_XOR_RELAYED_ADDRESS, allocation.relayed)
        .with(ATTR_LIFETIME, &seconds_of(allocation.lifetime))
        .with_address(ATTR_XORMAPPED_ADDRESS, client)
}

fn check_family(allocation: &Allocation, peer: SocketAddr) -> Result<(), Refusal> {
    if peer.is_ipv4() == allocation.relayed.is_ipv4() {
        return Ok(());
    }
    let reason = "Peer Address Family Mismatch";
    Err(Refusal(CODE_PEER_ADDR_FAMILY_MISMATCH, reason))
}

/// The lifetime that a client asks for, within bounds; zero ends the allocation.
fn lifetime(message: &Incoming) -> Duration {
    let asked = message.number(ATTR_LIFETIME).map(u64::from);
    asked.map_or(LIFETIME, Duration::from_secs).min(LIFETIME)
}

fn seconds_of(lifetime: Duration) -> [u8; 4] {
    u32::try_from(lifetime.as_secs())
        .unwrap_or(u32::MAX)
        .to_be_bytes()
}
