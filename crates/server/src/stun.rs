//! STUN: tells a client which address it is seen at, so that two clients behind routers find a way to each other.
//!
//! Binding requests over UDP, as the basic server of RFC 8489 section 12; no authentication, no TURN, no media.

mod answer;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod fuzz;
mod limit;
mod message;
pub(crate) mod probe;
mod socket;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anyhow::{Context, Result};
use config::{STUN_PORT, StunListen};
use tokio::task::JoinSet;

pub(crate) use limit::Limit;
use socket::Socket;

/// How often a free port of IPv4 is tried on IPv6, where it may be taken.
const FREE_PORT_TRIES: usize = 8;

/// Open sockets that nobody reads yet.
pub(crate) struct Stun {
    sockets: Vec<Socket>,
}

impl Stun {
    /// Opens the sockets that the settings ask for; none for "off". Left at its default, a port that cannot be had costs
    /// a warning and not the start.
    ///
    /// # Errors
    /// When an address that was set cannot be had.
    pub(crate) fn open(listen: Option<&StunListen>) -> Result<Option<Self>> {
        let opened = match listen {
            None => match on_every_address(STUN_PORT) {
                Ok(sockets) => sockets,
                Err(error) => {
                    tracing::warn!(
                        stun.error = %error,
                        "UDP port {STUN_PORT} cannot be had, so this server does not answer STUN and calls between different \
                         networks may not connect. Free the port, or set HEARTH_STUN_LISTEN to another one or to off"
                    );
                    return Ok(None);
                }
            },
            Some(StunListen::Off) => return Ok(None),
            Some(StunListen::Port(port)) => on_every_address(*port).with_context(|| cannot(&format!("UDP port {port}")))?,
            Some(StunListen::Addresses(addresses)) => addresses
                .iter()
                .map(|address| Socket::open(*address).with_context(|| cannot(&format!("{address} (UDP)"))))
                .collect::<Result<_>>()?,
        };
        Ok(Some(Self { sockets: opened }))
    }

    /// Where the sockets listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().map(Socket::address).collect()
    }

    /// Answers requests for as long as the set is there.
    pub(crate) fn spawn(self, is_limited: bool) -> JoinSet<()> {
        let limit = Limit::new(is_limited);
        self.sockets.into_iter().map(|socket| socket.serve(limit.clone())).collect()
    }
}

fn cannot(place: &str) -> String {
    format!("cannot answer STUN on {place}; is another server there? HEARTH_STUN_LISTEN can be another port, or off")
}

/// One socket for IPv4 and one for IPv6 on the same port. A machine may lack one of the two.
fn on_every_address(port: u16) -> io::Result<Vec<Socket>> {
    let mut tries = 0;
    loop {
        let v4 = Socket::open((Ipv4Addr::UNSPECIFIED, port).into());
        let same_port = v4.as_ref().map_or(port, |socket| socket.address().port());
        let v6 = Socket::open((Ipv6Addr::UNSPECIFIED, same_port).into());
        tries += 1;
        match (v4, v6) {
            (Ok(v4), Ok(v6)) => return Ok(vec![v4, v6]),
            (Ok(_), Err(error)) if port == 0 && is_taken(&error) && tries < FREE_PORT_TRIES => {}
            (Err(error), _) | (_, Err(error)) if is_taken(&error) => return Err(error),
            (Ok(only), Err(_)) | (Err(_), Ok(only)) => return Ok(vec![only]),
            (Err(error), Err(_)) => return Err(error),
        }
    }
}

/// The port is another program's; every other failure means that the machine does not speak this version of IP.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}
