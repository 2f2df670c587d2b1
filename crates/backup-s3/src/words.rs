//! What went wrong, in words, as an error of the system.

use std::{error::Error, io};

use object_store::client::HttpError;

/// Letters of what a server says, at most.
const SAID_MAX: usize = 400;

/// Of a file in the bucket.
pub(crate) fn of_file(error: object_store::Error) -> io::Error {
    match error {
        object_store::Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, "it is not in the bucket"),
        error => of_bucket(error),
    }
}

/// Of the bucket as a whole, which is there if all is well.
pub(crate) fn of_bucket(error: object_store::Error) -> io::Error {
    let said = innermost(&error);
    if said.contains("NoSuchBucket") {
        return io::Error::other("there is no such bucket on this server: make it there, or name another one");
    }
    if is_refused(&error, &said) {
        let words = format!("the server does not allow it with this access key: {said}");
        return io::Error::new(io::ErrorKind::PermissionDenied, words);
    }
    let what = if is_unreachable(&error) { "cannot be reached" } else { "cannot do it" };
    io::Error::other(format!("the bucket's server {what}: {said}"))
}

/// The library tells this kind of error apart for files, not for lists.
fn is_refused(error: &object_store::Error, said: &str) -> bool {
    let is_told =
        matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. });
    is_told || ["status code: 401", "status code: 403"].iter().any(|status| said.contains(status))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn is_unreachable(error: &object_store::Error) -> bool {
    causes(error).any(|cause| cause.is::<HttpError>())
}

/// What the last cause says: those before it say it again.
fn innermost(error: &object_store::Error) -> String {
    let said = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SAID_MAX).collect()
}
