//! HTTPS in a home network: a root certificate of the server's own, made once, and certificates that it signs for what the machine is
//! called there. Devices are told once to trust the root.

mod hosts;
mod page;
mod root;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use axum::Router;
use config::{Lan, LanHost};
use event_log::{Clock as _, SystemClock};
use parking_lot::RwLock;

use crate::certificates::{Certificate, Shown, Store};
use hosts::Hosts;
use root::Root;

/// How often it is looked whether the machine is called otherwise now: addresses at home change.
const LOOK: Duration = Duration::from_secs(30);

/// What a server at home shows, and is called.
pub(super) struct Home {
    lan: Lan,
    hosts: Hosts,
    certificate: Certificate,
    store: Store,
    root: Arc<RwLock<Arc<Root>>>,
}

impl Home {
    /// Reads the root that is kept, or makes one, and a certificate for today's names.
    ///
    /// # Errors
    /// The machine has no name and no address at home, or what is kept does not read.
    pub(super) fn open(lan: &Lan, store: Store) -> Result<Self> {
        let (root, hosts) = root_for(lan, Hosts::of(lan)?, &store)?;
        let certificate = root.issue(&hosts, now_s())?;
        Ok(Self { lan: lan.clone(), hosts, certificate, store, root: Arc::new(RwLock::new(Arc::new(root))) })
    }

    /// The certificate as it is now.
    pub(super) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What people are to type first.
    pub(super) fn host(&self) -> &LanHost {
        self.hosts.first()
    }

    /// By what a person knows that the root which a device was given is this one: SHA-256, as browsers show it.
    pub(super) fn fingerprint(&self) -> String {
        self.root.read().fingerprint().to_owned()
    }

    /// What is shown without encryption: how a device comes to trust the server at that port.
    pub(super) fn page(&self, https_port: u16) -> Router {
        page::routes(Arc::clone(&self.root), self.host().clone(), https_port)
    }

    /// Shows another certificate when the machine is called otherwise, or two thirds of the old one's life are over. Never ends.
    pub(super) async fn keep(mut self, shown: Arc<Shown>) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.renew() {
                Ok(true) => shown.show(&self.certificate),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(
                        https.error = format!("{error:#}"),
                        "no certificate for today's names; the old one stays"
                    );
                }
            }
        }
    }

    /// Whether there is another certificate now.
    fn renew(&mut self) -> Result<bool> {
        let (root, hosts) = root_for(&self.lan, Hosts::of(&self.lan)?, &self.store)?;
        if hosts == self.hosts && self.certificate.renewal_s() > now_s() {
            return Ok(false);
        }
        self.certificate = root.issue(&hosts, now_s())?;
        tracing::info!(https.hosts = hosts.to_string(), "there is a new certificate");
        *self.root.write() = Arc::new(root);
        self.hosts = hosts;
        Ok(true)
    }
}

/// The root that is kept, and what of `hosts` it may speak for. What an admin has listed and it may not speak for asks for a new root, which
/// is kept from now on; a name that the machine has got by itself is left out, because devices trust the old one.
fn root_for(lan: &Lan, hosts: Hosts, store: &Store) -> Result<(Root, Hosts)> {
    let kept = store.root()?.map(|text| Root::read(&text)).transpose();
    let kept = kept.context(
        "https/root.pem in the data folder does not read. Put it back from a copy; or delete it, and all devices have to trust a new one",
    )?;
    let had_one = kept.is_some();
    if let Some(root) = kept.filter(|root| root.lasts(now_s()))
        && let Some(spoken_for) = hosts.only(|host| root.permits(host))
        && (spoken_for == hosts || *lan == Lan::Found)
    {
        return Ok((root, spoken_for));
    }
    if had_one {
        tracing::warn!(
            https.hosts = hosts.to_string(),
            "the root certificate may not speak for all of these, or ends; there is a new one, and every device has to be told to trust it"
        );
    }
    let (root, text) = Root::make(&hosts, now_s())?;
    store.keep_root(&text)?;
    Ok((root, hosts))
}

/// Seconds since the epoch.
fn now_s() -> i64 {
    i64::try_from(SystemClock.now_ms() / 1_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listed: &[&str]) -> Result<Hosts> {
        let listed: Result<Vec<LanHost>, _> = listed.iter().map(|host| host.parse()).collect();
        Hosts::of(&Lan::Named(listed?))
    }

    #[test]
    fn devices_trust_anew_only_when_the_machine_has_another_name() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let store = || Store::open(folder.path().join("https"));
        let of = |lan: &Lan, listed: &[&str]| root_for(lan, hosts(listed)?, &store()?);
        let listed = Lan::Named(Vec::new());
        let root = |names: &[&str]| Ok::<_, anyhow::Error>(of(&listed, names)?.0.fingerprint().to_owned());
        let first = root(&["nas.local", "192.168.1.20"])?;
        for listed in [&["nas.local", "192.168.1.20"][..], &["192.168.1.21", "nas.local"], &["10.1.1.1"], &["fd00::7"]] {
            assert_eq!(root(listed)?, first, "{listed:?}");
        }
        // A router calls a machine as it likes.
        let (root_then, spoken_for) = of(&Lan::Found, &["192.168.1.20", "nas.local", "dhcp-17.lan"])?;
        assert_eq!(root_then.fingerprint(), first);
        assert_eq!(spoken_for.to_string(), "127.0.0.1, 192.168.1.20, [::1], localhost, nas.local");

        let mut seen = vec![first];
        for listed in [&["other.local"][..], &["203.0.113.7"], &["2001:db8::1"]] {
            let now = root(listed)?;
            assert!(!seen.contains(&now), "{listed:?}: the old root may not speak for it");
            assert_eq!(root(listed)?, now, "{listed:?}");
            seen.push(now);
        }
        Ok(())
    }

    #[test]
    fn a_root_that_ends_before_what_it_signs_is_replaced() -> Result<()> {
        let hosts = hosts(&["nas.local"])?;
        let (root, _) = Root::make(&hosts, now_s())?;
        let years = |years: i64| now_s() + years * 365 * 24 * 60 * 60;
        assert!(root.lasts(years(9)) && !root.lasts(years(10)));
        Ok(())
    }

    #[test]
    fn a_root_that_does_not_read_is_not_replaced_unasked() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path().to_owned())?;
        store.keep_root("rubbish")?;
        let Err(error) = Home::open(&Lan::Named(vec!["nas.local".parse()?]), store) else { anyhow::bail!("it was taken") };
        assert!(
            format!("{error:#}").contains("all devices have to trust a new one: there is no certificate in it"),
            "{error:#}"
        );
        assert_eq!(std::fs::read_to_string(folder.path().join("root.pem"))?, "rubbish");
        Ok(())
    }
}
