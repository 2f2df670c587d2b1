//! A program around the API that says what tests know.

use std::sync::atomic::{AtomicU32, Ordering};

use api::{
    Backups, Day, Finding, Host, HostFault, LogStanding, Rehearsal, Standing, Storage, ToldCheckpoint, ToldRecord,
    Verification, VerificationState,
};

/// Says the same each time, but of a verification that it has been asked for.
#[derive(Default)]
pub(crate) struct FakeHost {
    begun: AtomicU32,
}

#[async_trait::async_trait]
impl Host for FakeHost {
    async fn standing(&self) -> Standing {
        let finding = |check, outcome, found: &str, fix: Option<&str>| Finding {
            check,
            outcome,
            found: found.to_owned(),
            fix: fix.map(ToOwned::to_owned),
        };
        Standing {
            version: "1.2.3".to_owned(),
            started_at_ms: 1_700_000_000_000,
            findings: vec![
                finding("disk", "ok", "4096 MiB are free.", None),
                finding("sign-up", "warn", "Anybody can make an account.", Some("Set registration.mode.")),
            ],
            storage: Storage { log_bytes: 1_000, views_bytes: 2_000, disk_free_bytes: Some(4 << 30) },
            backups: Some(Backups {
                every_hours: 24,
                last_at_ms: Some(1_700_000_000_000),
                bytes: Some(5_000),
                has_failed: false,
                rehearsal: Some(Rehearsal { at_ms: 1_700_000_000_000, has_passed: true }),
            }),
        }
    }

    async fn log(&self) -> Result<LogStanding, HostFault> {
        Ok(LogStanding {
            origin: "h".to_owned(),
            verifier_key: "h+01234567+AAAA".to_owned(),
            records: 7,
            head: 9,
            checkpoint: Some(ToldCheckpoint { at_ms: 1_700_000_000_000, records: 6 }),
            by_day: vec![
                Day { begins_at_ms: 1_699_833_600_000, records: 2 },
                Day { begins_at_ms: 1_699_920_000_000, records: 5 },
            ],
        })
    }

    async fn records(&self, after: Option<u64>) -> Result<Vec<ToldRecord>, HostFault> {
        if after == Some(666) {
            return Err(HostFault("a disk that is broken".to_owned()));
        }
        let record = |position, kind: &str| ToldRecord { position, at_ms: 1_700_000_000_000, kind: kind.to_owned() };
        let all = [record(8, "session.opened"), record(9, "room.pdu_added")];
        Ok(all.into_iter().filter(|record| after.is_none_or(|after| record.position > after)).collect())
    }

    fn verification(&self) -> Verification {
        if self.begun.load(Ordering::SeqCst) == 0 {
            return Verification::default();
        }
        Verification {
            state: VerificationState::Running,
            began_at_ms: Some(1_700_000_000_000),
            records: 3,
            records_total: Some(7),
            ..Verification::default()
        }
    }

    fn verify(&self) -> Verification {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.verification()
    }
}
