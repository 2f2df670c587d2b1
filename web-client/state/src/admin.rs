//! What admins see of people and of the server, and what everybody reads in the ledger. The endpoints are this server's own
//! (`docs/operations/admin.md`); the answers that the tests read are those that the server's own tests compare with.

mod act;
mod erasure;
mod growth;
mod invite;
mod ledger;
mod pages;
mod person;
mod server;
#[cfg(test)]
mod tests;
mod verification;

pub use act::Act;
pub use erasure::{Erasure, ErasureState};
pub use growth::{Growth, growth};
pub use invite::{Invite, Invites, MadeLink};
pub use ledger::{Entry, Ledger};
pub use pages::{Paged, take_page};
pub use person::{Device, Devices, People, Person};
pub use server::{Backups, Checkpoint, Day, Finding, Log, Outcome, Record, Records, Rehearsal, Server, Storage};
pub use verification::{State, Verification};

/// The name of an account as it is said to those who have accounts on the same server: "alice" for `@alice:example.org`.
pub fn short(user_id: &str) -> &str {
    let name = user_id.strip_prefix('@').unwrap_or(user_id);
    name.split_once(':').map_or(name, |(name, _)| name)
}

/// "1 device", "3 devices".
pub fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// "1,234,567".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
