//! What stands in front of the mail server where it encrypts: it lets a client in by TLS and with a name and password, and leaves the rest
//! to the mail server. The OpenSMTPD of Debian 12 cannot do that by itself: its keys are in another process, in a way that OpenSSL 3 does not
//! know (OpenSMTPD's issue 1171).

use std::net::Ipv4Addr;

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::mail_server::MailServer;
use crate::certified::certified;

/// Name and password.
pub(super) const LOGIN: (&str, &str) = ("hearth", "a password of letters");

/// When the connection is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encrypts {
    /// From the first byte.
    AtOnce,
    /// When it is asked to (RFC 3207).
    Asked,
}

/// The front. It ends when this is dropped.
pub(super) struct Front {
    folder: TempDir,
    port: u16,
    encrypts: Encrypts,
    task: JoinHandle<()>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Front {
    /// One of a mail server, with a certificate for this machine.
    pub(super) async fn of(mail: &MailServer, encrypts: Encrypts) -> Result<Self> {
        let folder = TempDir::new()?;
        let acceptor = certified(folder.path())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (port, behind) = (listener.local_addr()?.port(), mail.port());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                // A client that goes away is one that the test looks at from the other side.
                tokio::spawn(async move { drop(receive(client, acceptor, encrypts, behind).await) });
            }
        });
        Ok(Self { folder, port, encrypts, task })
    }

    /// The settings by which a server sends by it.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let tls = if self.encrypts == Encrypts::AtOnce { "implicit" } else { "starttls" };
        let root = self.folder.path().join("root.pem").display().to_string();
        let settings = [
            ("HEARTH_SMTP_HOST", "127.0.0.1"),
            ("HEARTH_SMTP_PORT", &self.port.to_string()),
            ("HEARTH_SMTP_TLS", tls),
            ("HEARTH_EMAIL_FROM", "Hearth <chat@example.org>"),
            ("HEARTH_SMTP_ROOT", &root),
            ("HEARTH_SMTP_USER", LOGIN.0),
            ("HEARTH_SMTP_PASSWORD", LOGIN.1),
        ];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(client: TcpStream, acceptor: TlsAcceptor, encrypts: Encrypts, behind: u16) -> Result<()> {
    let mut server = BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, behind)).await?);
    let greeting = answer(&mut server).await?;
    let mut client: Box<dyn Stream> = match encrypts {
        Encrypts::AtOnce => Box::new(acceptor.accept(client).await?),
        Encrypts::Asked => {
            let mut client = BufReader::new(client);
            client.write_all(greeting.as_bytes()).await?;
            introduce(&mut client, "STARTTLS").await?;
            ensure!(line(&mut client).await?.starts_with("STARTTLS"), "it goes on without encryption");
            client.write_all(b"220 Go ahead\r\n").await?;
            Box::new(acceptor.accept(client.into_inner()).await?)
        }
    };
    let mut client = BufReader::new(&mut client);
    if encrypts == Encrypts::AtOnce {
        client.write_all(greeting.as_bytes()).await?;
    }
    introduce(&mut client, "AUTH PLAIN").await?;
    let wanted = format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{}\0{}", LOGIN.0, LOGIN.1)));
    if line(&mut client).await?.trim_end() != wanted {
        return Ok(client.write_all(b"535 Wrong name or password\r\n").await?);
    }
    client.write_all(b"235 Welcome\r\n").await?;
    server.write_all(b"EHLO front.example.org\r\n").await?;
    answer(&mut server).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Answers the greeting of a client with what it can do here.
async fn introduce(client: &mut BufReader<impl Stream>, extension: &str) -> Result<()> {
    ensure!(line(client).await?.starts_with("EHLO "), "it does not greet");
    Ok(client.write_all(format!("250-mail.example.org\r\n250 {extension}\r\n").as_bytes()).await?)
}

async fn line(stream: &mut BufReader<impl Stream>) -> Result<String> {
    let mut line = String::new();
    ensure!(stream.read_line(&mut line).await? > 0, "the other side is gone");
    Ok(line)
}

/// An answer of all its lines (RFC 5321, section 4.2.1).
async fn answer(stream: &mut BufReader<impl Stream>) -> Result<String> {
    let mut whole = String::new();
    loop {
        let line = line(stream).await?;
        let is_last = line.as_bytes().get(3).context("half an answer")? != &b'-';
        whole.push_str(&line);
        if is_last {
            return Ok(whole);
        }
    }
}
