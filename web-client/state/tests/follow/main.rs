//! Tabs that follow one that leads, in a browser where any of them goes at any time.

#![cfg(test)]

#[path = "../calls/random.rs"]
mod random;
mod simulation;
mod table;
mod world;
