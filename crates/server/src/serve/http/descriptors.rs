//! How many files and connections the process may have open, and how many of them are for connections.

/// Kept for the server itself, where there are enough: the log and the views keep at most 256 files open each; media, the
/// runtime and connections on their way out take the rest.
const KEPT: u64 = 640;
/// Raises the process's soft limit of open files to its hard one, and returns what holds from then on. A limit that cannot be
/// raised is left as it is.
#[cfg(unix)]
pub(in crate::serve) fn raise() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let before = getrlimit(Resource::Nofile);
    if before.current == before.maximum {
        return before.current.unwrap_or(u64::MAX);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: before.maximum, maximum: before.maximum }) {
        Ok(()) => before.maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(descriptors.error = %error, "the limit of open files could not be raised and stays as it is");
            before.current.unwrap_or(u64::MAX)
        }
    }
}

/// Where no process is limited, or none by that name.
#[cfg(not(unix))]
pub(in crate::serve) fn raise() -> u64 {
    u64::MAX
}

/// How many connections there may be at once with so many descriptors, and memory for `in_memory`. An admin may ask for fewer, or
/// for more than there is memory for, but not for those that the storages need.
pub(in crate::serve) fn connections_max(descriptors: u64, in_memory: usize, asked: Option<u32>) -> usize {
    // Where there are few, the half: the storages begin with some forty files.
    let room = descriptors - KEPT.min(descriptors / 2);
    let most = match asked.map(u64::from) {
        Some(asked) if asked > room => {
            tracing::warn!(
                "limits.max_connections is {asked}, but this process may have {descriptors} files open and keeps some for itself, \
                 so that it takes {room} connections. Raise the limit of open files (ulimit -n, or LimitNOFILE of systemd)"
            );
            room
        }
        Some(asked) => asked,
        None => room.min(u64::try_from(in_memory).unwrap_or(u64::MAX)),
    };
    usize::try_from(most).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storages_keep_theirs() {
        for (descriptors, in_memory, asked, most) in [
            (0, 1_000, None, 1),
            (256, 1_000, None, 128),
            (256, 1_000, Some(50), 50),
            (256, 1_000, Some(200), 128),
            (1_024, 1_000, None, 512),
            (4_096, 100_000, None, 3_456),
            (4_096, 1_000, None, 1_000),
            (4_096, 1_000, Some(2_000), 2_000),
            (1_048_576, 100_000, None, 100_000),
            (1_048_576, 100_000, Some(500_000), 500_000),
            (u64::MAX, 100_000, None, 100_000),
        ] {
            assert_eq!(connections_max(descriptors, in_memory, asked), most, "of {descriptors}, asked for {asked:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn raising_twice_changes_nothing() {
        assert_eq!(raise(), raise());
    }
}
