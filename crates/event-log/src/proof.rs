//! A proof that one record is in the log, as a text that anybody can check: [C2SP tlog-proof](https://c2sp.org/tlog-proof).

use std::fmt::Write as _;

use crate::codec::base64;
use crate::fault::LogFault;
use crate::keeper::TreeKeeper;
use crate::record::Position;

/// The first line of a proof.
const FORMAT: &str = "c2sp.org/tlog-proof@v1";

/// Why a record cannot be proven.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// There is no record at the position.
    #[error("there is no record {0}")]
    NoRecord(Position),
    /// The newest checkpoint was signed before the record was written.
    #[error(
        "record {0} is newer than the newest checkpoint; one is signed every 10,000 records, when the \
             server stops, and when a running server is asked for one"
    )]
    NotCovered(Position),
    /// The log cannot be read.
    #[error(transparent)]
    Storage(#[from] LogFault),
}

impl TreeKeeper {
    /// Proves that the record at `position` is in the newest checkpoint. The text holds the record's header (`extra`), its
    /// index from 0, the hashes from its leaf to the root, and the checkpoint. The leaf is the header hash of
    /// `docs/record-format.md`; the payload is held against the header's digest.
    ///
    /// # Errors
    /// As [`ProofError`] says.
    pub fn prove(&self, position: Position) -> Result<String, ProofError> {
        let record = self.reader().get(position)?.ok_or(ProofError::NoRecord(position))?;
        let checkpoint = self.last_checkpoint()?.ok_or(ProofError::NotCovered(position))?;
        let count = record.header.count;
        if count > checkpoint.size {
            return Err(ProofError::NotCovered(position));
        }
        let proof = self.prove_inclusion(checkpoint.size, count)?;
        let mut text = format!("{FORMAT}\nextra {}\nindex {}\n", base64(&record.header.encode()), count - 1);
        for hash in &proof.0 {
            // Writing to a string does not fail.
            let _ok = writeln!(text, "{}", base64(hash));
        }
        text.push('\n');
        text.push_str(&checkpoint.note);
        Ok(text)
    }
}
