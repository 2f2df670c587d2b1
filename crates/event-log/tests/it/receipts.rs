//! Receipts of erasures: what was signed is read back, and nothing else is.

use std::sync::Arc;

use event_log::{ErasedFor, MemoryBackend, Position, Receipt, ReceiptError, TreeKeeper};

use crate::support::{erase, key, log_of, unit};

fn tree() -> TreeKeeper {
    let backend = Arc::new(MemoryBackend::new());
    log_of(&backend, vec![unit("user:@a:h", &["a", "b"]), erase(&[2, 3])]).take().tree().clone()
}

fn erased(ended_at: u64) -> ErasedFor {
    ErasedFor {
        subject: "@a:h".to_owned(),
        asked_at: (Position(2), 1_700_000_000_000),
        ended_at: Position(ended_at),
        positions: vec![Position(2), Position(3)],
        purged_at_ms: 1_700_000_000_500,
    }
}

#[test]
fn a_receipt_says_what_was_signed() {
    let text = tree().receipt(&erased(4)).unwrap();
    let receipt = Receipt::open(&text).unwrap();
    assert_eq!((receipt.subject.as_str(), receipt.payloads, receipt.ended_at), ("@a:h", 2, Position(4)));
    assert_eq!(receipt.key, key().public().to_string());
    // SHA-256 of "2\n3\n".
    assert_eq!(receipt.positions_sha256, "/LnMMLDz5HFdAy86DOFY5Na+qMYYvaD10fFnMAoIe4o=", "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn no_changed_receipt_is_one() {
    let text = tree().receipt(&erased(4)).unwrap();
    let line = text.trim_end();
    for at in 0..line.len() {
        let mut changed = line.as_bytes().to_vec();
        changed[at] ^= 1;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(Receipt::open(&changed).is_err(), "{changed}");
        }
    }
    for (from, to) in [("\"payloads\":2", "\"payloads\":0"), ("@a:h", "@b:h")] {
        assert_eq!(Receipt::open(&line.replace(from, to)), Err(ReceiptError::Signature), "{from}");
    }
    for other in [&format!(" {line}"), &line.replace("\":", "\": "), &format!("{line}x"), "", "{}", &line[..line.len() - 1]]
    {
        assert!(matches!(Receipt::open(other), Err(ReceiptError::Shape(_))), "{other}");
    }
}

#[test]
fn what_no_checkpoint_covers_has_no_receipt() {
    assert!(tree().receipt(&erased(5)).is_err());
}
