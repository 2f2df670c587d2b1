//! The root certificate of a server at home, which may sign for its own names and for addresses at home, and for nothing else.

use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use config::LanHost;
use ipnet::IpNet;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

use super::hosts::{Hosts, OF_HOME, is_of_home};
use crate::certificates::Certificate;

/// How long devices may trust it before they have to be told again.
const ROOT_LIFE: Duration = Duration::days(3_650);
/// How long what it signs is good; some devices take no more than 825 days.
const LIFE: Duration = Duration::days(90);
/// Devices whose clock is behind see what was signed a moment ago.
const CLOCKS: Duration = Duration::days(1);

/// The root and its key.
pub(super) struct Root {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    fingerprint: String,
    names: Vec<String>,
    networks: Vec<IpNet>,
    /// Seconds since the epoch.
    end_s: i64,
}

impl Root {
    /// A new one for these hosts, and as it is kept: certificate and key, both in PEM.
    pub(super) fn make(hosts: &Hosts, now_s: i64) -> Result<(Self, String)> {
        let now = OffsetDateTime::from_unix_timestamp(now_s)?;
        let mut wanted = CertificateParams::default();
        wanted.distinguished_name = called(&format!("Hearth at home ({})", hosts.first()));
        (wanted.not_before, wanted.not_after) = (now - CLOCKS, now + ROOT_LIFE);
        wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted(hosts), excluded_subtrees: Vec::new() });
        let key = KeyPair::generate()?;
        let text = format!("{}{}", wanted.self_signed(&key)?.pem(), key.serialize_pem());
        Ok((Self::read(&text)?, text))
    }

    /// Reads what [`Root::make`] has given to keep.
    pub(super) fn read(text: &str) -> Result<Self> {
        let der = CertificateDer::from_pem_slice(text.as_bytes()).context("there is no certificate in it")?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).context("there is no key in it")?;
        let key = KeyPair::try_from(&key).context("its key does not read")?;
        let (_, parsed) = parse_x509_certificate(&der).context("the certificate does not read")?;
        let (mut names, mut networks) = (Vec::new(), Vec::new());
        let constraints = parsed.name_constraints()?.context("it may sign for everything")?;
        for subtree in constraints.value.permitted_subtrees.iter().flatten() {
            match subtree.base {
                GeneralName::DNSName(name) => names.push(name.to_owned()),
                GeneralName::IPAddress(bytes) => networks.push(network(bytes)?),
                ref other => bail!("it speaks for {other}"),
            }
        }
        let end_s = parsed.validity().not_after.timestamp();
        let fingerprint: Vec<String> = Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect();
        let pem = text.split_inclusive("-----END CERTIFICATE-----").next().unwrap_or_default();
        let issuer = Issuer::from_ca_cert_der(&der, key)?;
        Ok(Self { issuer, pem: format!("{pem}\n"), fingerprint: fingerprint.join(":"), names, networks, end_s })
    }

    /// The certificate alone, in PEM.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// SHA-256 of the certificate, as browsers show it.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether what it signs now would be believed to the end.
    pub(super) fn lasts(&self, now_s: i64) -> bool {
        self.end_s > now_s.saturating_add(LIFE.whole_seconds())
    }

    /// Whether what it signs for this would be believed.
    pub(super) fn permits(&self, host: &LanHost) -> bool {
        match host {
            LanHost::Name(name) => self.names.contains(name),
            LanHost::Address(address) => self.networks.iter().any(|network| network.contains(address)),
        }
    }

    /// A certificate for these hosts.
    pub(super) fn issue(&self, hosts: &Hosts, now_s: i64) -> Result<Certificate> {
        let now = OffsetDateTime::from_unix_timestamp(now_s)?;
        let names: Vec<String> = hosts.iter().map(of_certificate).collect();
        let mut wanted = CertificateParams::new(names)?;
        wanted.distinguished_name = called(&of_certificate(hosts.first()));
        (wanted.not_before, wanted.not_after) = (now - CLOCKS, now + LIFE);
        wanted.is_ca = IsCa::ExplicitNoCa;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = wanted.signed_by(&key, &self.issuer)?;
        Certificate::read(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// The names, all networks of homes, so that the machine may get another address there, and addresses elsewhere that were listed.
fn permitted(hosts: &Hosts) -> Vec<GeneralSubtree> {
    let listed = hosts.iter().filter_map(|host| match host {
        LanHost::Address(address) if !is_of_home(*address) => Some(IpNet::from(*address)),
        _ => None,
    });
    let networks = OF_HOME.into_iter().chain(listed);
    let networks = networks
        .map(|network| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.addr(), network.prefix_len())));
    let names = hosts.iter().filter_map(|host| match host {
        LanHost::Name(name) => Some(GeneralSubtree::DnsName(name.clone())),
        LanHost::Address(_) => None,
    });
    names.chain(networks).collect()
}

/// A network as it stands in a certificate: address and mask, one behind the other (RFC 5280, section 4.2.1.10).
fn network(bytes: &[u8]) -> Result<IpNet> {
    let (first, mask) = bytes.split_at(bytes.len() / 2);
    let address = |bytes: &[u8]| {
        let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
        v4.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
    };
    let network = address(first).zip(address(mask)).and_then(|(address, mask)| IpNet::with_netmask(address, mask).ok());
    network.context("one of the networks that it speaks for is none")
}

/// As it stands in a certificate: IPv6 without brackets.
fn of_certificate(host: &LanHost) -> String {
    match host {
        LanHost::Address(address) => address.to_string(),
        LanHost::Name(name) => name.clone(),
    }
}
