//! Snapshots of lanes under hard conditions: random histories of a room with redactions and crashes, rows that were damaged
//! or are of another time, and what was redacted.

#[path = "snapshots/forgotten.rs"]
mod forgotten;
#[path = "snapshots/histories.rs"]
mod histories;
#[path = "snapshots/house.rs"]
mod house;
#[path = "snapshots/passed_over.rs"]
mod passed_over;
