//! The example file, written from the definitions of the sections.

use std::fmt::Write as _;

use crate::{Backup, Calls, Directory, Limits, Media, Registration, Rooms, Server, Sessions, Telemetry, section::Setting};

/// The text of `config.example.toml`: every setting with its documentation and default.
#[must_use]
pub fn example_toml() -> String {
    let mut text = String::from(
        "# Every setting of Hearth, with its default. Written by `cargo xtask generate` from crates/config; a server needs\n\
         # none of it. What a comment names in capitals is the variable of the environment that overrides the setting.\n",
    );
    section(&mut text, "server", Server::describe());
    section(&mut text, "registration", Registration::describe());
    section(&mut text, "sessions", Sessions::describe());
    section(&mut text, "rooms", Rooms::describe());
    section(&mut text, "limits", Limits::describe());
    section(&mut text, "media", Media::describe());
    section(&mut text, "directory", Directory::describe());
    section(&mut text, "calls", Calls::describe());
    section(&mut text, "telemetry", Telemetry::describe());
    section(&mut text, "backup", Backup::describe());
    text
}

fn section(text: &mut String, name: &str, (docs, settings): (&[&str], Vec<Setting>)) {
    // Writing to a string does not fail.
    for line in docs {
        let _ = write!(text, "\n#{line}");
    }
    let _ = writeln!(text, "\n[{name}]");
    for setting in settings {
        for line in setting.docs {
            let _ = writeln!(text, "#{line}");
        }
        let _ = match &setting.default {
            Some(default) => writeln!(text, "# {}\n{} = {default}", setting.variable, setting.key),
            None => writeln!(text, "# {}\n# {} = (not set)", setting.variable, setting.key),
        };
    }
}
