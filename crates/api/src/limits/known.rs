//! From where people use their accounts: those addresses are not strangers to the account.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::client_address::ClientAddress;

/// Addresses that are kept of one account, the last used ones.
const ADDRESSES_MAX: usize = 8;
/// How long an address stays known after its last use.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The addresses from which sessions of each account were used lately. In memory only, as keyed hashes. Only requests with
/// a valid token put something in, and only into what is kept of their own account.
pub(super) struct KnownAddresses {
    hasher: RandomState,
    accounts: Mutex<HashMap<u64, Vec<Use>>>,
    /// With more, those whose last use is longest ago go.
    accounts_max: usize,
}

/// The last use of an account from one address.
struct Use {
    address: u64,
    at: Instant,
}

impl KnownAddresses {
    /// None yet, and never those of more accounts.
    pub(super) fn new(accounts_max: usize) -> Self {
        Self { hasher: RandomState::new(), accounts: Mutex::default(), accounts_max }
    }

    /// Notes that a session of `account` was used from `address`.
    pub(super) fn note(&self, account: &str, address: ClientAddress, now: Instant) {
        let (account, address) = (self.hasher.hash_one(account), self.hasher.hash_one(address));
        let mut accounts = self.accounts.lock();
        if !accounts.contains_key(&account) && accounts.len() >= self.accounts_max {
            drop_older_half(&mut accounts);
        }
        let uses = accounts.entry(account).or_default();
        if let Some(known) = uses.iter_mut().find(|known| known.address == address) {
            known.at = now;
            return;
        }
        if uses.len() >= ADDRESSES_MAX
            && let Some((oldest, _)) = uses.iter().enumerate().min_by_key(|(_, known)| known.at)
        {
            uses.swap_remove(oldest);
        }
        uses.push(Use { address, at: now });
    }

    /// Whether a session of `account` was used from `address` lately.
    pub(super) fn is_known(&self, account: &str, address: ClientAddress, now: Instant) -> bool {
        let (account, address) = (self.hasher.hash_one(account), self.hasher.hash_one(address));
        let accounts = self.accounts.lock();
        let mut uses = accounts.get(&account).into_iter().flatten();
        uses.any(|known| known.address == address && now.saturating_duration_since(known.at) < KNOWN_FOR)
    }
}

/// Makes room. Half at once, so that not every new account has all of them read.
fn drop_older_half(accounts: &mut HashMap<u64, Vec<Use>>) {
    let last_use = |uses: &[Use]| uses.iter().map(|known| known.at).max();
    let mut times: Vec<_> = accounts.values().map(|uses| last_use(uses)).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().flatten();
    accounts.retain(|_, uses| last_use(uses) > median);
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const ACCOUNTS_MAX: usize = 50_000;

    fn address(number: u32) -> ClientAddress {
        ClientAddress::from(IpAddr::from(number.to_be_bytes()))
    }

    #[test]
    fn the_last_addresses_of_an_account_are_known_for_a_while() {
        let (known, alice, start) = (KnownAddresses::new(ACCOUNTS_MAX), "@alice:h", Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        (1..=9).for_each(|n| known.note(alice, address(n), after(n.into())));
        assert!(!known.is_known(alice, address(1), after(10)), "the oldest made room");
        assert!((2..=9).all(|n| known.is_known(alice, address(n), after(10))));
        assert!(!known.is_known("@bob:h", address(9), after(10)), "it is known to one account only");
        assert!(!known.is_known(alice, address(9), after(9) + KNOWN_FOR));
    }

    #[test]
    fn many_accounts_push_out_those_not_used_for_longest() {
        let (known, alice, start) = (KnownAddresses::new(ACCOUNTS_MAX), "@alice:h", Instant::now());
        for n in 0..u32::try_from(ACCOUNTS_MAX).unwrap() {
            known.note(&format!("@u{n}:h"), address(n), start + Duration::from_millis(n.into()));
        }
        let last = start + Duration::from_secs(100);
        known.note(alice, address(1), last);
        assert!(known.accounts.lock().len() <= ACCOUNTS_MAX / 2 + 1);
        let newest = format!("@u{}:h", ACCOUNTS_MAX - 1);
        assert!(known.is_known(alice, address(1), last));
        assert!(known.is_known(&newest, address(u32::try_from(ACCOUNTS_MAX - 1).unwrap()), last));
    }
}
