//! How much the engine may hold in memory. Whoever starts it says so, because only they know what the whole process may take.

/// Bounds of what the engine holds for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryBounds {
    /// Bytes of the states of all lanes of one kind, as the JSON of their snapshots. Over it those that were not used for longest
    /// are dropped, until the others are within.
    pub lanes_bytes: u64,
    /// Bytes of the payloads of all units that are queued or on their way through the log and the views. One over is refused with
    /// [`SubmitError::Overloaded`](crate::SubmitError::Overloaded). The largest unit has to fit.
    pub queued_bytes: usize,
    /// Bytes of rows that are read with every request and stay in memory. Over it all are read anew.
    pub held_bytes: usize,
    /// Bytes of presence. Over it those who were active longest ago are forgotten.
    pub presence_bytes: usize,
    /// Members of all rooms that somebody types in, who are woken when it ends.
    pub typing_members: usize,
    /// Long reads that go on at once; one more waits for its turn.
    pub long_reads: usize,
    /// Bytes of rows that all long reads at work have read so far. Over it a read is refused.
    pub read_bytes: usize,
    /// Passwords that are hashed at once.
    pub passwords: usize,
}

impl MemoryBounds {
    /// More makes nothing faster: for machines with enough memory, tests and tools.
    pub const AMPLE: Self = Self {
        lanes_bytes: 128 << 20,
        queued_bytes: 256 << 20,
        held_bytes: 16 << 20,
        presence_bytes: 32 << 20,
        typing_members: 250_000,
        // More than processors, because some wait for the disk.
        long_reads: 16,
        read_bytes: 512 << 20,
        passwords: 2,
    };
}
