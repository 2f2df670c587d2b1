//! The real binary as a child process on a loopback port, and people who talk to it over HTTP.
//!
//! `HEARTH_BIN` names the binary. Nothing in here knows the server's code.

mod people;
mod server;
mod wait;

pub use people::{Answer, PASSWORD, Person};
pub use server::Server;
pub use wait::until_nothing_is_missing;
