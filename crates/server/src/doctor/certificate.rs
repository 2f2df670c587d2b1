//! The certificate that the server shows, when it speaks HTTPS itself: whether there is one, and how long it is good.

use config::Config;
use event_log::{Clock as _, SystemClock};

use super::finding::Finding;
use crate::{
    certificates::{self, Kept},
    data_folder::DataFolder,
};

const CHECK: &str = "certificate";
const DAY_S: i64 = 24 * 60 * 60;
/// A certificate that nobody renews is spoken of so long before its end.
const SOON_S: i64 = 21 * DAY_S;
/// Renewals are tried again for half a day at most; one that is not done by then fails for good.
const OVERDUE_S: i64 = DAY_S;

/// Nothing where the server speaks no HTTPS.
pub(super) fn look(config: &Config, data: &DataFolder, is_in_use: bool) -> Option<Finding> {
    if !config.https.is_on() {
        return None;
    }
    let now_s = i64::try_from(SystemClock.now_ms() / 1_000).unwrap_or(i64::MAX);
    Some(match certificates::kept(config, data) {
        Ok(Some(kept)) => judge(&kept, now_s),
        Ok(None) if is_in_use => Finding::fail(
            CHECK,
            "There is none, so there is no HTTPS.",
            "The server's output has the authority's words and what to do. Mostly the domain leads elsewhere, or port 443 does not come through.",
        ),
        Ok(None) => Finding::ok(CHECK, "There is none yet; the server gets it when it runs."),
        Err(error) => Finding::fail(
            CHECK,
            format!("It does not read: {error:#}."),
            "Put the files right (https.certificate and https.key, or the folder https in the data folder).",
        ),
    })
}

fn judge(kept: &Kept, now_s: i64) -> Finding {
    let (begin_s, end_s) = kept.validity_s;
    let days = |seconds: i64| seconds / DAY_S;
    if now_s >= end_s {
        return Finding::fail(
            CHECK,
            format!("It is over since {} days: browsers refuse the server.", days(now_s - end_s)),
            "See why it was not renewed: the server's output says it. One of your own is replaced in its files, and read at once.",
        );
    }
    if now_s < begin_s {
        return Finding::fail(
            CHECK,
            format!("It is good only in {} days: the clock is behind, or it was made for later.", days(begin_s - now_s) + 1),
            "Set the clock, and have it set by itself (timedatectl set-ntp true).",
        );
    }
    let left = format!("It is good for {} more days", days(end_s - now_s));
    match kept.renewal_s {
        Some(renewal_s) if now_s - renewal_s > OVERDUE_S => Finding::warn(
            CHECK,
            format!("{left}, and should have been renewed {} days ago.", days(now_s - renewal_s)),
            "The server's output says why it was not: mostly the domain leads elsewhere, or port 443 does not come through.",
        ),
        None if end_s - now_s < SOON_S => Finding::warn(
            CHECK,
            format!("{left}, and nobody renews it here."),
            "Get the next one, and put it in the place of this one.",
        ),
        _ => Finding::ok(CHECK, format!("{left}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Outcome, *};

    #[test]
    fn the_end_of_a_certificate_is_told_in_time() {
        let day = |days: i64| days * DAY_S;
        for (renewal, now, outcome) in [
            (Some(60), -1, Outcome::Fail),
            (Some(60), 0, Outcome::Ok),
            (Some(60), 61, Outcome::Ok),
            (Some(60), 62, Outcome::Warn),
            (Some(60), 89, Outcome::Warn),
            (Some(60), 90, Outcome::Fail),
            (None, 69, Outcome::Ok),
            (None, 70, Outcome::Warn),
            (None, 90, Outcome::Fail),
        ] {
            let kept = Kept { validity_s: (0, day(90)), renewal_s: renewal.map(day) };
            assert_eq!(judge(&kept, day(now)).outcome, outcome, "renewal {renewal:?}, day {now}");
        }
    }
}
