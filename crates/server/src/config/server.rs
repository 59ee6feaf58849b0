//! `[server]`: where it listens, what it takes, and how it stops.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::reader::Reader;
use super::setting::{Seconds, Setting, any};

/// Where the server listens, what it takes, and how it stops.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// The public listener.
    pub listen: SocketAddr,
    /// The admin listener.
    pub admin_listen: SocketAddr,
    /// Whose `Forwarded` header is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests under way get this long after a signal to stop.
    pub drain: Duration,
}

pub(super) const LISTEN: Setting<SocketAddr> = Setting {
    key: "server.listen",
    env: None,
    default: || SocketAddr::from((Ipv4Addr::LOCALHOST, 7070)),
    accepted: "an address and port, such as 127.0.0.1:7070",
    valid: any,
};

pub(super) const ADMIN_LISTEN: Setting<SocketAddr> = Setting {
    key: "server.admin_listen",
    env: None,
    default: || SocketAddr::from((Ipv4Addr::LOCALHOST, 7071)),
    accepted: "an address and port, such as 127.0.0.1:7071",
    valid: any,
};

const TRUSTED_PROXIES: Setting<Vec<IpAddr>> = Setting {
    key: "server.trusted_proxies",
    env: None,
    default: Vec::new,
    accepted: "a list of IP addresses",
    valid: any,
};

/// Longer than the longest deadline of a request, shorter than what service managers wait before they kill.
const DRAIN: Setting<Seconds> = Setting {
    key: "server.drain_seconds",
    env: None,
    default: || Seconds::from_secs(20),
    accepted: "a number of seconds from 0 to 600",
    valid: |drain| drain.within(0.0, 600.0),
};

pub(super) fn read(reader: &mut Reader<'_>) -> ServerConfig {
    ServerConfig {
        listen: reader.get(&LISTEN),
        admin_listen: reader.get(&ADMIN_LISTEN),
        trusted_proxies: reader.get(&TRUSTED_PROXIES),
        drain: reader.get(&DRAIN).0,
    }
}
