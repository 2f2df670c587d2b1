//! HTTPS by the server itself: a listener with a certificate that is fetched and renewed by itself, read from files, or made for a home
//! network; and one that sends plain HTTP there.

mod acme;
mod lan;
mod question;
mod redirect;
mod refusal;

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
use config::{Config, Lan, TrustedProxies};
use rustls::{ServerConfig, crypto::ring};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;

use super::http::{self, Admission, Caps, HTTP1, HTTP2, Service, Tls};
use crate::{
    certificates::{CHALLENGE, Files, Shown, Store},
    console::say,
    data_folder::DataFolder,
};
use acme::Acme;
use lan::Home;
use question::{Answers, InPlainText};

/// Ports of HTTPS and HTTP (RFC 9110, section 4.2).
const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;
/// Connections of those who are sent on.
const REDIRECTED_MAX: usize = 256;
/// How long one of them may pause.
const REDIRECTED_IDLE: Duration = Duration::from_secs(10);

/// Listeners that nobody reads yet.
pub(super) struct Https {
    listener: TcpListener,
    redirect: Option<TcpListener>,
    domain: Option<String>,
    shown: Arc<Shown>,
    /// What an authority asks on the other listener.
    asked: Arc<InPlainText>,
    /// Keeps the certificate what it should be.
    keeping: Keeping,
}

enum Keeping {
    Files(Files),
    Acme(Box<Acme>),
    Home(Box<Home>),
}

impl Https {
    /// Opens what the settings ask for; none when they ask for no HTTPS.
    ///
    /// # Errors
    /// A port is taken, or the certificate of the settings does not read.
    pub(super) async fn open(config: &Config, folder: &DataFolder) -> Result<Option<Self>> {
        let https = &config.https;
        let (shown, asked) = (Arc::new(Shown::default()), Arc::new(InPlainText::default()));
        let keeping = match (&https.certificate, &https.key, &https.domain) {
            (Some(certificate), Some(key), _) => {
                let files = Files { certificate: certificate.clone(), key: key.clone() };
                shown.show(&files.read().context("https.certificate and https.key")?);
                Keeping::Files(files)
            }
            (_, _, Some(domain)) => Keeping::Acme(Box::new(Acme {
                domain: domain.clone(),
                email: https.admin_email.clone(),
                directory: https.acme_directory.clone(),
                root: https.acme_root.clone(),
                store: Store::open(folder.https())?,
                answers: Answers { https: Arc::clone(&shown), http: Arc::clone(&asked) },
            })),
            _ if https.lan != Lan::Off => {
                let home = Home::open(&https.lan, Store::open(folder.https())?).context("https.lan (HEARTH_LAN)")?;
                shown.show(home.certificate());
                Keeping::Home(Box::new(home))
            }
            _ => return Ok(None),
        };
        let listener = listen(https.listen, HTTPS_PORT).await.context("https.listen (HEARTH_HTTPS_LISTEN)")?;
        let is_redirecting = https.redirect_listen.is_some() || https.domain.is_some() || https.lan != Lan::Off;
        let redirect = match https.redirect_listen {
            _ if !is_redirecting => None,
            address => {
                Some(listen(address, HTTP_PORT).await.context("https.redirect_listen (HEARTH_HTTPS_REDIRECT_LISTEN)")?)
            }
        };
        Ok(Some(Self { listener, redirect, domain: https.domain.clone(), shown, asked, keeping }))
    }

    /// Where people open the web client of a server at home; none for a domain, whose address stands in the settings.
    ///
    /// # Errors
    /// A listener has no address.
    pub(super) fn home_url(&self) -> Result<Option<String>> {
        let Keeping::Home(home) = &self.keeping else { return Ok(None) };
        let port = self.listener.local_addr()?.port();
        Ok(Some(if port == HTTPS_PORT {
            format!("https://{}", home.host())
        } else {
            format!("https://{}:{port}", home.host())
        }))
    }

    /// Serves until `stopped` ends, as `service` does without TLS, and lets those under way finish for at most `drain`.
    ///
    /// # Errors
    /// Standard output is gone, or a listener has no address.
    pub(super) fn spawn<S>(self, service: Service, stopped: impl Fn() -> S, drain: Duration) -> Result<JoinSet<()>>
    where
        S: Future<Output = ()> + Send + 'static,
    {
        let mut serving = JoinSet::new();
        let port = self.listener.local_addr()?.port();
        say(&format!("HTTPS on port {port}"))?;
        // The name of a machine at home is not this server's alone: what else it serves may have plain HTTP.
        let is_strict = !matches!(self.keeping, Keeping::Home(_));
        let service = Service { tls: Some(Tls { acceptor: acceptor(&self.shown)?, is_strict }), ..service };
        serving.spawn(http::serve(self.listener, service, stopped(), drain));
        if let Some(listener) = self.redirect {
            let plain = listener.local_addr()?.port();
            let routes = match &self.keeping {
                Keeping::Home(home) => {
                    say(&format!(
                        "HTTP on port {plain} tells every device how to trust this server; its root certificate has SHA-256 {}",
                        home.fingerprint()
                    ))?;
                    home.page(port)
                }
                Keeping::Files(_) | Keeping::Acme(_) => {
                    say(&format!("HTTP on port {plain} sends everybody there"))?;
                    redirect::routes(self.domain, self.asked)
                }
            };
            serving.spawn(http::serve(listener, in_plain_text(routes), stopped(), Duration::ZERO));
        }
        let (shown, stopping) = (self.shown, stopped());
        let keep = async move {
            match self.keeping {
                Keeping::Files(files) => files.follow(shown).await,
                Keeping::Acme(acme) => acme.keep().await,
                Keeping::Home(home) => home.keep(shown).await,
            }
        };
        serving.spawn(async move {
            tokio::select! {
                () = keep => {}
                () = stopping => {}
            }
        });
        Ok(serving)
    }
}

/// TLS 1.2 and 1.3 with the certificate that is shown at the moment.
fn acceptor(shown: &Arc<Shown>) -> Result<TlsAcceptor> {
    let builder =
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
    let mut settings = builder.with_no_client_auth().with_cert_resolver(Arc::clone(shown) as _);
    settings.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec(), CHALLENGE.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(settings)))
}

fn in_plain_text(router: Router) -> Service {
    let caps = Caps { in_all: REDIRECTED_MAX, by_address: REDIRECTED_MAX / 4 };
    let admission = Admission::new(caps, TrustedProxies::default());
    Service { router, admission, idle: REDIRECTED_IDLE, tls: None }
}

/// Listens where the settings say, or on that port of every address. A machine may lack IPv6.
async fn listen(address: Option<SocketAddr>, port: u16) -> Result<TcpListener> {
    let opened = match address {
        Some(address) => TcpListener::bind(address).await,
        None => match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse && error.kind() != io::ErrorKind::PermissionDenied => {
                TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await
            }
            opened => opened,
        },
    };
    let place = address.map_or_else(|| format!("port {port}"), |address| address.to_string());
    opened.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => "; ports below 1024 are the administrator's: let a service manager give the right to bind them (AmbientCapabilities=CAP_NET_BIND_SERVICE of systemd), or set a higher port",
            io::ErrorKind::AddrInUse => "; another server is there",
            _ => "",
        };
        anyhow::anyhow!("cannot listen on {place}: {error}{hint}")
    })
}
