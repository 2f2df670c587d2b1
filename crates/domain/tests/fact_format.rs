//! The format of facts is public: golden payloads of every kind and version in `tests/golden/facts/` are read, written
//! again, and changed at random. A golden file is never edited: `docs/facts.md` says what to do instead.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, also in its helpers")]

#[path = "fact_format/files.rs"]
mod files;
#[path = "fact_format/golden.rs"]
mod golden;
#[path = "fact_format/mutated.rs"]
mod mutated;
