//! A certificate from an authority (ACME, RFC 8555), renewed by itself. The authority sees that the domain is ours by asking for it
//! on port 443, or else on port 80.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use event_log::{Clock as _, SystemClock};
use instant_acme::{Account, AuthorizationStatus, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy};
use rand::RngExt as _;

use super::{
    question::{Answers, NotAsked, Port},
    refusal,
};
use crate::certificates::{Certificate, Store};

/// How long an order may take in all.
const ORDER_MAX: Duration = Duration::from_secs(180);
/// How long the authority may take for one step.
const STEP_MAX: Duration = Duration::from_secs(60);
/// How long to wait after an order that failed: authorities let a domain fail a handful of times an hour. It doubles each time.
const PAUSE_MIN: Duration = Duration::from_secs(5 * 60);
const PAUSE_MAX: Duration = Duration::from_secs(12 * 60 * 60);
const SET_CLOCK: &str = "Set it, and have it set by itself (timedatectl set-ntp true).";
/// Clocks jump, and machines sleep: no longer than this without a look at the time.
const LOOK_MAX: Duration = Duration::from_secs(60 * 60);

/// Who orders what, and where.
#[derive(Debug)]
pub(super) struct Acme {
    pub(super) domain: String,
    pub(super) email: Option<String>,
    pub(super) directory: String,
    pub(super) root: Option<std::path::PathBuf>,
    pub(super) store: Store,
    pub(super) answers: Answers,
}

impl Acme {
    /// Shows the certificate that is kept, and orders another when there is none or two thirds of its life are over. Never ends.
    pub(super) async fn keep(self) {
        let shown = &self.answers.https;
        let mut certificate = self.kept();
        if let Some(kept) = &certificate {
            shown.show(kept);
        }
        let mut failures = 0;
        loop {
            if let Some(wait) = certificate.as_ref().and_then(until_renewal) {
                tokio::time::sleep(wait.min(LOOK_MAX)).await;
                continue;
            }
            match self.order(failures).await {
                Ok(fresh) => {
                    shown.show(&fresh);
                    tracing::info!(
                        https.domain = self.domain,
                        https.good_until_s = fresh.end_s(),
                        "there is a new certificate"
                    );
                    failures = self.heed_clock(&fresh, failures).await;
                    certificate = Some(fresh);
                }
                Err(error) => {
                    self.tell(&error, certificate.as_ref());
                    tokio::time::sleep(pause(failures)).await;
                    failures += 1;
                }
            }
        }
    }

    /// What a certificate that was just given says of this machine's clock. By one that is ahead it is to be renewed at once, and so would
    /// be the next: that is waited for as after an order that failed, because authorities count orders. Returns the failures so far.
    async fn heed_clock(&self, fresh: &Certificate, failures: u32) -> u32 {
        match Clock::by(fresh, now_s()) {
            Clock::Right => 0,
            Clock::Behind => {
                tracing::warn!(
                    https.domain = self.domain,
                    "the certificate is good only later: the clock is behind. {SET_CLOCK}"
                );
                0
            }
            Clock::Ahead => {
                tracing::error!(
                    https.domain = self.domain,
                    "the new certificate is as good as over already: the clock is ahead. {SET_CLOCK}"
                );
                tokio::time::sleep(pause(failures)).await;
                failures + 1
            }
        }
    }

    fn kept(&self) -> Option<Certificate> {
        match self.store.certificate() {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(
                    https.error = format!("{error:#}"),
                    "the certificate that was kept does not read; another is ordered"
                );
                None
            }
        }
    }

    fn tell(&self, error: &anyhow::Error, certificate: Option<&Certificate>) {
        let until = certificate.map(Certificate::end_s);
        let meanwhile = if until.is_some() { "the old one stays until its end" } else { "there is no HTTPS yet" };
        tracing::error!(
            https.domain = self.domain,
            https.error = format!("{error:#}"),
            https.old_good_until_s = until,
            "no certificate could be had, and {meanwhile}; it is tried again. {}",
            refusal::what_to_do(error)
        );
    }

    /// Orders by the one port or the other in turn; the first time by both, one after the other. Authorities let a domain fail a handful
    /// of times an hour.
    async fn order(&self, failures: u32) -> Result<Certificate> {
        let (port, other) = if failures.is_multiple_of(2) { (Port::Https, Port::Http) } else { (Port::Http, Port::Https) };
        let refused = match self.order_by(port).await {
            Ok(certificate) => return Ok(certificate),
            Err(refused) => refused,
        };
        if failures > 0 || !refusal::may_be_the_port(&refused) {
            return Err(refused);
        }
        tracing::info!(
            https.domain = self.domain,
            https.error = format!("{refused:#}"),
            "no certificate {port}; now {other}"
        );
        self.order_by(other).await.map_err(|also| refusal::by_both(refused, also))
    }

    /// Orders by one port, within bounded time.
    async fn order_by(&self, port: Port) -> Result<Certificate> {
        let ordered = tokio::time::timeout(ORDER_MAX, self.order_within(port)).await;
        self.answers.hide();
        ordered.unwrap_or_else(|_| Err(anyhow!("it took too long")))
    }

    async fn order_within(&self, port: Port) -> Result<Certificate> {
        let account = self.account().await?;
        let names = [Identifier::Dns(self.domain.clone())];
        let mut order = account.new_order(&NewOrder::new(&names)).await.context("the authority takes no order")?;
        prove(&mut order, &self.domain, port, &self.answers).await?;
        let retries = RetryPolicy::new().timeout(STEP_MAX);
        let status = order.poll_ready(&retries).await.context("the authority does not say whether the domain is ours")?;
        if status != OrderStatus::Ready {
            return Err(why_refused(&mut order).await);
        }
        let key = order.finalize().await.context("the order cannot be finished")?;
        let chain = order.poll_certificate(&retries).await.context("the authority gives no certificate")?;
        let certificate = Certificate::read(chain.as_bytes(), key.as_bytes()).context("what the authority gave")?;
        self.store.keep_certificate(&chain, &key)?;
        Ok(certificate)
    }

    /// The account that is kept, or a new one.
    async fn account(&self) -> Result<Account> {
        let builder = match &self.root {
            Some(root) => {
                Account::builder_with_root(root).with_context(|| format!("https.acme_root: {}", root.display()))?
            }
            None => Account::builder().context("the system has no root certificates (Debian: ca-certificates)")?,
        };
        if let Some(credentials) = self.store.account(&self.directory)? {
            return builder.from_credentials(credentials).await.context("the authority's directory");
        }
        let contact = self.email.as_ref().map(|email| format!("mailto:{email}"));
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let account = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let made = builder.create(&account, self.directory.clone(), None).await;
        let (account, credentials) = made.context("the authority gives no account")?;
        self.store.keep_account(&self.directory, &credentials)?;
        Ok(account)
    }
}

