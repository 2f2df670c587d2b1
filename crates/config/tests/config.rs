//! Files, variables and mistakes in them.

use config::{Config, RegistrationMode, example_toml};

const NONE: [(&str, &str); 0] = [];

#[test]
fn defaults_are_valid() {
    let config = Config::load(None, NONE).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.rooms.require_encryption);
    assert_eq!(config.registration.mode, RegistrationMode::Closed);
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(Config::load(Some(&example_toml()), NONE).unwrap(), Config::default());
}

#[test]
fn every_setting_is_in_the_example_with_its_variable() {
    let example = example_toml();
    for variable in ["HEARTH_SERVER_NAME", "HEARTH_PUBLIC_URL", "HEARTH_REGISTRATION\n", "HEARTH_RATE_LIMITS", "HEARTH_DATA"]
    {
        assert!(example.contains(variable), "{variable} in\n{example}");
    }
}

#[test]
fn variables_override_the_file() {
    let file = "[server]\nname = \"file.example\"\nlisten = \"127.0.0.1:1\"\n[registration]\nmode = \"open\"\n";
    let environment = [
        ("HEARTH_SERVER_NAME", "env.example"),
        ("HEARTH_RATE_LIMITS", "off"),
        ("HEARTH_REQUIRE_ENCRYPTION", "false"),
        ("HEARTH_REGISTRATION", "invite"),
        ("HEARTH_REGISTRATION_TOKENS", "one, two"),
        ("HEARTH_PUBLIC_URL", ""),
        ("HEARTH_BIN", "not a setting"),
    ];
    let config = Config::load(Some(file), environment).unwrap();
    assert_eq!(config.server.name, "env.example");
    assert_eq!(config.server.listen.port(), 1);
    assert_eq!(config.server.public_url, None);
    assert!(!config.limits.rate_limits);
    assert!(!config.rooms.require_encryption);
    assert_eq!(config.registration.tokens, ["one", "two"]);
}

#[test]
fn mistakes_are_named() {
    for (file, environment, said) in [
        ("[server]\nnmae = \"x\"", None, "nmae"),
        ("[server]\nname = 3", None, "string"),
        ("server", None, "does not read"),
        ("[server]\nname = \"a b\"", None, "server.name: \"a b\" is not a server name"),
        ("[server]\npublic_url = \"chat.example.org\"", None, "server.public_url"),
        ("[registration]\nmode = \"invite\"", None, "registration.tokens"),
        ("[registration]\ntokens = [\"a b\"]", None, "registration.tokens"),
        ("[rooms]\ndefault_version = \"9\"", None, "expected 10, 11 or 12"),
        ("[limits]\nwrites_per_second = 0", None, "limits.writes_per_second: must be at least 1"),
        ("[calls]\nturn_uris = [\"http://x\"]", None, "calls.turn_uris"),
        ("", Some(("HEARTH_LISTEN", "8008")), "HEARTH_LISTEN=8008: expected an address and a port"),
        ("", Some(("HEARTH_RATE_LIMITS", "maybe")), "HEARTH_RATE_LIMITS=maybe: expected true or false"),
        ("", Some(("HEARTH_REGISTRATION", "Open")), "expected open, invite or closed"),
    ] {
        let error = Config::load(Some(file), environment).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(said), "{file:?} {environment:?} says {error:?}");
    }
}
