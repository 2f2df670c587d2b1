//! What settings are called, and which of them somebody may have meant.

use crate::all::Config;

/// Names beyond this many bytes are nobody's slip of the pen.
const NAME_BYTES_MAX: usize = 64;

/// What a setting is called in either place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    /// Its section.
    pub(crate) section: &'static str,
    /// Its key there.
    pub(crate) key: &'static str,
    /// Its variable of the environment.
    pub(crate) variable: &'static str,
}

impl Name {
    /// Section and key, as in `server.name`.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }
}

/// Every setting.
pub(crate) fn all() -> impl Iterator<Item = Name> {
    let sections = Config::describe().into_iter();
    sections.flat_map(|section| {
        let name = section.name;
        section.settings.into_iter().map(move |setting| Name { section: name, key: setting.key, variable: setting.variable })
    })
}

/// A question that ends a sentence: the name of `candidates` that is nearest to `written`, or nothing when none is near.
pub(crate) fn did_you_mean(written: &str, candidates: impl IntoIterator<Item = String>) -> String {
    if written.len() > NAME_BYTES_MAX {
        return String::new();
    }
    let written = written.to_ascii_lowercase();
    let nearest = candidates.into_iter().map(|name| (distance(&written, &name.to_ascii_lowercase()), name)).min();
    match nearest {
        // More than a quarter of the letters wrong, and it is another word.
        Some((wrong, name)) if wrong <= (name.len() / 4).max(1) => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

/// How many letters are wrong. One that has the same last word is near, however its section is called.
fn distance(written: &str, name: &str) -> usize {
    let of_key = |path: &str| path.rsplit_once('.').map(|(_, key)| key.to_owned());
    if of_key(name).is_some_and(|key| of_key(written).as_ref() == Some(&key) || written == key) {
        return 1;
    }
    strsim::damerau_levenshtein(written, name)
}
