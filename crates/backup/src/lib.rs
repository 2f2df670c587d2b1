//! Backups of a log, its keys and its media into a folder or a bucket, each one a manifest over files that all of them share, and what is needed to
//! make a data folder of one again. Knows nothing of Matrix; `docs/operations/backup-and-restore.md` says what is where.
//!
//! [`make`] writes a backup, [`Backup`] is one that is there, [`prune`] removes old ones.

pub mod age;
mod fault;
mod file;
mod folder;
mod hex;
mod make;
mod manifest;
mod open;
mod prune;
mod store;

pub use fault::Fault;
pub use folder::Folder;
pub use make::{LeftOut, Made, MediaSource, Options, Source, Step, make};
pub use manifest::{Manifest, MediaPart, Part, Records};
pub use open::Backup;
pub use prune::{Pruned, prune};
pub use store::{Listed, Store};
