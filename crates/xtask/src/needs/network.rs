//! What tests across networks ask for: hosts of their own on this machine, behind routers that translate addresses.

use super::Need;

/// Programs that only root can use; without root those tests say that they are left out.
pub(crate) const NETWORK: &[Need] = &[
    Need::program("ip", "tests across networks make hosts with addresses of their own", &["iproute2"]),
    Need::program("nft", "the routers of those tests translate addresses", &["nftables"]),
    Need::program("sysctl", "the routers of those tests pass packets on", &["procps"]),
];
