//! One entry of `registration.tokens`.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};
use toml::value::{Datetime, Offset};

use crate::from_text::FromText;

/// A token to sign up with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Entry")]
pub struct RegistrationToken {
    /// What people enter.
    pub token: String,
    /// How many accounts can be made with it; none for any number.
    pub uses: Option<u32>,
    /// From when on it does not count, milliseconds since the epoch; none for never.
    pub expires_at_ms: Option<u64>,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a token, or { token = \"…\", uses = 5, expires = 2027-12-31 }")]
enum Entry {
    Plain(String),
    Bounded(Bounded),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounded {
    token: String,
    uses: Option<u32>,
    expires: Option<Datetime>,
}

impl TryFrom<Entry> for RegistrationToken {
    type Error = &'static str;

    fn try_from(entry: Entry) -> Result<Self, Self::Error> {
        match entry {
            Entry::Plain(token) => Ok(Self { token, uses: None, expires_at_ms: None }),
            Entry::Bounded(Bounded { token, uses, expires }) => {
                let moment = |expires| moment_ms(expires).ok_or("\"expires\" is a date, perhaps with a time");
                Ok(Self { token, uses, expires_at_ms: expires.map(moment).transpose()? })
            }
        }
    }
}

impl FromText for Vec<RegistrationToken> {
    const EXPECTED: &'static str = Vec::<String>::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        let plain = |token| RegistrationToken { token, uses: None, expires_at_ms: None };
        Some(Vec::<String>::from_text(text)?.into_iter().map(plain).collect())
    }
}

/// A moment as TOML has it, milliseconds since the epoch. Without a time it is the beginning of the day, without an offset it
/// is in UTC.
fn moment_ms(at: Datetime) -> Option<u64> {
    let date = at.date?;
    let date = time::Date::from_calendar_date(date.year.into(), time::Month::try_from(date.month).ok()?, date.day).ok()?;
    let (hour, minute, second) = at.time.map_or((0, 0, 0), |at| (at.hour, at.minute, at.second.unwrap_or(0)));
    // TOML knows leap seconds; the second before will do.
    let time_of_day = time::Time::from_hms(hour, minute, second.min(59)).ok()?;
    let offset = match at.offset {
        Some(Offset::Custom { minutes }) => UtcOffset::from_whole_seconds(i32::from(minutes).checked_mul(60)?).ok()?,
        Some(Offset::Z) | None => UtcOffset::UTC,
    };
    let seconds = OffsetDateTime::new_in_offset(date, time_of_day, offset).unix_timestamp();
    u64::try_from(seconds).ok()?.checked_mul(1_000)
}