/// Shows for every open question what the authority wants to see by that port, and says so.
async fn prove(order: &mut Order, domain: &str, port: Port, answers: &Answers) -> Result<()> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.context("the authority's question")?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            _ => bail!("the authority asks for what it has refused already"),
        }
        let mut challenge = authorization.challenge(port.challenge()).ok_or(NotAsked(port))?;
        answers.show(port, domain, &challenge)?;
        challenge.set_ready().await.context("the authority's question")?;
    }
    Ok(())
}

/// What the authority found wrong.
async fn why_refused(order: &mut Order) -> anyhow::Error {
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        let problem = authorization.challenges.iter().find_map(|challenge| challenge.error.clone());
        if let Some(problem) = problem {
            return anyhow::Error::new(instant_acme::Error::Api(problem))
                .context("the authority did not find the domain here");
        }
    }
    anyhow!("the authority has refused the order, and does not say why")
}

/// Seconds since the epoch.
fn now_s() -> i64 {
    i64::try_from(SystemClock.now_ms() / 1_000).unwrap_or(i64::MAX)
}

/// How long until it is to be renewed; none when that is due.
fn until_renewal(certificate: &Certificate) -> Option<Duration> {
    let left_s = u64::try_from(certificate.renewal_s().saturating_sub(now_s())).ok()?;
    (left_s > 0).then(|| Duration::from_secs(left_s))
}

/// This machine's clock beside that of an authority that has just given a certificate.
#[derive(Debug, PartialEq, Eq)]
enum Clock {
    Right,
    Behind,
    Ahead,
}

impl Clock {
    fn by(fresh: &Certificate, now_s: i64) -> Self {
        if now_s < fresh.validity_s().0 {
            Self::Behind
        } else if now_s >= fresh.renewal_s() {
            Self::Ahead
        } else {
            Self::Right
        }
    }
}

/// Up to half as long again, so that those who failed together do not come back together.
fn pause(failures: u32) -> Duration {
    let pause = PAUSE_MIN.saturating_mul(1 << failures.min(16)).min(PAUSE_MAX);
    pause.mul_f64(1.0 + rand::rng().random_range(0.0..0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_certificate_tells_whether_the_clock_is_right() {
        const DAY_S: i64 = 24 * 60 * 60;
        let now = now_s();
        // As authorities give them: good since an hour ago, for 90 or for six days.
        for (life_days, off_days, clock) in [
            (90, 0, Clock::Right),
            (90, -1, Clock::Behind),
            (90, 1, Clock::Right),
            (90, 70, Clock::Ahead),
            (6, 1, Clock::Right),
            (6, -1, Clock::Behind),
            (6, 5, Clock::Ahead),
        ] {
            let from = now - 60 * 60;
            let fresh = certificate((from, from + life_days * DAY_S));
            assert_eq!(Clock::by(&fresh, now + off_days * DAY_S), clock, "{life_days} days, {off_days} off");
        }
    }

    /// One that is good from and until then, seconds since the epoch.
    fn certificate((from_s, until_s): (i64, i64)) -> Certificate {
        let moment = |at_s: i64| (std::time::UNIX_EPOCH + Duration::from_secs(at_s.unsigned_abs())).into();
        let mut parameters = rcgen::CertificateParams::new(["chat.example.org".to_owned()]).unwrap();
        (parameters.not_before, parameters.not_after) = (moment(from_s), moment(until_s));
        let key = rcgen::KeyPair::generate().unwrap();
        let signed = parameters.self_signed(&key).unwrap();
        Certificate::read(signed.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }

    #[test]
    fn pauses_grow_to_their_bound() {
        for failures in [0, 1, 5, 100] {
            let least = PAUSE_MIN.saturating_mul(1 << failures.min(16)).min(PAUSE_MAX);
            let pause = pause(failures);
            assert!(pause >= least && pause <= least.mul_f64(1.5), "{failures}: {pause:?}");
        }
    }
}
