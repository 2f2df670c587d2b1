//! What is shown to clients: the certificate, and to an authority that asks, the answer to its question.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use parking_lot::RwLock;
use rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::parse_x509_certificate;

/// The protocol by which an authority asks (RFC 8737, section 3).
pub(crate) const CHALLENGE: &[u8] = b"acme-tls/1";

/// A certificate with its key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    key: Arc<CertifiedKey>,
    /// From when to when it is good, seconds since the epoch.
    validity_s: (i64, i64),
}

impl Certificate {
    /// Reads a chain and a key, both in PEM.
    ///
    /// # Errors
    /// They do not read, or do not belong together.
    pub(crate) fn read(chain: &[u8], key: &[u8]) -> Result<Self> {
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().context("the certificate is not PEM")?;
        let first = chain.first().context("there is no certificate in the file")?;
        let (_, parsed) = parse_x509_certificate(first).context("the certificate does not read")?;
        let validity_s = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
        let key = PrivateKeyDer::from_pem_slice(key).context("the key is not PEM")?;
        let key = CertifiedKey::new(chain, any_supported_type(&key).context("the key is of no kind that is known")?);
        key.keys_match().context("the key is not that of the certificate")?;
        Ok(Self { key: Arc::new(key), validity_s })
    }

    /// One that is not from a file.
    pub(crate) fn of(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'_>) -> Result<Arc<CertifiedKey>> {
        ensure!(!chain.is_empty(), "there is no certificate");
        Ok(Arc::new(CertifiedKey::new(chain, any_supported_type(key)?)))
    }

    /// When two thirds of its life are over, seconds since the epoch: time enough to try again before its end.
    pub(crate) fn renewal_s(&self) -> i64 {
        let (from, to) = self.validity_s;
        from.saturating_add(to.saturating_sub(from) / 3 * 2)
    }

    /// From when to when it is good, seconds since the epoch.
    pub(crate) fn validity_s(&self) -> (i64, i64) {
        self.validity_s
    }

    /// When it is good no more, seconds since the epoch.
    pub(crate) fn end_s(&self) -> i64 {
        self.validity_s.1
    }
}

/// What is shown at the moment. Both are exchanged while connections come in.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    certificate: RwLock<Option<Arc<CertifiedKey>>>,
    answer: RwLock<Option<Arc<CertifiedKey>>>,
}

impl Shown {
    /// From now on clients are shown this one.
    pub(crate) fn show(&self, certificate: &Certificate) {
        *self.certificate.write() = Some(Arc::clone(&certificate.key));
    }

    /// From now on the authority is shown this one, or nothing.
    pub(crate) fn answer(&self, answer: Option<Arc<CertifiedKey>>) {
        *self.answer.write() = answer;
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_question = hello.alpn().is_some_and(|mut names| names.any(|name| name == CHALLENGE));
        if is_question { self.answer.read().clone() } else { self.certificate.read().clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_comes_at_two_thirds_of_a_life() -> Result<()> {
        let made = rcgen::generate_simple_self_signed(["chat.example.org".to_owned()])?;
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let mut certificate = Certificate::read(chain.as_bytes(), key.as_bytes())?;
        certificate.validity_s = (1_000, 1_090);
        assert_eq!((certificate.renewal_s(), certificate.end_s()), (1_060, 1_090));
        certificate.validity_s = (i64::MIN, i64::MAX);
        assert!(certificate.renewal_s() > i64::MIN);
        Ok(())
    }

    #[test]
    fn what_does_not_belong_together_is_refused_in_words() -> Result<()> {
        let one = rcgen::generate_simple_self_signed(["chat.example.org".to_owned()])?;
        let other = rcgen::generate_simple_self_signed(["chat.example.org".to_owned()])?;
        let (chain, key) = (one.cert.pem(), one.signing_key.serialize_pem());
        let stranger = other.signing_key.serialize_pem();
        for (chain, key, said) in [
            (chain.as_str(), stranger.as_str(), "the key is not that of the certificate"),
            ("", key.as_str(), "there is no certificate in the file"),
            (chain.as_str(), "rubbish", "the key is not PEM"),
            (key.as_str(), key.as_str(), "there is no certificate in the file"),
        ] {
            let error = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        Ok(())
    }
}
