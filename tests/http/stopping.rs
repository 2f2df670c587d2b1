//! An admin stops the server: whoever waits is answered, and nobody waits for whoever waits. The next one may start at once.

use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

/// Polls that wait while the server is stopped.
const POLLS: usize = 20;
/// As many of sliding sync: each is a connection, and a device has eight at most. One more would make the oldest start anew.
const SLIDING_POLLS: usize = 8;
/// Within this the server has ended, whatever is asked of it. A poll would wait for 30 s.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
const SLIDING: &str = "unstable/org.matrix.simplified_msc3575/sync";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_answered_when_the_server_stops() -> Result<()> {
    let mut server = Server::start(&[])?;
    let alice = Person::sign_up(&server, "alice").await?;
    let lists = json!({"lists": {"all": {"ranges": [[0, 9]], "required_state": [], "timeline_limit": 1}}});
    let since = alice.demand(Method::GET, "v3/sync?timeout=0", None).await?;
    let since = since["next_batch"].as_str().context("a token")?.to_owned();
    let mut polls = JoinSet::new();
    for _ in 0..POLLS {
        let (own, path) = (alice.clone(), format!("v3/sync?timeout=30000&since={since}"));
        polls.spawn(async move { own.demand(Method::GET, &path, None).await });
    }
    for number in 0..SLIDING_POLLS {
        let (own, mut lists) = (alice.clone(), lists.clone());
        lists["conn_id"] = json!(format!("c{number}"));
        polls.spawn(async move {
            let first = own.demand(Method::POST, &format!("{SLIDING}?timeout=0"), Some(lists.clone())).await?;
            let pos = first["pos"].as_str().context("a position")?;
            own.demand(Method::POST, &format!("{SLIDING}?timeout=30000&pos={pos}"), Some(lists)).await
        });
    }
    sleep(Duration::from_secs(1)).await;
    if let Some(early) = polls.try_join_next() {
        bail!("there is nothing to tell yet, and a poll was answered: {early:?}");
    }
    let began = Instant::now();
    server.stop()?;
    let took = began.elapsed();
    while let Some(answered) = polls.join_next().await {
        answered?.context("a poll")?;
    }
    ensure!(took < ENDS_WITHIN, "the server took {took:?} to end");
    Ok(())
}

#[tokio::test]
async fn who_starts_before_the_last_one_has_ended_waits_for_it() -> Result<()> {
    // A port of its own choice would hide that the first has it still.
    let stun = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let mut server = Server::start(&[("HEARTH_STUN_LISTEN", &stun)])?;
    let alice = Person::sign_up(&server, "alice").await?;
    // A request without its body is given as long as there is.
    let mut endless = TcpStream::connect(server.url.trim_start_matches("http://"))?;
    endless.write_all(b"POST /_matrix/client/v3/login HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n")?;
    server.hand_over()?;
    alice.at(&server).demand(Method::GET, "v3/account/whoami", None).await?;
    ensure!(server.errors().contains("waiting for it to end"), "it found the folder free: {}", server.errors());
    Ok(())
}
