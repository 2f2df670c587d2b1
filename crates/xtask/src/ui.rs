//! What the developer sees. Everything goes to standard error, so that standard output holds only results.

use std::io::Write as _;
use std::time::Duration;

/// Announces a step that may take a while.
pub(crate) fn step(text: &str) {
    line(&format!("==> {text}"));
}

/// A detail under the current step.
pub(crate) fn note(text: &str) {
    line(&format!("    {text}"));
}

/// Something that deserves attention but stops nothing.
pub(crate) fn warn(text: &str) {
    line(&format!("warning: {text}"));
}

/// The error that ends the program, with its causes.
pub(crate) fn failure(error: &anyhow::Error) {
    line(&format!("error: {error:#}"));
}

/// One line as it is.
pub(crate) fn line(text: &str) {
    // A closed standard error must not turn a working command into a failing one.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A result that another program may read.
pub(crate) fn output(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// `83 s`, `4 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        short @ 0..=119 => format!("{short} s"),
        long => format!("{} min {:02} s", long / 60, long % 60),
    }
}

/// `812 B`, `2.8 MB`, with decimal units as browsers show them.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..=999 => format!("{count} B"),
        1_000..=999_999 => format!("{}.{} kB", count / 1_000, count % 1_000 / 100),
        _ => format!("{}.{:02} MB", count / 1_000_000, count % 1_000_000 / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, seconds};
    use std::time::Duration;

    #[test]
    fn figures_read_well() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_250), "1.2 kB");
        assert_eq!(bytes(2_839_999), "2.83 MB");
        assert_eq!(seconds(Duration::from_secs(7)), "7 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }
}
