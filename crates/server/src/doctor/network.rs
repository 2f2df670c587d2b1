//! Whether the server answers where it should.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use config::{Config, STUN_PORT, StunListen};
use engine::{Engine, Status};
use hyper::StatusCode;
use serde_json::Value;

use super::{
    ask::{self, Unreached},
    finding::Finding,
};
use crate::stun::probe;

/// What the server says of itself, and to whom it answers STUN.
pub(super) async fn look(config: &Config, is_in_use: bool) -> Vec<Finding> {
    let mut found = vec![server(config.server.listen, is_in_use).await];
    found.extend(stun(config.calls.stun_listen.as_ref(), is_in_use).await);
    found
}

/// What the server that runs here says of itself.
pub(super) fn look_from_inside(engine: &Engine) -> Option<Finding> {
    let health = engine.health().ok()?;
    let status = match health.status {
        Status::Ok | Status::Degraded => StatusCode::OK,
        Status::CatchingUp | Status::Failing => StatusCode::SERVICE_UNAVAILABLE,
    };
    Some(judge_health(status, &serde_json::to_value(&health).ok()?))
}

async fn server(listen: SocketAddr, is_in_use: bool) -> Finding {
    const CHECK: &str = "server";
    let address = from_here(listen);
    let answer = match ask::get(address, "localhost", "/health").await {
        Ok(answer) => answer,
        Err(error) if error.is::<Unreached>() && is_in_use => {
            return Finding::fail(
                CHECK,
                format!("A server has the data folder, and none answers on {address}."),
                "It listens elsewhere: run this with the settings that it has (--config, or its environment).",
            );
        }
        Err(error) if error.is::<Unreached>() => {
            return Finding::warn(
                CHECK,
                format!("No server runs on {address}."),
                "Start it: `hearth serve`, or `docker compose up --detach`.",
            );
        }
        Err(error) => return another(address, &format!("{error:#}")),
    };
    let (status, body) = answer;
    match serde_json::from_slice::<Value>(&body).ok().filter(|health| health.get("log_head").is_some()) {
        None => another(address, &format!("it answers {status}")),
        Some(health) => judge_health(status, &health),
    }
}

fn another(address: SocketAddr, what: &str) -> Finding {
    Finding::fail(
        "server",
        format!("What listens on {address} is not Hearth ({what})."),
        "Stop that, or give Hearth another port: server.listen (HEARTH_LISTEN).",
    )
}

fn judge_health(status: StatusCode, health: &Value) -> Finding {
    const CHECK: &str = "server";
    let text = |key: &str| health.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let word = text("status").unwrap_or_default();
    let head = text("log_head").unwrap_or_default();
    match word.as_str() {
        "ok" if status.is_success() => Finding::ok(CHECK, format!("It serves; the log is at record {head}.")),
        "degraded" => Finding::warn(
            CHECK,
            "It serves, and some records do not read; they were folded as nothing.",
            "`hearth log stat` names them. Tell the developers: an update may read them.",
        ),
        "catching_up" => Finding::warn(
            CHECK,
            format!("It is folding the log: {} of {head} records.", text("views_position").unwrap_or_default()),
            "Wait; it serves when that is done.",
        ),
        _ => Finding::fail(
            CHECK,
            format!("It runs and serves nobody: {}.", text("fold_fault").unwrap_or_else(|| format!("it answers {status}"))),
            "Start it again; if that does not help, `hearth log replay` folds everything anew at the next start.",
        ),
    }
}

/// Whether STUN is answered where it should be; `runs` if a server runs.
pub(super) async fn stun(listen: Option<&StunListen>, runs: bool) -> Vec<Finding> {
    const CHECK: &str = "stun";
    let port = |port| vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))];
    let addresses = match listen {
        Some(StunListen::Off) => return vec![Finding::ok(CHECK, "Switched off.")],
        // Nobody can tell which port such a server has found.
        Some(StunListen::Port(0)) => return Vec::new(),
        Some(StunListen::Port(chosen)) => port(*chosen),
        Some(StunListen::Addresses(addresses)) => {
            addresses.iter().filter(|at| at.port() != 0).map(|at| from_here(*at)).collect()
        }
        None => port(STUN_PORT),
    };
    let mut found = Vec::new();
    for address in addresses {
        found.push(stun_at(address, runs).await);
    }
    found
}

async fn stun_at(address: SocketAddr, runs: bool) -> Finding {
    const CHECK: &str = "stun";
    let (question, transaction) = probe::question();
    match ask::by_datagram(address, &question).await {
        Ok(answer) if probe::is_answer(&answer, &transaction) => {
            Finding::ok(CHECK, format!("It answers on {address} (UDP)."))
        }
        Ok(_) => Finding::fail(
            CHECK,
            format!("What answers on {address} (UDP) is not STUN."),
            "Give it another port: calls.stun_listen (HEARTH_STUN_LISTEN).",
        ),
        Err(_) if !runs => Finding::ok(CHECK, "No server runs, so none answers."),
        Err(error) => Finding::fail(
            CHECK,
            format!("Nobody answers on {address} (UDP): {error:#}."),
            "Calls between networks may not connect. Open the port in the firewall, publish it (UDP) if this is a container, or set calls.stun_listen (HEARTH_STUN_LISTEN).",
        ),
    }
}

/// Where this machine reaches what listens on an address; "every address" is also this one.
fn from_here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
