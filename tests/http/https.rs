//! HTTPS by the server itself: certificates from files that change, and from a real authority (Pebble) that gives, renews, and is gone.

mod lan;
mod streams;

use std::{
    env, fs,
    io::Write as _,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use blackbox::{Server, until_nothing_is_missing};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

const DOMAIN: &str = "chat.example.org";
/// How long an authority or a server may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a certificate of the test's authority is good, seconds; it is renewed after two thirds of that.
const LIFE_S: u64 = 24;

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// An authority of the test's own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Result<Self> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self { issuer: CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)? })
    }

    fn root_pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for a name and its key, in two files of a folder.
    fn issue(&self, folder: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, &self.issuer)?;
        let (chain, secret) = (folder.join("chain.pem"), folder.join("key.pem"));
        fs::write(&chain, certificate.pem())?;
        fs::write(&secret, key.serialize_pem())?;
        Ok((chain, secret))
    }
}

/// What a client that trusts `root_pem` alone sees: the answer as text, and the certificate that it was shown.
async fn get(port: u16, name: &str, path: &str, root_pem: &str) -> Result<(String, CertificateDer<'static>)> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root_pem.as_bytes())?)?;
    let builder =
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
    let client = TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut stream = client.connect(ServerName::try_from(name.to_owned())?, stream).await?;
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).context("no certificate")?.clone();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    // Whoever closes without a word of TLS has said all the same.
    let _unclean = stream.read_to_end(&mut answer).await;
    Ok((String::from_utf8_lossy(&answer).into_owned(), shown))
}

/// As [`get`], once it works.
async fn get_when_there(port: u16, root_pem: &str) -> Result<(String, CertificateDer<'static>)> {
    let mut seen = None;
    until_nothing_is_missing(PATIENCE, async || match get(port, DOMAIN, "/_matrix/client/versions", root_pem).await {
        Ok(answer) => {
            seen = Some(answer);
            Ok(None)
        }
        Err(error) => Ok(Some(format!("{error:#}"))),
    })
    .await?;
    seen.context("nothing was seen")
}

fn assert_serves(answer: &str) -> Result<()> {
    ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    ensure!(answer.to_ascii_lowercase().contains("strict-transport-security: max-age=31536000"), "{answer}");
    ensure!(answer.contains("\"versions\""), "{answer}");
    Ok(())
}

async fn assert_redirects(port: u16, host: &str) -> Result<()> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = client.post(format!("http://127.0.0.1:{port}/a?b")).header("host", "127.0.0.1").send().await?;
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    ensure!(answer.status() == 308 && location == Some(format!("https://{host}/a?b")), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_certificate_from_files_is_read_again_when_it_changes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (one, other) = (Authority::new()?, Authority::new()?);
    let (chain, key) = one.issue(folder.path(), DOMAIN)?;
    let (port, plain) = (free_port()?, free_port()?);
    let (listen, redirect) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{plain}"));
    let mut server = Server::start(&[
        ("HEARTH_HTTPS_CERTIFICATE", chain.to_str().context("a path")?),
        ("HEARTH_HTTPS_KEY", key.to_str().context("a path")?),
        ("HEARTH_HTTPS_LISTEN", &listen),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", &redirect),
    ])?;
    assert_serves(&get(port, DOMAIN, "/_matrix/client/versions", &one.root_pem()).await?.0)?;
    let (known, _) = get(port, DOMAIN, "/.well-known/matrix/client", &one.root_pem()).await?;
    ensure!(known.contains("\"base_url\":\"https://chat.example.org\""), "{known}");
    assert_redirects(plain, "127.0.0.1").await?;
    // Plain HTTP behind a proxy goes on as before, and makes no promises for others.
    let answer = reqwest::get(format!("{}/_matrix/client/versions", server.url)).await?;
    ensure!(answer.status() == 200 && !answer.headers().contains_key("strict-transport-security"), "{answer:?}");

    fs::write(&chain, "half a cert")?;
    until_nothing_is_missing(PATIENCE, async || {
        let is_told = server.errors().contains("the new certificate does not read; the old one stays");
        Ok((!is_told).then(|| server.errors()))
    })
    .await?;
    assert_serves(&get(port, DOMAIN, "/_matrix/client/versions", &one.root_pem()).await?.0)?;
    other.issue(folder.path(), DOMAIN)?;
    assert_serves(&get_when_there(port, &other.root_pem()).await?.0)?;
    // A handshake that never comes does not keep it from ending.
    let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    server.stop()
}

