//! Views folded from facts: what they answer, and that folding is the same however the facts are grouped.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly, also in its helpers")]

#[path = "views/accounts.rs"]
mod accounts;
#[path = "views/agree.rs"]
mod agree;
#[path = "views/data.rs"]
mod data;
#[path = "views/deeds.rs"]
mod deeds;
#[path = "views/facts.rs"]
mod facts;
#[path = "views/folded.rs"]
mod folded;
#[path = "views/house.rs"]
mod house;
#[path = "views/inbox.rs"]
mod inbox;
#[path = "views/invites.rs"]
mod invites;
#[path = "views/lane.rs"]
mod lane;
#[path = "views/ledger.rs"]
mod ledger;
#[path = "views/receipts.rs"]
mod receipts;
#[path = "views/threads.rs"]
mod threads;
#[path = "views/told.rs"]
mod told;
#[path = "views/windows.rs"]
mod windows;
#[path = "views/woken.rs"]
mod woken;
