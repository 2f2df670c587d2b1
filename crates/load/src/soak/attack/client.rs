//! One client of an attack, and what each kind of them does.

use std::{net::Ipv4Addr, time::Duration};

use anyhow::Result;
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{connection::Target, setup::User};

/// One client of an attack.
pub(super) struct Client<'a> {
    pub(super) target: &'a Target,
    pub(super) from: Ipv4Addr,
    /// A session that it has.
    pub(super) user: &'a User,
    pub(super) number: u32,
    /// How many there are of its kind.
    pub(super) clients: u32,
    /// How often it has tried before.
    pub(super) round: u32,
}

/// What a try was answered; nothing when the server closed the connection, or the attacker did.
pub(super) type Answer = Option<StatusCode>;

/// The head of a request with a session, and with these headers.
pub(super) fn head(client: &Client<'_>, method: &str, path: &str, headers: &str) -> String {
    let (host, token) = (client.target.authority(), &client.user.token);
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n")
}

/// Sends `bytes` on a connection of its own.
pub(super) async fn begin(client: &Client<'_>, bytes: &str, receive_bytes: Option<u32>) -> Result<TcpStream> {
    let mut stream = client.target.open_from(client.from, receive_bytes).await?;
    stream.write_all(bytes.as_bytes()).await?;
    Ok(stream)
}

/// Reads the status of the answer, if one comes.
pub(super) async fn status(stream: &mut TcpStream, most: Duration) -> Answer {
    let mut line = [0; 12];
    timeout(most, stream.read_exact(&mut line)).await.ok()?.ok()?;
    // `HTTP/1.1 200`
    StatusCode::from_bytes(&line[9..]).ok()
}
