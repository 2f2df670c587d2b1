//! How the memory that the server may take is shared out: one figure, and of it every bound of what is held for everybody. The shares
//! stand here and nowhere else; `budget.rs` holds their sum to the figure.

use engine::{MemoryBounds, PASSWORD_MEMORY_BYTES, UNIT_BYTES_MAX};

use crate::class::Class;

/// The least that works, bytes.
pub const MEMORY_BYTES_MIN: u64 = 192 << 20;
/// Into how many parts the memory is cut. At 256 MiB a part is half a MiB.
const PARTS: u64 = 512;
const MIB: u64 = 1 << 20;

/// How much memory a byte of a state takes that is weighed as JSON.
pub(crate) const PER_STATE_BYTE: u64 = 3;
/// How much memory a byte takes that was read of rows: what is made of it, and its JSON.
pub(crate) const PER_READ_BYTE: u64 = 3;
/// How much memory a byte of a decoded picture takes: itself, and up to three times as much for its decoder.
pub(crate) const PER_PICTURE_BYTE: u64 = 4;
/// What a connection takes, bytes: its buffers, and what a poll keeps that waits.
pub(crate) const CONNECTION_BYTES: u64 = 16 << 10;
/// What a thread for work that blocks takes, bytes: of its stack what it uses, and what the allocator keeps for it.
pub(crate) const THREAD_BYTES: u64 = 128 << 10;
/// Pictures beyond this are worked on one at a time, bytes.
pub(crate) const LARGE_PICTURE_BYTES: u64 = 32 << 20;

/// What a storage may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageMemory {
    /// Of rows that are to be written, bytes. The log holds them once, the views twice.
    pub write_buffer_bytes: usize,
    /// Of blocks for reading, bytes.
    pub block_cache_bytes: usize,
}

/// What each part of the server may hold in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// What the server may take in all, bytes.
    pub bytes: u64,
    /// What the engine holds.
    pub engine: MemoryBounds,
    /// What the storage of the log holds.
    pub log: StorageMemory,
    /// What the storage of the views holds.
    pub views: StorageMemory,
    /// Connections at once.
    pub connections: usize,
    /// Threads for work that blocks.
    pub blocking_threads: usize,
    /// Keys that have a bucket of their own, of each kind of rate limit.
    pub buckets: usize,
    /// Bytes of answers on their way, of which one person or address has a quarter.
    pub answers_bytes: usize,
    /// Bytes of what connections of sliding sync have told.
    pub sliding_bytes: usize,
    /// The largest decoded picture that a thumbnail is made of, bytes.
    pub picture_bytes: u64,
    /// Pictures that are worked on at once: one takes a core for as long as it takes.
    pub pictures_at_work: usize,
}

/// There is too little memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server may take {} MiB of memory, and the least that works is {} MiB", bytes / MIB, MEMORY_BYTES_MIN / MIB)]
pub struct TooLittleMemory {
    bytes: u64,
}

impl MemoryPlan {
    /// Shares out `bytes`.
    ///
    /// # Errors
    /// When that is less than [`MEMORY_BYTES_MIN`].
    pub fn of(bytes: u64) -> Result<Self, TooLittleMemory> {
        if bytes < MEMORY_BYTES_MIN { Err(TooLittleMemory { bytes }) } else { Ok(Self::share_out(bytes)) }
    }

    /// As much as makes a difference: for tests and tools.
    #[must_use]
    pub fn ample() -> Self {
        Self::share_out(64 << 30)
    }

    fn share_out(bytes: u64) -> Self {
        let share = |parts: u64, most: u64| (bytes / PARTS * parts).min(most);
        let number = |parts, each: u64, most: u64| size(share(parts, each * most) / each);
        // A quarter of them may wait for a long read, and as many of either kind of thread do what they wait for.
        let blocking_threads = number(10, THREAD_BYTES, 512);
        let (picture_bytes, pictures_at_work) = pictures(share(64, 768 * MIB));
        Self {
            bytes,
            engine: engine(share, blocking_threads),
            // Rows to be written fill their share for as long as there are any, an attack's as well as the calm's before it.
            log: StorageMemory { write_buffer_bytes: size(share(4, 16 * MIB)), block_cache_bytes: size(share(4, 32 * MIB)) },
            views: StorageMemory {
                write_buffer_bytes: size(share(4, 16 * MIB)),
                block_cache_bytes: size(share(8, 256 * MIB)),
            },
            connections: number(32, CONNECTION_BYTES, 100_000),
            blocking_threads,
            buckets: number(16, crate::limits::KEY_BYTES, 65_536),
            answers_bytes: size(share(40, 1 << 30)),
            sliding_bytes: size(share(8, 256 * MIB)),
            picture_bytes,
            pictures_at_work,
        }
    }

