//! What a log-out would lose, in words.

/// What has not been sent and is lost with the session; `None` when nothing is.
pub fn unsent_words(messages: usize, files: usize) -> Option<String> {
    let counted = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {more}")),
    };
    let parts = [counted(messages, "message", "messages"), counted(files, "file", "files")];
    let what: Vec<String> = parts.into_iter().flatten().collect();
    let (have, they) = if messages + files == 1 { ("has", "It") } else { ("have", "They") };
    (!what.is_empty()).then(|| format!("{} {have} not been sent. {they} will be lost.", what.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::unsent_words;

    #[test]
    fn what_would_be_lost_is_counted() {
        assert_eq!(unsent_words(0, 0), None);
        assert_eq!(unsent_words(1, 0).unwrap(), "1 message has not been sent. It will be lost.");
        assert_eq!(unsent_words(2, 0).unwrap(), "2 messages have not been sent. They will be lost.");
        assert_eq!(unsent_words(2, 1).unwrap(), "2 messages and 1 file have not been sent. They will be lost.");
    }
}
