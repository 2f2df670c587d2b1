//! How a check says what it found.

pub(super) type Outcome = Result<(), String>;

pub(super) fn ensure(holds: bool, what: &str) -> Outcome {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

pub(super) fn same<T: PartialEq + std::fmt::Debug>(found: &T, wanted: &T) -> Outcome {
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, wanted {wanted:?}")) }
}

pub(super) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
