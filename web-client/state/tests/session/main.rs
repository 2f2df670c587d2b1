//! The session machine in several tabs that share storage, the lead and the databases.

#![cfg(test)]

#[path = "../calls/random.rs"]
mod random;
mod simulation;
mod table;
mod world;