    /// Bytes of all bodies of a class that are held at once, whose requests are not answered yet; none where they are streamed. One
    /// person or address has a quarter of them, and the largest fits.
    #[must_use]
    pub fn bodies_bytes(&self, class: Class) -> Option<usize> {
        let (parts, most) = match class {
            Class::Public | Class::Profile | Class::RoomList | Class::Login | Class::Logout | Class::Download => (1, 16),
            Class::Read => (6, 64),
            // A poll of sliding sync holds its few kilobytes while it waits.
            Class::Sync | Class::Write => (6, 128),
            Class::Bulk => (12, 128),
            Class::Upload => return None,
        };
        Some(size((self.bytes / PARTS * parts).min(most * MIB)))
    }
}

fn engine(share: impl Fn(u64, u64) -> u64, blocking_threads: usize) -> MemoryBounds {
    let ample = MemoryBounds::AMPLE;
    let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let password = wide(PASSWORD_MEMORY_BYTES);
    MemoryBounds {
        lanes_bytes: share(12, ample.lanes_bytes * PER_STATE_BYTE) / PER_STATE_BYTE,
        queued_bytes: size(share(40, wide(ample.queued_bytes))).max(UNIT_BYTES_MAX),
        held_bytes: size(share(4, wide(ample.held_bytes))),
        presence_bytes: size(share(4, wide(ample.presence_bytes))),
        typing_members: size(share(4, wide(ample.typing_members) * TYPING_MEMBER_BYTES) / TYPING_MEMBER_BYTES),
        long_reads: (blocking_threads / 4).min(ample.long_reads),
        read_bytes: size(share(40, wide(ample.read_bytes) * PER_READ_BYTE) / PER_READ_BYTE),
        passwords: size(share(38, password * wide(ample.passwords)) / password).max(1),
    }
}

/// What a member takes who is told when typing ends, bytes: the longest user id, and what is around it.
pub(crate) const TYPING_MEMBER_BYTES: u64 = 255 + 64;

/// The largest decoded picture, and how many are worked on at once, for so many bytes of memory.
fn pictures(bytes: u64) -> (u64, usize) {
    let small = PER_PICTURE_BYTE * LARGE_PICTURE_BYTES;
    // A second one only where that does not make the largest smaller.
    let one = (bytes / PER_PICTURE_BYTE).min(2 * LARGE_PICTURE_BYTES);
    let beside_another = bytes.saturating_sub(small) / PER_PICTURE_BYTE;
    if beside_another < 2 * LARGE_PICTURE_BYTES { (one, 1) } else { (beside_another, 2) }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_request_may_be_works_with_the_least_memory_too() {
        assert!(MemoryPlan::of(MEMORY_BYTES_MIN - 1).is_err());
        for bytes in [MEMORY_BYTES_MIN, 256 * MIB, 1 << 30, 64 << 30] {
            let plan = MemoryPlan::of(bytes).unwrap();
            for class in Class::ALL {
                assert!(plan.bodies_bytes(class) >= class.body_bytes_max(), "{class:?} at {bytes}");
            }
            assert!(plan.engine.queued_bytes >= UNIT_BYTES_MAX);
            assert!(plan.picture_bytes >= 4 << 20, "a picture of a million pixels");
            let blocked = plan.engine.long_reads + plan.engine.passwords + plan.pictures_at_work;
            assert!(plan.blocking_threads > 2 * blocked, "media finds a thread");
        }
    }

    #[test]
    fn more_memory_never_means_less_of_anything() {
        let plans = (0..80).map(|n| MemoryPlan::of(MEMORY_BYTES_MIN + n * 777 * MIB).unwrap());
        let plans: Vec<_> = plans.collect();
        for pair in plans.windows(2) {
            let [less, more] = pair else { panic!("two") };
            assert!(less.picture_bytes <= more.picture_bytes && less.connections <= more.connections);
            assert!(less.engine.read_bytes <= more.engine.read_bytes && less.engine.passwords <= more.engine.passwords);
        }
        assert_eq!(plans.last().map(|plan| plan.engine), Some(MemoryBounds::AMPLE));
    }
}
