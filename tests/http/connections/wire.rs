//! A connection on which anything can be sent, from an address of choice.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use blackbox::Server;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is read at once, bytes.
const PIECE_BYTES: usize = 64 << 10;

/// One of the loopback's own addresses.
pub(super) fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

pub(super) struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects from the loopback address that ends in `last`.
    pub(super) async fn open(server: &Server, last: u8) -> Result<Self> {
        let to: SocketAddr = server.url.trim_start_matches("http://").parse()?;
        let socket = TcpSocket::new_v4()?;
        socket.bind((address(last), 0).into())?;
        Ok(Self { stream: timeout(PATIENCE, socket.connect(to)).await.context("connecting")?? })
    }

    pub(super) async fn send(&mut self, text: &str) -> Result<()> {
        Ok(timeout(PATIENCE, self.stream.write_all(text.as_bytes())).await.context("sending")??)
    }

    /// Reads until `text` has come, and returns how many bytes have.
    pub(super) async fn read_until(&mut self, text: &str) -> Result<usize> {
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(text) {
            let mut piece = [0; 512];
            let count = timeout(PATIENCE, self.stream.read(&mut piece)).await.context("reading")??;
            ensure!(count > 0, "the connection ended before {text:?}: {:?}", String::from_utf8_lossy(&read));
            read.extend(&piece[..count]);
        }
        Ok(read.len())
    }

    /// Reads `bytes` or what there is until the end.
    pub(super) async fn read_some(&mut self, bytes: usize) -> Result<usize> {
        let mut read = 0;
        let mut piece = vec![0; PIECE_BYTES];
        while read < bytes {
            let most = piece.len().min(bytes - read);
            match timeout(PATIENCE, self.stream.read(&mut piece[..most])).await.context("reading")?? {
                0 => break,
                count => read += count,
            }
        }
        Ok(read)
    }

    /// Reads to the end of the connection, or until `most` bytes have come.
    pub(super) async fn read_to_end(&mut self, most: usize) -> Result<usize> {
        let mut read = 0;
        loop {
            match self.read_some(PIECE_BYTES.min(most - read)).await {
                Ok(0) => return Ok(read),
                Ok(count) => read += count,
                Err(error) if read == 0 => bail!(error),
                Err(_broken) => return Ok(read),
            }
        }
    }

    /// Whether the server closes the connection in this time, whatever it says before.
    pub(super) async fn is_closed_within(&mut self, most: Duration) -> bool {
        let mut piece = [0; 4_096];
        let closed = async { while self.stream.read(&mut piece).await.is_ok_and(|count| count > 0) {} };
        timeout(most, closed).await.is_ok()
    }
}
