//! Tests of the limit: one address asks without end, many addresses are made up.

use std::net::{IpAddr, Ipv4Addr};

use super::limit::Limit;

#[test]
fn an_address_is_answered_so_often_and_others_still_are() {
    let limit = Limit::new(true);
    let [flooder, other]: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()];
    let answered = (0..10_000).filter(|_| limit.allows(flooder)).count();
    assert!((200..9_000).contains(&answered), "{answered} of 10,000 at once");
    assert!(limit.allows(other));
    assert!((0..10_000).all(|_| Limit::new(false).allows(flooder)));
}

#[test]
fn all_addresses_of_one_ipv6_subscriber_count_together() {
    let limit = Limit::new(true);
    let answered = (0..10_000_u32)
        .filter(|n| limit.allows(format!("2001:db8::{:x}:{:x}", n >> 8, n & 255).parse::<IpAddr>().unwrap()))
        .count();
    assert!(answered < 9_000, "{answered} of 10,000 at once");
}

#[test]
fn made_up_addresses_take_bounded_memory() {
    let limit = Limit::new(true);
    for n in 0..200_000_u32 {
        limit.allows(IpAddr::from(Ipv4Addr::from_bits(n.wrapping_mul(2_654_435_761))));
    }
    let buckets = limit.inner.as_ref().unwrap().buckets.len();
    assert!(buckets <= 65_536, "{buckets}");
}
