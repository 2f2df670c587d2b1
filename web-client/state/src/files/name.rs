//! Names of files that came from somebody else, for saving.

use crate::message::extension;

/// The longest name, in characters.
const MAX_CHARS: usize = 120;
/// The longest ending that is kept when a name is cut, with its dot.
const MAX_ENDING_CHARS: usize = 12;

/// A name to save a file under: no folders, no signs that cannot be seen or turn the name around, not hidden, of bounded
/// length.
pub fn clean_name(name: &str) -> String {
    let visible = name.chars().filter(|sign| !is_invisible(*sign));
    let replaced: String = visible.map(|sign| if is_forbidden(sign) { '_' } else { sign }).collect();
    let trimmed = replaced.trim_start_matches(|sign: char| sign == '.' || sign.is_whitespace());
    let trimmed = trimmed.trim_end_matches(|sign: char| sign == '.' || sign.is_whitespace());
    if trimmed.is_empty() {
        return "file".to_owned();
    }
    shortened(trimmed)
}

fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MAX_CHARS {
        return name.to_owned();
    }
    let ending = name.rfind('.').and_then(|at| name.get(at..)).filter(|ending| ending.chars().count() <= MAX_ENDING_CHARS);
    let ending = ending.unwrap_or_default();
    let kept: String = name.chars().take(MAX_CHARS - ending.chars().count()).collect();
    kept + ending
}

/// The name of a picture that was made anew as another type: "cat.heic" as a JPEG is "cat.jpg".
pub fn named_as(name: &str, mime: &str) -> String {
    let Some(wanted) = extension(mime) else { return name.to_owned() };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let ending = ending.to_ascii_lowercase();
    if ending == wanted || (wanted == "jpg" && ending == "jpeg") {
        return name.to_owned();
    }
    format!("{stem}.{wanted}")
}

/// What file systems take for something else than a letter of a name.
fn is_forbidden(sign: char) -> bool {
    matches!(sign, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

fn is_invisible(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{clean_name, named_as};

    #[test]
    fn a_name_stays_in_its_folder_and_shows_what_it_is() {
        for (name, clean) in [
            ("cat.png", "cat.png"),
            ("Grüße 🐈.txt", "Grüße 🐈.txt"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\a\\b.exe", "C__a_b.exe"),
            (".bashrc", "bashrc"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("a\u{0}b\nc\u{200b}.pdf", "abc.pdf"),
            (" ... ", "file"),
            ("", "file"),
            ("a.txt. ", "a.txt"),
        ] {
            assert_eq!(clean_name(name), clean, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let clean = clean_name(&format!("{}.png", "ä".repeat(5_000)));
        assert_eq!(clean.chars().count(), 120);
        assert!(clean.ends_with("ä.png"));
        assert_eq!(clean_name(&"x".repeat(500)).len(), 120);
    }

    #[test]
    fn a_picture_made_anew_is_called_what_it_is() {
        assert_eq!(named_as("cat.heic", "image/jpeg"), "cat.jpg");
        assert_eq!(named_as("cat.JPEG", "image/jpeg"), "cat.JPEG");
        assert_eq!(named_as("cat", "image/png"), "cat.png");
        assert_eq!(named_as("a.b.webp", "image/png"), "a.b.png");
        assert_eq!(named_as("a.b", "text/html"), "a.b");
    }
}
