//! Backups in a bucket: a [`backup::Store`] that speaks S3, which Amazon, most who rent out disks, and MinIO, Garage or Ceph at home understand.
//!
//! Everything waits: it is for processes that do nothing else, and for threads that may block.

mod address;
mod bucket;
mod connection;
mod words;

pub use address::{Access, Address, NotAnAddress};
pub use bucket::Bucket;
