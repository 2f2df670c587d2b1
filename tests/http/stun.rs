//! STUN over real sockets, and that clients are told exactly what answers.

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::{Person, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// Loopback answers within microseconds; a busy machine may take longer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
const TRANSACTION: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

fn request() -> Vec<u8> {
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend(TRANSACTION);
    request
}

/// Asks `server` from `socket` and returns the address in the answer.
fn ask(socket: &UdpSocket, server: SocketAddr) -> Result<SocketAddr> {
    socket.set_read_timeout(Some(ANSWER_MAX))?;
    socket.send_to(&request(), server)?;
    let mut bytes = [0; 600];
    let (count, from) = socket.recv_from(&mut bytes).with_context(|| format!("no answer from {server}"))?;
    ensure!(from == server, "{server} was asked and {from} answered");
    mapped(&bytes[..count])
}

/// The XOR-MAPPED-ADDRESS of a success that has nothing else in it (RFC 8489, section 14.2).
fn mapped(reply: &[u8]) -> Result<SocketAddr> {
    ensure!(reply.len() >= 32 && reply[..2] == [1, 1] && reply[4..20] == request()[4..20], "no success: {reply:02x?}");
    ensure!(reply[20..22] == [0, 0x20], "no address: {reply:02x?}");
    let unmixed = |bytes: &[u8]| -> Vec<u8> { bytes.iter().zip(&request()[4..]).map(|(a, b)| a ^ b).collect() };
    let port = unmixed(&reply[26..28]);
    let ip: IpAddr = match reply[25] {
        1 => <[u8; 4]>::try_from(unmixed(&reply[28..32]).as_slice())?.into(),
        2 => <[u8; 16]>::try_from(unmixed(reply.get(28..44).context("too short")?).as_slice())?.into(),
        other => anyhow::bail!("family {other}: {reply:02x?}"),
    };
    Ok(SocketAddr::new(ip, u16::from_be_bytes([port[0], port[1]])))
}

/// Seconds since the epoch.
#[expect(clippy::disallowed_methods, reason = "a password that is good for a time is compared with the time outside")]
fn now_s() -> Result<u64> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs())
}

/// What somebody is told about servers for calls.
async fn turn_server(server: &Server) -> Result<Value> {
    Person::sign_up(server, "alice").await?.demand(Method::GET, "v3/voip/turnServer", None).await
}

#[tokio::test]
async fn clients_are_told_where_stun_answers_on_both_versions_of_ip() -> Result<()> {
    let server = Server::start(&[("HEARTH_STUN_LISTEN", "0")])?;
    let told = turn_server(&server).await?;
    let uris = told["uris"].as_array().context("addresses")?;
    ensure!(uris.len() == 1, "{told}");
    let port: u16 = uris[0].as_str().and_then(|uri| uri.strip_prefix("stun:127.0.0.1:")).context("a port")?.parse()?;
    ensure!(told["ttl"] == 86_400, "{told}");
    let v4 = UdpSocket::bind("127.0.0.1:0")?;
    ensure!(ask(&v4, SocketAddr::from(([127, 0, 0, 1], port)))? == v4.local_addr()?);
    // Malformed datagrams in between are passed over.
    for garbage in [&b""[..], b"x", b"GET / HTTP/1.1\r\n\r\n", &request()[..19], &[0xff; 500]] {
        v4.send_to(garbage, SocketAddr::from(([127, 0, 0, 1], port)))?;
    }
    ensure!(ask(&v4, SocketAddr::from(([127, 0, 0, 1], port)))? == v4.local_addr()?);
    // Another of the machine's addresses: the answer comes from there.
    ensure!(ask(&v4, SocketAddr::from(([127, 0, 0, 2], port)))? == v4.local_addr()?);
    match UdpSocket::bind("[::1]:0") {
        Ok(v6) => ensure!(ask(&v6, SocketAddr::new("::1".parse()?, port))? == v6.local_addr()?),
        Err(error) => println!("SKIPPED: STUN over IPv6, this machine has no ::1 ({error})"),
    }
    Ok(())
}

#[tokio::test]
async fn a_taken_port_that_was_asked_for_is_refused_in_words() -> Result<()> {
    let held = UdpSocket::bind("127.0.0.1:0")?;
    let address = held.local_addr()?.to_string();
    let Err(refusal) = Server::start(&[("HEARTH_STUN_LISTEN", &address)]) else { anyhow::bail!("it started") };
    let said = format!("{refusal:#}");
    ensure!(said.contains(&format!("cannot answer STUN on {address}")), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_taken_default_port_costs_a_warning() -> Result<()> {
    // Whoever has it already serves as well.
    let _held = UdpSocket::bind("0.0.0.0:3478");
    let server = Server::start(&[("HEARTH_STUN_LISTEN", "")])?;
    ensure!(turn_server(&server).await? == json!({}), "an address that does not answer is given out");
    ensure!(server.errors().contains("does not answer STUN"), "no warning: {}", server.errors());
    Ok(())
}

#[tokio::test]
async fn off_is_off_and_an_admin_s_own_servers_are_given_out() -> Result<()> {
    let relay = "turn:turn.example.org:3478?transport=udp";
    let server = Server::start(&[
        ("HEARTH_STUN_LISTEN", "off"),
        ("HEARTH_TURN_URIS", relay),
        ("HEARTH_TURN_SHARED_SECRET", "north"),
        ("HEARTH_TURN_TTL_S", "600"),
    ])?;
    let told = turn_server(&server).await?;
    ensure!(told["uris"] == json!([relay]) && told["ttl"] == 600, "{told}");
    let name = told["username"].as_str().context("a name")?;
    let until_s: u64 = name.strip_suffix(":@alice:localhost").context("whose name it is")?.parse()?;
    let now_s = now_s()?;
    ensure!((now_s + 500..=now_s + 600).contains(&until_s), "good until {until_s}, now is {now_s}");
    ensure!(told["password"].as_str().is_some_and(|password| password.len() == 28), "{told}");

    let server = Server::start(&[("HEARTH_STUN_LISTEN", "off")])?;
    ensure!(turn_server(&server).await? == json!({}));
    Ok(())
}

#[tokio::test]
async fn the_public_address_is_given_out_instead() -> Result<()> {
    for (variable, value, expected) in [
        ("HEARTH_STUN_PUBLIC_ADDRESS", "stun.example.org:3479", "stun:stun.example.org:3479"),
        ("HEARTH_PUBLIC_URL", "https://chat.example.org", "stun:chat.example.org:"),
    ] {
        let server = Server::start(&[(variable, value)])?;
        let told = turn_server(&server).await?;
        ensure!(told["uris"][0].as_str().is_some_and(|uri| uri.starts_with(expected)), "{variable}={value}: {told}");
    }
    Ok(())
}

#[tokio::test]
async fn who_floods_is_answered_less() -> Result<()> {
    let server = Server::start(&[("HEARTH_RATE_LIMITS", "on")])?;
    let told = turn_server(&server).await?;
    let address: SocketAddr =
        told["uris"][0].as_str().and_then(|uri| uri.strip_prefix("stun:")).context("an address")?.parse()?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut answered = 0;
    for _ in 0..40 {
        for _ in 0..50 {
            socket.send_to(&request(), address)?;
        }
        // One wait for each fifty, so that neither side's buffer overflows.
        while answered < 2_000 && socket.recv(&mut [0; 64]).is_ok() {
            answered += 1;
            socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        }
    }
    ensure!((100..1_500).contains(&answered), "{answered} of 2,000 were answered");
    Ok(())
}
