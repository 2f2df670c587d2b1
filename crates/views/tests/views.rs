//! Views folded from facts: what they answer, and that folding is the same however the facts are grouped.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, also in its helpers")]

#[path = "views/accounts.rs"]
mod accounts;
#[path = "views/data.rs"]
mod data;
#[path = "views/folded.rs"]
mod folded;
#[path = "views/receipts.rs"]
mod receipts;
#[path = "views/woken.rs"]
mod woken;
