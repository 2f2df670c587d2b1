//! The call machine with both sides wired to each other: a fake browser for each device, a fake server between them.

#![cfg(test)]

mod browser;
mod buttons;
mod every_button;
mod legacy;
mod paths;
mod random;
mod simulation;
mod table;
mod wire;
mod world;
