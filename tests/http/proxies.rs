//! Behind real proxies, set up as `docs/proxies` says: people are told apart, polls wait, and large files pass.

use std::{
    env, fs,
    net::{IpAddr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use blackbox::{Person, Server};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// What the files in `docs/proxies` call the server.
const DOCUMENTED_SERVER: &str = "127.0.0.1:8008";
/// How HAProxy's file binds for everybody.
const DOCUMENTED_BIND: &str = "bind :443 ssl crt /etc/haproxy/certs/";
/// How Caddy's file names the site. A name makes Caddy fetch a certificate for it; an address with http:// does not.
const DOCUMENTED_SITE: &str = "chat.example.org {";
/// People behind one proxy.
const PEOPLE: u8 = 50;
/// A machine under load starts a proxy within this.
const READY_MAX: Duration = Duration::from_secs(20);
/// How long a client's poll waits before something is said.
const SILENCE: Duration = Duration::from_secs(2);
/// What the proxy says for itself.
const LOG: &str = "proxy.log";
/// More than a proxy keeps in memory, and than its usual bound.
const FILE_BYTES: usize = 20 << 20;

/// A proxy in front of a server. It is killed when this is dropped.
struct Proxy {
    child: Child,
    listen: SocketAddr,
    folder: TempDir,
}

impl Proxy {
    fn nginx(server: &Server) -> Result<Self> {
        let (folder, listen) = (TempDir::new()?, free_address()?);
        let at = folder.path().display();
        let documented = include_str!("../../docs/proxies/nginx.conf");
        fs::write(folder.path().join("hearth.conf"), replaced(documented, DOCUMENTED_SERVER, address_of(server)?)?)?;
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {at}/{what};\n"))
            .concat();
        let main = format!(
            "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\
             server {{ listen {listen}; include {at}/hearth.conf; }}\n}}\n"
        );
        fs::write(folder.path().join("nginx.conf"), main)?;
        let mut command = program("HEARTH_NGINX")?;
        command.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c", "nginx.conf"]);
        Self::start(command, listen, folder)
    }

    fn haproxy(server: &Server) -> Result<Self> {
        let (folder, listen) = (TempDir::new()?, free_address()?);
        let documented = include_str!("../../docs/proxies/haproxy.cfg");
        let set = replaced(documented, DOCUMENTED_SERVER, address_of(server)?)?;
        let set = replaced(&set, DOCUMENTED_BIND, &format!("bind {listen}"))?;
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, set)?;
        let mut command = program("HEARTH_HAPROXY")?;
        command.arg("-db").arg("-f").arg(file);
        Self::start(command, listen, folder)
    }

    fn caddy(server: &Server) -> Result<Self> {
        let (folder, listen) = (TempDir::new()?, free_address()?);
        let documented = include_str!("../../docs/proxies/Caddyfile");
        let set = replaced(documented, DOCUMENTED_SERVER, address_of(server)?)?;
        let site = format!("http://{listen} {{\n    bind {}", listen.ip());
        let set = replaced(&set, DOCUMENTED_SITE, &site)?;
        let file = folder.path().join("Caddyfile");
        // Its port for changes at run time is the same for all that run on this machine.
        fs::write(&file, format!("{{\n    admin off\n}}\n{set}"))?;
        let mut command = program("HEARTH_CADDY")?;
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(variable, folder.path());
        }
        Self::start(command, listen, folder)
    }

    fn start(mut command: Command, listen: SocketAddr, folder: TempDir) -> Result<Self> {
        let log = fs::File::create(folder.path().join(LOG))?;
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        let child = child.with_context(|| format!("{command:?} does not start"))?;
        Ok(Self { child, listen, folder })
    }

    /// Waits until it takes connections, and tells where.
    async fn url(&self) -> Result<String> {
        let began = Instant::now();
        while TcpStream::connect(self.listen).await.is_err() {
            if began.elapsed() > READY_MAX {
                bail!("the proxy does not listen: {}", fs::read_to_string(self.folder.path().join(LOG))?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(format!("http://{}", self.listen))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

fn program(variable: &str) -> Result<Command> {
    let program = env::var_os(variable).with_context(|| format!("set {variable}, as `cargo xtask test http` does"))?;
    let mut command = Command::new(program);
    if let Some(libraries) = env::var_os("HEARTH_PROXY_LIBRARIES") {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    Ok(command)
}

fn replaced(documented: &str, what: &str, by: &str) -> Result<String> {
    ensure!(documented.contains(what), "docs/proxies has no {what}");
    Ok(documented.replace(what, by))
}

fn address_of(server: &Server) -> Result<&str> {
    server.url.strip_prefix("http://").context("an address")
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// What an attempt to log in with a wrong password is answered. Each is for another account, so that only addresses are counted.
async fn attempt(url: &str, from: IpAddr, forged: &str, name: &str) -> Result<StatusCode> {
    let body = json!({
        "type": "m.login.password",
        "identifier": { "type": "m.id.user", "user": name },
        "password": "wrong",
    });
    let client = Client::builder().local_address(from).build()?;
    let request = client.post(format!("{url}/_matrix/client/v3/login")).json(&body);
    Ok(request.header("x-forwarded-for", forged).send().await?.status())
}

/// The proxy is believed about who asked it, and nobody about anything else.
async fn everybody_has_a_budget(url: &str) -> Result<()> {
    let person = |n: u8| IpAddr::from([127, 0, 1, n]);
    for n in 1..=PEOPLE {
        let forged = format!("127.0.1.{}, 203.0.113.{n}", n % PEOPLE + 1);
        let first = attempt(url, person(n), &forged, &format!("nobody{n}")).await?;
        ensure!(first == StatusCode::FORBIDDEN, "person {n} pays for others: {first}");
    }
    for n in 1..=PEOPLE {
        let forged = format!("203.0.113.{}", 100 + n);
        let second = attempt(url, person(n), &forged, &format!("nobody{n}again")).await?;
        ensure!(second == StatusCode::TOO_MANY_REQUESTS, "person {n} has another budget by a forged header: {second}");
    }
    Ok(())
}

/// A poll waits through the proxy until something is said, and a large file passes in both directions.
async fn polls_and_files_pass(server: &Server, url: &str) -> Result<()> {
    let alice = Person::sign_up(server, "alice").await?.through(url);
    let bob = Person::sign_up(server, "bob").await?.through(url);
    let room = alice.create_room(json!({ "preset": "public_chat" })).await?;
    bob.demand(Method::POST, &format!("v3/join/{room}"), Some(json!({}))).await?;
    let since = bob.demand(Method::GET, "v3/sync", None).await?["next_batch"].as_str().context("a token")?.to_owned();
    let path = format!("v3/sync?since={since}&timeout=60000");
    let (polled, sent) = tokio::join!(bob.demand(Method::GET, &path, None), async {
        tokio::time::sleep(SILENCE).await;
        alice.send(&room, "said").await
    });
    let (polled, sent) = (polled?, sent?);
    let events = polled["rooms"]["join"][&room]["timeline"]["events"].as_array().context("a timeline")?;
    ensure!(events.iter().any(|event| event["event_id"] == sent.as_str()), "{polled}");

    let file: Vec<u8> = (0..FILE_BYTES).map(|n| (n % 251) as u8).collect();
    let client = Client::new();
    let upload = client.post(format!("{url}/_matrix/media/v3/upload")).bearer_auth(&alice.token);
    let uploaded: Value = upload.body(file.clone()).send().await?.error_for_status()?.json().await?;
    let address = uploaded["content_uri"].as_str().and_then(|uri| uri.strip_prefix("mxc://")).context("an address")?;
    let download = client.get(format!("{url}/_matrix/client/v1/media/download/{address}")).bearer_auth(&bob.token);
    ensure!(download.send().await?.error_for_status()?.bytes().await? == file, "the file came back another one");
    Ok(())
}

async fn check(start: fn(&Server) -> Result<Proxy>) -> Result<()> {
    let settings =
        [("HEARTH_TRUSTED_PROXIES", "127.0.0.1"), ("HEARTH_RATE_LIMITS", "on"), ("HEARTH_LOGINS_PER_MINUTE", "1")];
    let server = Server::start(&settings)?;
    let proxy = start(&server)?;
    everybody_has_a_budget(&proxy.url().await?).await?;
    let server = Server::start(&[("HEARTH_TRUSTED_PROXIES", "127.0.0.1")])?;
    let proxy = start(&server)?;
    polls_and_files_pass(&server, &proxy.url().await?).await
}

#[tokio::test]
async fn behind_nginx_people_are_told_apart_and_polls_and_files_pass() -> Result<()> {
    check(Proxy::nginx).await
}

#[tokio::test]
async fn behind_haproxy_people_are_told_apart_and_polls_and_files_pass() -> Result<()> {
    check(Proxy::haproxy).await
}

#[tokio::test]
async fn behind_caddy_people_are_told_apart_and_polls_and_files_pass() -> Result<()> {
    check(Proxy::caddy).await
}
