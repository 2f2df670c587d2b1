//! What an authority asks to see that a domain is ours, and where: on port 443 (TLS-ALPN-01, RFC 8737), or on port 80 (HTTP-01,
//! RFC 8555, section 8.3), for those whose port 443 passes through something that ends TLS.

use std::{fmt, sync::Arc};

use anyhow::{Result, bail};
use instant_acme::{ChallengeHandle, ChallengeType};
use parking_lot::Mutex;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::{pki_types::PrivateKeyDer, sign::CertifiedKey};

use crate::certificates::{Certificate, Shown};

/// Where the answer to a question on port 80 is looked for, before its token.
const WELL_KNOWN: &str = "/.well-known/acme-challenge/";

/// By which port an authority asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Https,
    Http,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Https => "on port 443 (TLS-ALPN-01)",
            Self::Http => "on port 80 (HTTP-01)",
        })
    }
}

/// The authority does not ask by this port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authority does not ask {0}")]
pub(super) struct NotAsked(pub(super) Port);

impl Port {
    pub(super) const fn challenge(self) -> ChallengeType {
        match self {
            Self::Https => ChallengeType::TlsAlpn01,
            Self::Http => ChallengeType::Http01,
        }
    }
}

/// Where answers are shown.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    pub(super) https: Arc<Shown>,
    pub(super) http: Arc<InPlainText>,
}

impl Answers {
    /// Shows what the authority wants to see at that port.
    ///
    /// # Errors
    /// The answer cannot be made.
    pub(super) fn show(&self, port: Port, domain: &str, challenge: &ChallengeHandle<'_>) -> Result<()> {
        let key = challenge.key_authorization();
        match port {
            Port::Https => self.https.answer(Some(certificate(domain, key.digest().as_ref())?)),
            Port::Http => *self.http.open.lock() = Some((challenge.token.clone(), key.as_str().to_owned())),
        }
        Ok(())
    }

    /// Shows no answer any more.
    pub(super) fn hide(&self) {
        self.https.answer(None);
        *self.http.open.lock() = None;
    }
}

/// The question that is open on port 80, by its token, and its answer.
#[derive(Debug, Default)]
pub(super) struct InPlainText {
    open: Mutex<Option<(String, String)>>,
}

impl InPlainText {
    /// What is answered at this path; none where nothing was asked.
    pub(super) fn answer(&self, path: &str) -> Option<String> {
        let token = path.strip_prefix(WELL_KNOWN)?;
        self.open.lock().as_ref().filter(|(asked, _)| asked == token).map(|(_, answer)| answer.clone())
    }
}

/// The certificate that says nothing but the answer (RFC 8737, section 3).
fn certificate(domain: &str, digest: &[u8]) -> Result<Arc<CertifiedKey>> {
    if digest.len() != 32 {
        bail!("the answer has {} bytes instead of 32", digest.len());
    }
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new([domain.to_owned()])?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = parameters.self_signed(&key)?;
    Certificate::of(vec![certificate.der().clone()], &PrivateKeyDer::from(key))
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_certificate_carries_the_digest() -> Result<()> {
        let answer = certificate("chat.example.org", &[7; 32])?;
        let der = answer.cert.first().context("a certificate")?;
        assert!(der.windows(32).any(|bytes| bytes == [7; 32]));
        assert!(certificate("chat.example.org", &[7; 31]).is_err());
        Ok(())
    }

    #[test]
    fn only_what_was_asked_is_answered_in_plain_text() {
        let shown = InPlainText::default();
        assert_eq!(shown.answer("/.well-known/acme-challenge/a"), None);
        *shown.open.lock() = Some(("a".to_owned(), "a.b".to_owned()));
        for (path, answer) in [
            ("/.well-known/acme-challenge/a", Some("a.b")),
            ("/.well-known/acme-challenge/", None),
            ("/.well-known/acme-challenge/a/", None),
            ("/.well-known/acme-challenge/ab", None),
            ("/a", None),
            ("/", None),
        ] {
            assert_eq!(shown.answer(path).as_deref(), answer, "{path}");
        }
    }
}
