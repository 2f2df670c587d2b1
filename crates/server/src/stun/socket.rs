//! One UDP socket: reads datagrams, has them answered, and sends the answers from the address that was asked.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, SockAddr, Type};
use tokio::{io::Interest, net::UdpSocket};

use super::{answer::answer, limit::Limit};

/// Buffers for one read; each can hold several datagrams that the system has put together.
const BUFFERS: usize = 4;
const BUFFER_BYTES: usize = 64 * 1024;
/// How long to wait when the system cannot read.
const PAUSE: Duration = Duration::from_millis(100);

/// A bound socket.
pub(crate) struct Socket {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

impl Socket {
    /// Binds to an address. An address of IPv6 is for IPv6 alone, so that both can have the same port.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&SockAddr::from(address))?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket.into())?;
        // Learns from which address a request was asked: a machine with several would else answer from any of them, and
        // routers let answers through only from the one that was asked.
        let state = UdpSocketState::new((&socket).into())?;
        let address = socket.local_addr()?;
        Ok(Self { socket, state, address })
    }

    /// Where the socket listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers for ever.
    pub(crate) async fn serve(self, limit: Limit) {
        let mut buffers = vec![vec![0; BUFFER_BYTES]; BUFFERS];
        let mut metas = [RecvMeta::default(); BUFFERS];
        loop {
            match self.read(&mut buffers, &mut metas).await {
                Ok(count) => {
                    // A flood of datagrams must not keep a thread of the runtime from everybody else.
                    tokio::task::consume_budget().await;
                    for (buffer, meta) in buffers.iter().zip(&metas).take(count) {
                        self.answer_all(buffer.get(..meta.len).unwrap_or_default(), meta, &limit);
                    }
                }
                Err(error) => {
                    tracing::warn!(stun.error = %error, "STUN requests could not be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn read(&self, buffers: &mut [Vec<u8>], metas: &mut [RecvMeta; BUFFERS]) -> io::Result<usize> {
        loop {
            self.socket.readable().await?;
            let read = self.socket.try_io(Interest::READABLE, || {
                let mut slices: Vec<IoSliceMut<'_>> = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
                self.state.recv((&self.socket).into(), &mut slices, metas)
            });
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // An earlier answer could not be delivered: that its receiver is gone says nothing of the others.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                read => return read,
            }
        }
    }

    fn answer_all(&self, bytes: &[u8], meta: &RecvMeta, limit: &Limit) {
        for datagram in bytes.chunks(meta.stride.max(1)) {
            if let Some(reply) = answer(datagram, meta.addr)
                && limit.allows(meta.addr.ip())
            {
                self.send(&reply, meta.addr, meta.dst_ip);
            }
        }
    }

    /// UDP may lose a datagram anywhere, also here when the system's buffer is full: the client asks again.
    fn send(&self, reply: &[u8], destination: SocketAddr, asked: Option<IpAddr>) {
        let transmit = Transmit { destination, ecn: None, contents: reply, segment_size: None, src_ip: asked };
        let _lost = self.socket.try_io(Interest::WRITABLE, || self.state.try_send((&self.socket).into(), &transmit));
    }
}
