//! What tests of several crates need: a clock and randomness that a seed decides, a log that fails on demand, a server in
//! this process, and devices with real keys. Not for the server itself.

mod blobs;
mod clock;
mod entropy;
mod faulty;
mod faulty_rows;
mod keys;
mod node;
mod strike;

pub use blobs::MemoryBlobs;
pub use clock::FakeClock;
pub use entropy::SeededEntropy;
pub use faulty::{Blow, FaultyBackend};
pub use faulty_rows::{FaultyRows, HeldScans};
pub use keys::TestDevice;
pub use node::Node;
pub use strike::{Call, Strike, Strikes, Trouble};
// What a test says of the storage of rows.
pub use projection::{Remedy, RowStore};
