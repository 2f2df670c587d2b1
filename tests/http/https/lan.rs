//! HTTPS in a home network, as devices meet it: by the page under plain HTTP, with nothing trusted but what it hands out.

use rcgen::{ExtendedKeyUsagePurpose, Issuer, KeyPair};
use reqwest::Response;
use rustls::{
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    pki_types::{PrivateKeyDer, UnixTime},
};

use super::*;

/// A server that is called `nas.local` and 127.0.0.1, and the ports of its HTTPS and its plain HTTP.
fn at_home() -> Result<(Server, u16, u16)> {
    let (port, plain) = (free_port()?, free_port()?);
    let server = Server::start(&[
        ("HEARTH_LAN", "nas.local, 127.0.0.1"),
        ("HEARTH_HTTPS_LISTEN", &format!("127.0.0.1:{port}")),
        ("HEARTH_HTTPS_REDIRECT_LISTEN", &format!("127.0.0.1:{plain}")),
    ])?;
    Ok((server, port, plain))
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_device_trusts_a_server_at_home_by_what_its_page_hands_out() -> Result<()> {
    let (mut server, port, plain) = at_home()?;
    let handed_out =
        async || Ok::<_, anyhow::Error>(reqwest::get(format!("http://127.0.0.1:{plain}/hearth-root.crt")).await?);
    let answer = handed_out().await?;
    ensure!(header(&answer, "content-type") == "application/x-x509-ca-cert", "{answer:?}");
    let root = answer.text().await?;
    ensure!(!root.contains("PRIVATE"), "the key was handed out");

    let page = reqwest::get(format!("http://127.0.0.1:{plain}/any/where")).await?;
    ensure!(header(&page, "content-security-policy").starts_with("default-src 'none'"), "{page:?}");
    let page = page.text().await?.replace("<wbr>", "");
    ensure!(page.contains(&format!("href=\"https://127.0.0.1:{port}/\"")), "{page}");
    let output = server.output();
    let fingerprint = output.split("SHA-256 ").nth(1).and_then(|rest| rest.lines().next()).context("no fingerprint")?;
    ensure!(fingerprint.len() == 32 * 3 - 1 && page.contains(fingerprint), "{fingerprint} is not in {page}");
    ensure!(output.contains(&format!("https://nas.local:{port}/#/join/")), "{output}");

    for name in ["nas.local", "127.0.0.1", "localhost"] {
        let (answer, _) = get(port, name, "/.well-known/matrix/client", &root).await.with_context(|| name.to_owned())?;
        ensure!(answer.contains(&format!("\"base_url\":\"https://{name}\"")), "{answer}");
        // Another program may serve plain HTTP under the machine's name.
        ensure!(!answer.to_ascii_lowercase().contains("strict-transport-security"), "{answer}");
    }
    ensure!(get(port, DOMAIN, "/", &root).await.is_err(), "it shows a certificate for {DOMAIN}");
    let mode = fs::metadata(server.data().join("https/root.pem"))?.permissions().mode();
    ensure!(mode & 0o777 == 0o600, "the root's key has mode {mode:o}");

    server.restart()?;
    ensure!(handed_out().await?.text().await? == root, "a restart makes devices trust anew");
    get(port, "nas.local", "/", &root).await?;
    Ok(())
}

#[tokio::test]
async fn whoever_steals_the_root_of_a_home_speaks_for_nobody_else() -> Result<()> {
    let (server, _, _) = at_home()?;
    let stolen = fs::read(server.data().join("https/root.pem"))?;
    let root = CertificateDer::from_pem_slice(&stolen)?;
    let issuer = Issuer::from_ca_cert_der(&root, KeyPair::try_from(&PrivateKeyDer::from_pem_slice(&stolen)?)?)?;
    let mut roots = RootCertStore::empty();
    roots.add(root.clone())?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider())).build()?;
    for (name, is_believed) in [
        ("nas.local", true),
        ("192.168.77.1", true),
        ("10.0.0.1", true),
        ("router.local", false),
        ("example.org", false),
        ("8.8.8.8", false),
        ("2001:4860:4860::8888", false),
    ] {
        let mut wanted = CertificateParams::new([name.to_owned()])?;
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let forged = wanted.signed_by(&KeyPair::generate()?, &issuer)?;
        let verified = verifier.verify_server_cert(forged.der(), &[], &name.try_into()?, &[], UnixTime::now());
        ensure!(verified.is_ok() == is_believed, "{name}: {verified:?}");
    }
    Ok(())
}
