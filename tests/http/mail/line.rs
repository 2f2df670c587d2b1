//! A bad line to a mail server: it delays, breaks in the middle of a message, or breaks when all is said and nobody was told.

use std::{collections::VecDeque, net::Ipv4Addr, sync::Arc, time::Duration};

use anyhow::Result;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

const BUFFER_BYTES: usize = 16 << 10;
/// The end of a message (RFC 5321, section 4.1.1.4).
const END: &[u8] = b"\r\n.\r\n";
/// Where a message is broken off: in its head, which the mail server has begun to take.
const MIDDLE: &[u8] = b"Subject: ";

/// What happens to one connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// Nothing comes through for a while.
    Delay(Duration),
    /// It breaks in the middle of the message.
    Break,
    /// It breaks when the mail server has taken the message, and before it has said so.
    Deafen,
}

/// The line. It ends when this is dropped.
pub(super) struct Line {
    pub(super) port: u16,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    task: JoinHandle<()>,
}

impl Line {
    /// A line to a port of this machine. Each of the next connections has one of these faults; those after them have none.
    pub(super) async fn to(port: u16, faults: impl IntoIterator<Item = Fault>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let own_port = listener.local_addr()?.port();
        let faults = Arc::new(Mutex::new(faults.into_iter().collect::<VecDeque<_>>()));
        let next = Arc::clone(&faults);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fault = next.lock().pop_front();
                // What breaks is what this is for.
                tokio::spawn(async move { drop(carry(client, port, fault).await) });
            }
        });
        Ok(Self { port: own_port, faults, task })
    }

    /// What happens to the next connection.
    pub(super) fn next(&self, fault: Fault) {
        self.faults.lock().push_back(fault);
    }

    /// How many faults have not happened yet.
    pub(super) fn faults_left(&self) -> usize {
        self.faults.lock().len()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries what both sides say, until one of them or a fault ends it.
async fn carry(mut client: TcpStream, port: u16, fault: Option<Fault>) -> Result<()> {
    if let Some(Fault::Delay(pause)) = fault {
        sleep(pause).await;
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let (mut from_client, mut from_server) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
    let mut said = Vec::new();
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Some(bytes) = from_client.get(..read?).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
                said.extend_from_slice(bytes);
                if matches!(fault, Some(Fault::Break)) && let Some(at) = find(&said, MIDDLE) {
                    // Those before it have arrived; the rest never does.
                    let begun = said.len() - bytes.len();
                    return Ok(server.write_all(said.get(begun..at).unwrap_or_default()).await?);
                }
                server.write_all(bytes).await?;
            }
            read = server.read(&mut from_server) => {
                let Some(bytes) = from_server.get(..read?).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
                if matches!(fault, Some(Fault::Deafen)) && find(&said, END).is_some() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