#[test]
fn certificates_that_do_not_fit_are_refused_at_start() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (chain, _) = Authority::new()?.issue(folder.path(), DOMAIN)?;
    let binary = env::var_os("HEARTH_BIN").context("set HEARTH_BIN to the server's binary")?;
    let output = Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .envs([("HEARTH_HTTPS_CERTIFICATE", &chain), ("HEARTH_HTTPS_KEY", &chain)])
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        !output.status.success()
            && errors.contains("https.certificate and https.key")
            && errors.contains("the key is not PEM"),
        "{errors}"
    );
    Ok(())
}

/// A real authority, and the names that it believes in.
struct Pebble {
    names: Child,
    authority: Child,
    directory: String,
    management: u16,
}

impl Pebble {
    /// One that asks for the domain at `https` and `http`, with everything of its own in `folder`.
    fn start(folder: &Path, own: &Authority, asked: (u16, u16)) -> Result<Self> {
        Self::start_with(folder, own, asked, LIFE_S)
    }

    /// One whose certificates are good for so many seconds.
    fn start_with(folder: &Path, own: &Authority, (https, http): (u16, u16), life_s: u64) -> Result<Self> {
        let program = env::var_os("HEARTH_PEBBLE").context("set HEARTH_PEBBLE to the program pebble")?;
        let (chain, key) = own.issue(folder, "localhost")?;
        let (listen, management, dns) = (free_port()?, free_port()?, UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port());
        let settings = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{listen}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": chain, "privateKey": key, "httpPort": http, "tlsPort": https,
            "ocspResponderURL": "", "externalAccountBindingRequired": false, "certificateValidityPeriod": life_s,
        }});
        let file = folder.join("pebble.json");
        fs::File::create(&file)?.write_all(settings.to_string().as_bytes())?;
        let names = Command::new(Path::new(&program).with_file_name("pebble-challtestsrv"))
            .args(["-dns01", &format!("127.0.0.1:{dns}"), "-management", &format!("127.0.0.1:{}", free_port()?)])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("pebble-challtestsrv")?;
        let authority = Command::new(program)
            .args(["-config".as_ref(), file.as_os_str(), "-dnsserver".as_ref(), format!("127.0.0.1:{dns}").as_ref()])
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "0")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("pebble")?;
        Ok(Self { names, authority, directory: format!("https://localhost:{listen}/dir"), management })
    }

    /// The root of what it issues, once it answers.
    async fn root_pem(&self, own: &Authority) -> Result<String> {
        let mut root = None;
        until_nothing_is_missing(PATIENCE, async || {
            match get(self.management, "localhost", "/roots/0", &own.root_pem()).await {
                Ok((answer, _)) => {
                    root = answer.find("-----BEGIN").and_then(|from| answer.get(from..)).map(str::to_owned);
                    Ok(root.is_none().then_some(answer))
                }
                Err(error) => Ok(Some(format!("{error:#}"))),
            }
        })
        .await?;
        root.context("no root")
    }

    fn stop(&mut self) {
        for child in [&mut self.authority, &mut self.names] {
            // One that has ended by itself is what was wanted.
            let _ended = child.kill();
            let _ended = child.wait();
        }
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}

