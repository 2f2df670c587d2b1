//! Days and times of day in the reader's time zone, without a clock: "now" and the zone's offset are arguments.
//!
//! The zone is given as minutes east of UTC at the moment in question; the browser knows it, daylight saving included.

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// A moment as the reader's wall clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Days since 1970-01-01 on the wall calendar.
    pub day: i64,
    /// Minutes since local midnight, `0..1440`.
    pub minute: i64,
    /// Whether the reader's clock counts to twelve, twice a day.
    pub counts_to_twelve: bool,
}

impl LocalTime {
    /// `at_ms`: milliseconds since the Unix epoch. `offset_minutes`: minutes east of UTC.
    pub fn new(at_ms: u64, offset_minutes: i32) -> Self {
        let local_ms = i64::try_from(at_ms).unwrap_or(i64::MAX / 2) + i64::from(offset_minutes) * MINUTE_MS;
        let minute = local_ms.rem_euclid(DAY_MS) / MINUTE_MS;
        Self { day: local_ms.div_euclid(DAY_MS), minute, counts_to_twelve: false }
    }

    /// The same moment, on a clock that counts to twelve twice a day if `does`.
    #[must_use]
    pub fn counting_to_twelve(self, does: bool) -> Self {
        Self { counts_to_twelve: does, ..self }
    }

    /// "14:05", or "2:05 PM" with a space that does not break.
    pub fn time(self) -> String {
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        if !self.counts_to_twelve {
            return format!("{hour:02}:{minute:02}");
        }
        let half = if hour < 12 { "AM" } else { "PM" };
        format!("{}:{minute:02}\u{a0}{half}", (hour + 11) % 12 + 1)
    }

    /// The heading of a day: "Today", "Yesterday", "Monday" within the last week, else "Monday, 3 March 2026".
    pub fn day_heading(self, now: Self) -> String {
        let weekday = WEEKDAYS[usize::try_from(self.day.rem_euclid(7)).unwrap_or_default()];
        match now.day - self.day {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            2..=6 => weekday.to_owned(),
            _ => {
                let (year, month, day) = civil(self.day);
                format!("{weekday}, {day} {} {year}", MONTHS[month - 1])
            }
        }
    }

    /// A short stamp for a list: the time today, "Yesterday", a weekday, else "3 Mar" with the year when it differs.
    pub fn short(self, now: Self) -> String {
        match now.day - self.day {
            0 => self.time(),
            1 => "Yesterday".to_owned(),
            2..=6 => WEEKDAYS[usize::try_from(self.day.rem_euclid(7)).unwrap_or_default()][..3].to_owned(),
            _ => {
                let (year, month, day) = civil(self.day);
                let month = &MONTHS[month - 1][..3];
                if year == civil(now.day).0 { format!("{day} {month}") } else { format!("{day} {month} {year}") }
            }
        }
    }
}

/// Year, month (`1..=12`) and day of a count of days since 1970-01-01, by Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
}

#[cfg(test)]
mod tests {
    use super::{LocalTime, civil};

    // 2026-03-03 (a Tuesday) 14:05:00 UTC.
    const AT_MS: u64 = 1_772_546_700_000;
    const DAY_MS: u64 = 86_400_000;

    #[test]
    fn civil_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_515), (2026, 3, 3));
    }

    #[test]
    fn time_follows_the_zone() {
        assert_eq!(LocalTime::new(AT_MS, 0).time(), "14:05");
        assert_eq!(LocalTime::new(AT_MS, 60).time(), "15:05");
        assert_eq!(LocalTime::new(AT_MS, -570).time(), "04:35");
        assert_eq!(LocalTime::new(AT_MS, 840).day, LocalTime::new(AT_MS, 0).day + 1);
    }

    #[test]
    fn time_follows_the_clock() {
        let at = |minute: i64| LocalTime { day: 0, minute, counts_to_twelve: true }.time().replace('\u{a0}', " ");
        assert_eq!([at(0), at(61), at(719)], ["12:00 AM", "1:01 AM", "11:59 AM"]);
        assert_eq!([at(720), at(845), at(1_439)], ["12:00 PM", "2:05 PM", "11:59 PM"]);
        assert!(!LocalTime::new(AT_MS, 0).counting_to_twelve(true).time().contains(' '), "it would break");
    }

    #[test]
    fn headings() {
        let now = LocalTime::new(AT_MS, 0);
        let heading = |days_ago: u64| LocalTime::new(AT_MS - days_ago * DAY_MS, 0).day_heading(now);
        assert_eq!(heading(0), "Today");
        assert_eq!(heading(1), "Yesterday");
        assert_eq!(heading(2), "Sunday");
        assert_eq!(heading(7), "Tuesday, 24 February 2026");
    }

    #[test]
    fn short_stamps() {
        let now = LocalTime::new(AT_MS, 0);
        let short = |days_ago: u64| LocalTime::new(AT_MS - days_ago * DAY_MS, 0).short(now);
        assert_eq!(short(0), "14:05");
        assert_eq!(short(1), "Yesterday");
        assert_eq!(short(3), "Sat");
        assert_eq!(short(20), "11 Feb");
        assert_eq!(short(100), "23 Nov 2025");
    }
}
