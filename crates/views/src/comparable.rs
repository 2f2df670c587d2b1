//! Texts as searches compare them.

use icu_normalizer::ComposingNormalizerBorrowed;

/// The dot of an İ, which is left above its small letter.
const DOT_ABOVE: char = '\u{307}';

/// A text as it is compared: composed and decomposed letters, wide ones and ligatures, capitals and small ones are the same (ß is ss,
/// İ is i).
pub fn comparable(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let small = composed.to_uppercase().to_lowercase();
    let without_dots: String = small.chars().filter(|letter| *letter != DOT_ABOVE).collect();
    ComposingNormalizerBorrowed::new_nfc().normalize(&without_dots).into_owned()
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (one, other) in [
            ("Zoë", "ZOE\u{308}"),
            ("İstanbul", "istanbul"),
            ("Straße", "STRASSE"),
            ("Ａｌｉｃｅ", "alice"),
            ("ﬁre", "FIRE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ] {
            assert_eq!(comparable(one), comparable(other), "{one} {other}");
        }
        assert_ne!(comparable("Zoe"), comparable("Zoë"));
    }
}
