//! Since when somebody's keys are as they are: first seen here, or changed. The library keeps no times.

/// The most people that are remembered; those noted longest ago are forgotten first.
const MAX_PEOPLE: usize = 500;

/// Since when the keys of people are as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(Vec<Note>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    user_id: String,
    key: String,
    at_ms: u64,
    is_change: bool,
}

/// Since when somebody's keys are as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// In milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Whether there were others before.
    pub is_change: bool,
}

impl Since {
    /// In words; `day` names the day, such as "Today".
    pub fn words(self, day: &str) -> String {
        let what = if self.is_change { "These keys took the place of others" } else { "These keys were first seen here" };
        format!("{what}: {day}.")
    }
}

impl Seen {
    /// Reads the form that is kept: a line each.
    pub fn parse(text: &str) -> Self {
        let read = |line: &str| {
            let mut parts = line.split(' ');
            let (user_id, key) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            let at_ms = parts.next()?.parse().ok()?;
            Some(Note { user_id, key, at_ms, is_change: parts.next()? == "changed" })
        };
        Self(text.lines().filter_map(read).collect())
    }

    /// The form that is kept.
    pub fn to_text(&self) -> String {
        let line = |note: &Note| {
            let how = if note.is_change { "changed" } else { "first" };
            [note.user_id.as_str(), &note.key, &note.at_ms.to_string(), how].join(" ") + "\n"
        };
        self.0.iter().map(line).collect()
    }

    /// Notes the key that somebody's identity has now; true when it was not known before.
    pub fn note(&mut self, user_id: &str, key: &str, now_ms: u64) -> bool {
        let known = self.0.iter().position(|note| note.user_id == user_id);
        if known.is_some_and(|at| self.0[at].key == key) {
            return false;
        }
        if let Some(at) = known {
            self.0.remove(at);
        } else if self.0.len() >= MAX_PEOPLE {
            self.0.remove(0);
        }
        let note = Note { user_id: user_id.to_owned(), key: key.to_owned(), at_ms: now_ms, is_change: known.is_some() };
        self.0.push(note);
        true
    }

    /// Since when this person's keys are as they are.
    pub fn since(&self, user_id: &str) -> Option<Since> {
        let note = self.0.iter().find(|note| note.user_id == user_id)?;
        Some(Since { at_ms: note.at_ms, is_change: note.is_change })
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PEOPLE, Seen, Since};

    #[test]
    fn keys_are_since_when_they_were_seen_or_changed() {
        let mut seen = Seen::default();
        assert!(seen.note("@bob:h", "one", 1_000) && !seen.note("@bob:h", "one", 2_000));
        assert_eq!(seen.since("@bob:h"), Some(Since { at_ms: 1_000, is_change: false }));
        assert!(seen.note("@bob:h", "two", 3_000));
        let since = Seen::parse(&seen.to_text()).since("@bob:h").unwrap();
        assert_eq!(since, Since { at_ms: 3_000, is_change: true });
        assert!(since.words("Today").contains("took the place") && since.words("Today").ends_with("Today."));
        assert_eq!(Seen::parse("nonsense\n"), Seen::default());
    }

    #[test]
    fn those_noted_longest_ago_are_forgotten() {
        let mut seen = Seen::default();
        for at in 0..=MAX_PEOPLE {
            seen.note(&format!("@{at}:h"), "key", 1);
        }
        assert_eq!((seen.since("@0:h"), seen.since("@1:h").is_some()), (None, true));
    }
}
