//! The address that people have: whether its name is known, and whether it leads here.

use std::net::SocketAddr;

use config::Config;
use url::Url;

use super::{ask, finding::Finding};

const CHECK: &str = "address";

/// Nothing where the server has no address of its own.
pub(super) async fn look(config: &Config) -> Option<Finding> {
    let address = config.server.public_url.as_deref()?;
    let url = Url::parse(address).ok();
    let Some((host, port)) = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?))) else {
        return Some(Finding::fail(
            CHECK,
            format!("{address} is not an address."),
            "Mend server.public_url (HEARTH_PUBLIC_URL).",
        ));
    };
    Some(match ask::resolve(host, port).await {
        Err(error) => Finding::fail(
            CHECK,
            format!("The name {host} is not known here: {error:#}."),
            "Add an A or AAAA record for it where the domain was bought, with this machine's address as it is seen from outside. That can take an hour.",
        ),
        Ok(addresses) => reached(address, &addresses).await,
    })
}

async fn reached(address: &str, addresses: &[SocketAddr]) -> Finding {
    let mut refused = Vec::new();
    for at in addresses {
        match ask::connect(*at).await {
            Ok(_) => return Finding::ok(CHECK, format!("{address} leads to {at}, where somebody listens.")),
            Err(error) => refused.push(format!("{at}: {error:#}")),
        }
    }
    Finding::warn(
        CHECK,
        format!("{address} cannot be reached from here ({}).", refused.join("; ")),
        "If it cannot be reached from a telephone without Wi-Fi either: forward the port in the router, open it in the firewall, and see that the proxy runs.",
    )
}
