//! The mail server that takes messages for others, by SMTP (RFC 5321, 3207, 4954, 8314). lettre speaks it; what an answer means for what
//! waits is decided here.

use std::{str::FromStr as _, time::Duration};

use lettre::{
    Address, Message,
    message::{
        Body, Mailbox,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use tokio::time::timeout;

use crate::letter::Letter;

/// How long connecting, greeting, encrypting and logging in may take together.
const OPEN_MAX: Duration = Duration::from_secs(60);
/// How long one message may take.
const SEND_MAX: Duration = Duration::from_secs(60);
/// The longest line of a message, letters (RFC 5322, section 2.1.1).
const LINE_MAX: usize = 998;
/// How long leaving may take; the message is sent by then.
const QUIT_MAX: Duration = Duration::from_secs(5);

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After the greeting, and nothing is sent without it.
    StartTls,
    /// Not at all.
    None,
}

/// What messages are from, and how this server introduces itself.
#[derive(Clone, Debug)]
pub struct Sender {
    /// `chat@example.org` or `Chat <chat@example.org>`.
    pub from: String,
    /// The domain that this server says at the greeting.
    pub hello: String,
}

/// Where messages are handed over.
#[derive(Clone)]
pub struct RelaySettings {
    /// The host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Name and password, if it asks for them.
    pub credentials: Option<(String, String)>,
    /// A root certificate (PEM) instead of those that browsers trust.
    pub root: Option<Vec<u8>>,
    /// Who sends.
    pub sender: Sender,
}

/// Why settings are none.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// What messages are from is no address.
    #[error("{0:?} is no address that messages can be from")]
    From(String),
    /// The root certificate does not read.
    #[error("the root certificate for the mail server does not read: {0}")]
    Root(String),
}

/// Why a message was not taken. The words name no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No message would be taken now: the server is away, or the settings do not fit it.
    #[error("{0}")]
    Relay(String),
    /// This one is not taken now.
    #[error("{0}")]
    Later(String),
    /// This one is never taken.
    #[error("{0}")]
    Refused(String),
}

/// The mail server.
pub struct Relay {
    host: String,
    port: u16,
    tls: Tls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    hello: ClientId,
    /// How long opening and sending may take.
    within: (Duration, Duration),
}

