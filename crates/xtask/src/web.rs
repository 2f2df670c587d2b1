//! Making what a browser loads out of what the compiler wrote.

pub(crate) mod build;
pub(crate) mod compress;
pub(crate) mod pack;
pub(crate) mod size;
