//! The real binary over HTTP.

mod bad_input;
mod crash;
mod privacy;