#[tokio::test]
async fn a_domain_gets_its_certificate_keeps_and_renews_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = Authority::new()?;
    let (port, plain) = (free_port()?, free_port()?);
    let mut pebble = Pebble::start(folder.path(), &own, (port, free_port()?))?;
    let root = pebble.root_pem(&own).await?;
    let trusted = folder.path().join("root.pem");
    fs::write(&trusted, own.root_pem())?;
    let (listen, redirect) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{plain}"));
    let mut server = Server::start(&[
        ("HEARTH_DOMAIN", DOMAIN),
        ("HEARTH_ADMIN_EMAIL", "admin@example.org"),
        ("HEARTH_ACME_DIRECTORY", &pebble.directory),
        ("HEARTH_ACME_ROOT", trusted.to_str().context("a path")?),
        ("HEARTH_HTTPS_LISTEN", &listen),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", &redirect),
    ])?;
    let (answer, first) = get_when_there(port, &root).await?;
    assert_serves(&answer)?;
    assert_redirects(plain, DOMAIN).await?;
    for name in ["account.json", "certificate.pem"] {
        let mode = fs::metadata(server.data().join("https").join(name))?.permissions().mode();
        ensure!(mode & 0o777 == 0o600, "{name} has mode {mode:o}");
    }
    server.restart()?;
    ensure!(get_when_there(port, &root).await?.1 == first, "a restart orders another certificate");

    let mut renewed = None;
    until_nothing_is_missing(PATIENCE, async || {
        let (_, now) = get_when_there(port, &root).await?;
        let is_same = now == first;
        renewed = Some(now);
        Ok(is_same.then(|| format!("it is not renewed: {}", server.errors())))
    })
    .await?;
    pebble.stop();
    until_nothing_is_missing(PATIENCE, async || {
        let errors = server.errors();
        Ok((!errors.contains("no certificate could be had, and the old one stays until its end")).then_some(errors))
    })
    .await?;
    // Refused by nobody: what it is shown is checked by the client against its own clock.
    let shown = get(port, DOMAIN, "/_matrix/client/versions", &root).await;
    match shown {
        Ok((answer, shown)) => {
            assert_serves(&answer)?;
            ensure!(Some(shown) == renewed, "the old certificate did not stay");
        }
        Err(error) => bail!("the old certificate did not stay: {error:#}"),
    }
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_is_over_when_it_is_given_is_not_ordered_again_and_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = Authority::new()?;
    let port = free_port()?;
    // As by a clock that is far ahead.
    let pebble = Pebble::start_with(folder.path(), &own, (port, free_port()?), 1)?;
    pebble.root_pem(&own).await?;
    let trusted = folder.path().join("root.pem");
    fs::write(&trusted, own.root_pem())?;
    let server = Server::start(&[
        ("HEARTH_DOMAIN", DOMAIN),
        ("HEARTH_ACME_DIRECTORY", &pebble.directory),
        ("HEARTH_ACME_ROOT", trusted.to_str().context("a path")?),
        ("HEARTH_HTTPS_LISTEN", &format!("127.0.0.1:{port}")),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", "127.0.0.1:0"),
    ])?;
    until_nothing_is_missing(PATIENCE, async || {
        let errors = server.errors();
        Ok((!errors.contains("the clock is ahead")).then_some(errors))
    })
    .await?;
    // Time enough for a dozen orders.
    tokio::time::sleep(Duration::from_secs(4)).await;
    ensure!(server.errors().matches("there is a new certificate").count() == 1, "{}", server.errors());
    Ok(())
}

#[tokio::test]
async fn a_refused_order_is_told_with_what_to_do() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = Authority::new()?;
    let port = free_port()?;
    // The authority asks where nobody listens, as with ports that are not forwarded.
    let pebble = Pebble::start(folder.path(), &own, (free_port()?, free_port()?))?;
    pebble.root_pem(&own).await?;
    let trusted = folder.path().join("root.pem");
    fs::write(&trusted, own.root_pem())?;
    let listen = format!("127.0.0.1:{port}");
    let server = Server::start(&[
        ("HEARTH_DOMAIN", DOMAIN),
        ("HEARTH_ACME_DIRECTORY", &pebble.directory),
        ("HEARTH_ACME_ROOT", trusted.to_str().context("a path")?),
        ("HEARTH_HTTPS_LISTEN", &listen),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", "127.0.0.1:0"),
    ])?;
    until_nothing_is_missing(PATIENCE, async || {
        let errors = server.errors();
        let is_told = errors.contains("there is no HTTPS yet") && errors.contains("port 443 is forwarded in the router");
        Ok((!is_told).then_some(errors))
    })
    .await?;
    let answer = reqwest::get(format!("{}/_matrix/client/versions", server.url)).await?;
    ensure!(answer.status() == 200, "without a certificate nobody is served");
    Ok(())
}

#[tokio::test]
async fn a_domain_that_the_authority_reaches_on_port_80_alone_gets_its_certificate() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = Authority::new()?;
    let (port, plain, elsewhere) = (free_port()?, free_port()?, free_port()?);
    // As where something in front ends TLS by itself.
    let pebble = Pebble::start(folder.path(), &own, (elsewhere, plain))?;
    let root = pebble.root_pem(&own).await?;
    let trusted = folder.path().join("root.pem");
    fs::write(&trusted, own.root_pem())?;
    let (listen, redirect) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{plain}"));
    let server = Server::start(&[
        ("HEARTH_DOMAIN", DOMAIN),
        ("HEARTH_ACME_DIRECTORY", &pebble.directory),
        ("HEARTH_ACME_ROOT", trusted.to_str().context("a path")?),
        ("HEARTH_HTTPS_LISTEN", &listen),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", &redirect),
    ])?;
    assert_serves(&get_when_there(port, &root).await?.0)?;
    assert_redirects(plain, DOMAIN).await?;
    let errors = server.errors();
    ensure!(!errors.contains("no certificate could be had"), "what the other port made good is told as a failure: {errors}");
    Ok(())
}
