//! How fast the log grows, as far as it can be told from how many records there were on which day. Uploads are not in it: nobody counts
//! them by day.

use super::{Log, Storage, server::Day};
use crate::files::size_in_words;

/// Days over which it is taken: whole ones, before today.
const DAYS: usize = 7;

/// How fast it grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Bytes a day.
    pub day_bytes: u64,
    /// Days until the disk is full at this pace; nothing where that is further off than a hundred years, or not known.
    pub days_left: Option<u64>,
}

impl Growth {
    /// In words: "About 1.4 MB a day".
    pub fn words(&self) -> String {
        let pace = format!("About {} a day", size_in_words(self.day_bytes));
        match self.days_left {
            None => pace,
            Some(days @ 0..=60) => format!("{pace}; the disk is full in {days} days"),
            Some(days @ 61..=730) => format!("{pace}; the disk lasts {} months", days / 30),
            Some(days) => format!("{pace}; the disk lasts {} years", days / 365),
        }
    }
}

/// By the last seven days before today; nothing for a log that had no records then.
pub fn growth(log: &Log, storage: &Storage) -> Option<Growth> {
    let (_today, before) = log.by_day.split_last()?;
    let days = before.iter().rev().take(DAYS);
    let (count, records) = days.fold((0_u64, 0_u64), |(count, sum), Day { records, .. }| (count + 1, sum + records));
    if records == 0 || log.records == 0 {
        return None;
    }
    let all = u128::from(storage.log_bytes) * u128::from(records);
    let day_bytes = u64::try_from(all / (u128::from(log.records) * u128::from(count))).unwrap_or(u64::MAX).max(1);
    let days_left = storage.disk_free_bytes.map(|free| free / day_bytes).filter(|days| *days <= 36_500);
    Some(Growth { day_bytes, days_left })
}