impl Relay {
    /// The mail server of these settings. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: RelaySettings) -> Result<Self, SettingsError> {
        let RelaySettings { host, port, tls, credentials, root, sender } = settings;
        let from = Mailbox::from_str(&sender.from).map_err(|_| SettingsError::From(sender.from))?;
        let parameters = (tls != Tls::None).then(|| parameters(&host, root)).transpose()?;
        let credentials = credentials.map(|(name, password)| Credentials::new(name, password));
        let (hello, within) = (ClientId::Domain(sender.hello), (OPEN_MAX, SEND_MAX));
        Ok(Self { host, port, tls, parameters, credentials, from, hello, within })
    }

    /// Goes as far as one can without sending: connects, greets, encrypts, logs in.
    ///
    /// # Errors
    /// What does not work, in words.
    pub async fn check(&self) -> Result<(), Trouble> {
        let mut connection = self.open().await?;
        quit(&mut connection).await;
        Ok(())
    }

    /// Hands one message over. `id` is the same for each try, so that a message that was taken twice is known for one.
    ///
    /// # Errors
    /// [`Trouble`]; nobody can tell whether a message arrived whose taking was not heard of.
    pub async fn send(&self, to: &str, id: &str, letter: &Letter) -> Result<(), Trouble> {
        let refused = |why: &str| Trouble::Refused(why.to_owned());
        let to = Address::from_str(to).map_err(|_| refused("the address is none that mail can be sent to"))?;
        let message = self.message(&to, id, letter).map_err(|_| refused("the message cannot be written"))?;
        let mut connection = self.open().await?;
        let sent = timeout(self.within.1, self.hand_over(&mut connection, to, &message)).await;
        let sent = sent.unwrap_or_else(|_| Err(Trouble::Later("the mail server takes too long over a message".to_owned())));
        if sent.is_ok() {
            quit(&mut connection).await;
        }
        sent
    }

    fn message(&self, to: &Address, id: &str, letter: &Letter) -> Result<Vec<u8>, lettre::error::Error> {
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        // Nobody who is away answers it (RFC 3834, section 5).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(&letter.subject)
            .message_id(Some(message_id))
            .header(ContentType::TEXT_PLAIN)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .body(body(&letter.text))?;
        Ok(message.formatted())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let opened = timeout(self.within.0, self.connect()).await;
        opened.unwrap_or_else(|_| Err(Trouble::Relay(format!("{} takes too long to greet", self.place()))))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let failed = |what: &str, error: &Error| Trouble::Relay(format!("{what}: {}", told(error)));
        let place = self.place();
        let implicit = self.parameters.clone().filter(|_| self.tls == Tls::Implicit);
        let address = (self.host.as_str(), self.port);
        let connected = AsyncSmtpConnection::connect_tokio1(address, Some(self.within.0), &self.hello, implicit, None).await;
        let mut connection = connected.map_err(|error| failed(&format!("{place} cannot be reached"), &error))?;
        if let Some(parameters) = self.parameters.clone().filter(|_| self.tls == Tls::StartTls) {
            let encrypted = connection.starttls(parameters, &self.hello).await;
            encrypted.map_err(|error| failed(&format!("{place} does not encrypt by STARTTLS"), &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
            known.map_err(|error| failed(&format!("{place} does not take the user and password"), &error))?;
        }
        Ok(connection)
    }

    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, to: Address, message: &[u8]) -> Result<(), Trouble> {
        let mut options = Vec::new();
        if [&self.from.email, &to].iter().any(|address| !address.to_string().is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Trouble::Refused("the mail server takes no addresses with letters beyond ASCII".to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        // A sender that is not taken is a matter of the settings, whoever the message is for.
        let from = connection.command(Mail::new(Some(self.from.email.clone()), options)).await;
        from.map_err(|error| Trouble::Relay(format!("messages from email.from are not taken: {}", told(&error))))?;
        connection.command(Rcpt::new(to, Vec::new())).await.map_err(|error| of_message("the recipient", &error))?;
        connection.command(Data).await.map_err(|error| of_message("the message", &error))?;
        connection.message(message).await.map_err(|error| of_message("the message", &error))?;
        Ok(())
    }

    fn place(&self) -> String {
        format!("the mail server {}, port {},", self.host, self.port)
    }
}

/// As it is, if that is allowed: a link that is broken into lines of 76 letters is put together again only by programs that know how.
fn body(text: &str) -> Body {
    let is_plain = text.is_ascii() && !text.contains(['\r', '\0']) && text.lines().all(|line| line.len() <= LINE_MAX);
    if !is_plain {
        return Body::new(text.to_owned());
    }
    Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::SevenBit)
}

async fn quit(connection: &mut AsyncSmtpConnection) {
    // It has what it should have.
    let _left = timeout(QUIT_MAX, connection.quit()).await;
}

fn parameters(host: &str, root: Option<Vec<u8>>) -> Result<TlsParameters, SettingsError> {
    let unread = |error: Error| SettingsError::Root(told(&error));
    let builder = TlsParameters::builder(host.to_owned());
    let builder = match root {
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
        Some(pem) => builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem).map_err(unread)?),
    };
    builder.build_rustls().map_err(unread)
}

/// What an answer about one message means. Its text is not told: servers repeat addresses in it.
fn of_message(what: &str, error: &Error) -> Trouble {
    match error.status() {
        Some(code) if error.is_permanent() => Trouble::Refused(format!("the mail server refuses {what}: {code}")),
        Some(code) => Trouble::Later(format!("the mail server does not take {what} now: {code}")),
        None => Trouble::Later(format!("the connection to the mail server broke over {what}")),
    }
}

/// An error with its causes, in one line.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests;
