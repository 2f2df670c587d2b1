//! Names that are no settings are refused, with the one that was likely meant; secrets come from files.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, also in its helpers")]

use std::{collections::BTreeSet, fs, io, path::Path};

use config::{Config, ConfigError, File, example_toml, settings_of_environment};

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(path: &str) -> io::Result<String> {
    match path {
        "/run/secrets/turn" => Ok("hush\n".to_owned()),
        "/run/secrets/windows" => Ok("hush\r\n".to_owned()),
        "/run/secrets/two lines" => Ok("one\n\n".to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

fn said(of: Result<impl std::fmt::Debug, ConfigError>) -> String {
    of.unwrap_err().to_string()
}

#[test]
fn a_setting_that_there_is_not_is_refused_with_the_one_that_was_meant() {
    for (text, expected) in [
        ("\n[server]\nnmae = \"x\"", "line 3: there is no setting server.nmae; did you mean server.name?"),
        ("[server]\nrate_limits = true", "line 2: there is no setting server.rate_limits; did you mean limits.rate_limits?"),
        ("[sever]\nname = \"x\"", "line 1: there is no section [sever]; did you mean server?"),
        ("name = \"x\"", "line 1: name stands in no section; did you mean server.name?"),
        ("[rooms]\nfederation = true", "line 2: there is no setting rooms.federation"),
        ("[federation]\nlisten = true", "line 1: there is no section [federation]"),
    ] {
        let error = said(Config::load(Some(File { name: "hearth.toml", text }), []));
        assert_eq!(error, format!("hearth.toml, {expected}"), "{text:?}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_refused_with_the_one_that_was_meant() {
    for (name, expected) in [
        ("HEARTH_REGISTRATOIN", "there is no such setting; did you mean HEARTH_REGISTRATION?"),
        ("HEARTH_registration", "there is no such setting; did you mean HEARTH_REGISTRATION?"),
        ("HEARTH_TURN_SHARED_SECRETS_FILE", "there is no such setting"),
        ("HEARTH_FEDERATION", "there is no such setting `hearth"),
        (&format!("HEARTH_{}", "A".repeat(10_000)), "there is no such setting"),
    ] {
        let error = said(settings_of_environment(owned(&[(name, "x")]), read));
        assert!(error.starts_with(name) && error.contains(expected), "{error}");
    }
}

#[test]
fn what_is_around_the_server_may_have_variables() {
    let environment = owned(&[
        ("PATH", "/bin"),
        ("HEARTH_CONFIG", "/etc/hearth.toml"),
        ("HEARTH_SERVICE_HOST", "10.0.0.1"),
        ("HEARTH_PORT", "tcp://10.0.0.1:8008"),
        ("HEARTH_PORT_8008_TCP_ADDR", "10.0.0.1"),
        ("HEARTH_SERVER_NAME", "example.org"),
    ]);
    let settings = settings_of_environment(environment, read).unwrap();
    assert_eq!(settings, owned(&[("HEARTH_SERVER_NAME", "example.org")]));
}

#[test]
fn a_value_may_be_in_a_file() {
    for (path, value) in
        [("/run/secrets/turn", "hush"), ("/run/secrets/windows", "hush"), ("/run/secrets/two lines", "one\n")]
    {
        let settings = settings_of_environment(owned(&[("HEARTH_TURN_SHARED_SECRET_FILE", path)]), read).unwrap();
        assert_eq!(settings, owned(&[("HEARTH_TURN_SHARED_SECRET", value)]), "{path}");
    }
    for (environment, expected) in [
        (&[("HEARTH_TURN_PASSWORD_FILE", "/nowhere")][..], "HEARTH_TURN_PASSWORD_FILE=/nowhere: the file cannot be read: "),
        (
            &[("HEARTH_TURN_PASSWORD", "x"), ("HEARTH_TURN_PASSWORD_FILE", "/run/secrets/turn")],
            "HEARTH_TURN_PASSWORD_FILE and HEARTH_TURN_PASSWORD are both set",
        ),
    ] {
        let error = said(settings_of_environment(owned(environment), read));
        assert!(error.contains(expected), "{error}");
    }
}

/// A server that a tool or a compose file starts inherits the variables of that; none of them may keep it from starting.
#[test]
fn every_variable_that_the_repository_names_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = BTreeSet::new();
    for part in ["docker-compose.yml", "Dockerfile", "README.md", "CONTRIBUTING.md", "docs", "crates/xtask/src", "tests"] {
        collect(&root.join(part), &mut names);
    }
    assert!(names.len() > 20, "{names:?}");
    // Beginnings of names, as documentation and scripts have them, and the name that is misspelt to see what is said.
    let whole = names.iter().filter(|name| !name.ends_with('_') && *name != "HEARTH_REGISTRATOIN");
    let unknown: Vec<_> = whole
        .filter(|name| settings_of_environment(owned(&[(name.as_str(), "/run/secrets/turn")]), read).is_err())
        .collect();
    assert!(unknown.is_empty(), "neither a setting nor in OTHERS: {unknown:?}");
    assert!(example_toml().contains("HEARTH_SERVER_NAME"));
}

fn collect(path: &Path, names: &mut BTreeSet<String>) {
    if path.is_dir() {
        let is_ours = |name: &str| !["node_modules", "target", "__pycache__", "test-results"].contains(&name);
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        entries
            .filter(|entry| entry.file_name().unwrap().to_str().is_some_and(is_ours))
            .for_each(|entry| collect(&entry, names));
    } else if let Ok(text) = fs::read_to_string(path) {
        let is_of_name = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let words = text.split(|letter| !is_of_name(letter)).filter(|word| word.starts_with("HEARTH_"));
        names.extend(words.map(str::to_owned));
    }
}
