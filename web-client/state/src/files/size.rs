//! How large a file is, in words.

const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];

/// "812 bytes", "1.4 MB": by powers of 1,024, as the limits of servers are set.
pub fn in_words(bytes: u64) -> String {
    if bytes < 1024 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    // Tenths of the unit, rounded down, so that a limit is never said to be more than it is.
    let mut tenths = u128::from(bytes) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    let whole = tenths / 10;
    match tenths % 10 {
        tenth if tenth > 0 && whole < 100 => format!("{whole}.{tenth} {name}"),
        _ => format!("{whole} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn sizes_read_well() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1_023, "1023 bytes"),
            (1_024, "1 KB"),
            (1_536, "1.5 KB"),
            (1024 * 1024 - 1, "1023 KB"),
            (50 * 1024 * 1024, "50 MB"),
            (1_500_000_000, "1.3 GB"),
            (u64::MAX, "16777215 TB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }
}
