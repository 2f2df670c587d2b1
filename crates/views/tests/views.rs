//! Views folded from facts: what they answer, and that folding is the same however the facts are grouped.

#[path = "views/accounts.rs"]
mod accounts;
#[path = "views/data.rs"]
mod data;
#[path = "views/folded.rs"]
mod folded;
#[path = "views/receipts.rs"]
mod receipts;
