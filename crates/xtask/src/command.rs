//! The commands, one file each.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod compose;
pub(crate) mod deps;
pub(crate) mod format;
pub(crate) mod fuzz;
pub(crate) mod generate;
pub(crate) mod hook;
pub(crate) mod release;
pub(crate) mod rocksdb;
pub(crate) mod run;
pub(crate) mod sim;
pub(crate) mod skeleton;
pub(crate) mod soak;
pub(crate) mod test;
pub(crate) mod tidy;
pub(crate) mod web;
