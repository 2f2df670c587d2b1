//! The API as a client sees it: requests against the router, over an engine with its log and rows in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod budgets;
mod closing;
mod corner;
mod door;
mod effects;
mod erasing;
mod expiry;
mod fake_host;
mod faults;
mod foreign;
mod http;
mod ignored;
mod inbox;
mod interactive;
mod invites;
mod ledger;
mod limits;
mod locks;
mod mail;
mod media;
mod mending;
mod outsiders;
mod own_writes;
mod paged;
mod parked;
mod reads;
mod refresh;
mod registration;
mod reset;
mod retention;
mod rooms;
mod rooms_refused;
mod sessions;
mod strangers;
mod waiting;
