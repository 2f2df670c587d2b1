//! The commands, one file each.

pub(crate) mod build;
pub(crate) mod generate;
pub(crate) mod run;
pub(crate) mod sim;
pub(crate) mod tidy;
