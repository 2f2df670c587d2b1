//! The example file, written from the definitions of the sections.

use std::fmt::Write as _;

use crate::{all::Config, section::Section};

/// The text of `config.example.toml`: every setting with its documentation and default.
#[must_use]
pub fn example_toml() -> String {
    let mut text = String::from(
        "# Every setting of Hearth, with its default. Written by `cargo xtask generate` from crates/config; a server needs\n\
         # none of it. What a comment names in capitals is the variable of the environment that overrides the setting; with\n\
         # _FILE behind it, the variable names a file that holds the value, as for secrets: HEARTH_TURN_SHARED_SECRET_FILE.\n\
         # Settings with (SIGHUP) behind the variable are taken over by a running server that gets this signal; all others\n\
         # count from the next start on.\n",
    );
    for section in Config::describe() {
        write(&mut text, &section);
    }
    text
}

fn write(text: &mut String, section: &Section) {
    // Writing to a string does not fail.
    for line in section.docs {
        let _ = write!(text, "\n#{line}");
    }
    let _ = writeln!(text, "\n[{}]", section.name);
    for setting in &section.settings {
        for line in setting.docs {
            let _ = writeln!(text, "#{line}");
        }
        let live = if setting.is_live { " (SIGHUP)" } else { "" };
        let _ = match &setting.default {
            Some(default) => writeln!(text, "# {}{live}\n{} = {default}", setting.variable, setting.key),
            None => writeln!(text, "# {}{live}\n# {} = (not set)", setting.variable, setting.key),
        };
    }
}
