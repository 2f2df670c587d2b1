//! Files, variables and mistakes in them.

use config::{Config, ConfigError, File, Lan, LanHost, RegistrationMode, StunListen, example_toml};

const NONE: [(&str, &str); 0] = [];

fn load<'a>(text: &str, environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Config, ConfigError> {
    Config::load(Some(File { name: "hearth.toml", text }), environment)
}

#[test]
fn defaults_are_valid() {
    let config = Config::load(None, NONE).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.rooms.require_encryption);
    assert_eq!(config.registration.mode, RegistrationMode::Invite);
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(load(&example_toml(), NONE).unwrap(), Config::default());
}

#[test]
fn the_committed_example_is_fresh() {
    let committed = include_str!("../../../config.example.toml");
    assert!(committed == example_toml(), "`cargo xtask generate` writes config.example.toml anew");
}

#[test]
fn every_setting_is_in_the_example_with_its_variable() {
    let example = example_toml();
    for variable in
        ["HEARTH_SERVER_NAME", "HEARTH_PUBLIC_URL", "HEARTH_REGISTRATION (SIGHUP)\n", "HEARTH_RATE_LIMITS", "HEARTH_DATA"]
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
        ("HEARTH_REGISTRATION_TOKENS", "one-0123456789abc, two-0123456789abc"),
        ("HEARTH_PUBLIC_URL", ""),
        ("HEARTH_WEB_CLIENT", "/srv/client"),
    ];
    let config = load(file, environment).unwrap();
    assert_eq!(config.server.name, "env.example");
    assert_eq!(config.server.listen.port(), 1);
    assert_eq!(config.server.public_url, None);
    assert_eq!(config.server.web_client.as_deref(), Some(std::path::Path::new("/srv/client")));
    assert!(!config.limits.rate_limits);
    assert!(!config.rooms.require_encryption);
    let tokens: Vec<_> = config.registration.tokens.iter().map(|token| (token.token.as_str(), token.uses)).collect();
    assert_eq!(tokens, [("one-0123456789abc", None), ("two-0123456789abc", None)]);
}

/// A file, a variable, and what is said of them.
type Mistake = (&'static str, Option<(&'static str, &'static str)>, &'static str);

fn assert_named(mistakes: &[Mistake]) {
    for (file, environment, said) in mistakes {
        let error = load(file, *environment).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(said), "{file:?} {environment:?} says {error:?}");
    }
}

#[test]
fn mistakes_are_named() {
    assert_named(&[
        ("[server]\n\nname = 3", None, "hearth.toml, line 3: invalid type: integer `3`, expected a string"),
        ("# \nserver", None, "hearth.toml, line 2: key with no value"),
        ("[calls]\nturn_password = \"hush", None, "hearth.toml, line 2: invalid basic string"),
        ("[server]\n\nname = \"a b\"", None, "hearth.toml, line 3: server.name: \"a b\" is not a server name"),
        ("", Some(("HEARTH_SERVER_NAME", "a b")), "HEARTH_SERVER_NAME (server.name): \"a b\" is not a server name"),
        ("[server]\nname = \"x\"", Some(("HEARTH_SERVER_NAME", "a b")), "HEARTH_SERVER_NAME (server.name): "),
        ("[backup]\nevery_hours = 0", None, "backup.every_hours: must be from 1 to 8784"),
        ("[backup]\nkeep = 0", None, "backup.keep: must be at least 1"),
        ("[backup]\nwhole_after_days = 0", None, "backup.whole_after_days: must be at least 1"),
        ("[backup]\nrecipient = \"me\"", None, "backup.recipient: must be a recipient of age"),
        ("[retention]\ndays = 0", None, "retention.days: must be from 1 to 36525"),
        ("[retention]\ndays = 36526", None, "retention.days: must be from 1 to 36525"),
        ("[server]\npublic_url = \"chat.example.org\"", None, "server.public_url"),
        ("[server]\nsupport_page = \"example.org\"", None, "server.support_page"),
        ("[server]\nsupport_email = \"admin\"", None, "server.support_email: \"admin\" is not an email address"),
        ("[registration]\ntokens = [\"a b\"]", None, "registration.tokens"),
        ("[registration]\ntokens = [\"fifteen-letters\"]", None, "openssl rand -hex 16"),
        ("[registration]\ntokens = [{ token = \"sixteen-letters-\", uses = 0 }]", None, "\"uses\" is at least 1"),
        ("[registration]\ntokens = [{ token = \"sixteen-letters-\", expires = 12:00:00 }]", None, "is a date"),
        ("[registration]\ntokens = [{ token = \"sixteen-letters-\", expires = \"soon\" }]", None, "expected a token, or {"),
        ("[registration]\ntokens = [{ token = \"sixteen-letters-\", use = 1 }]", None, "expected a token, or {"),
        ("[registration]\ntokens = [\"sixteen-letters-\", { token = \"sixteen-letters-\" }]", None, "is there twice"),
        ("[sessions]\naccess_token_lifetime_s = 59", None, "sessions.access_token_lifetime_s: must be 60 to"),
        ("[rooms]\ndefault_version = \"2\"", None, "expected 3 to 12"),
        ("[rooms]\ndefault_version = \"011\"", None, "expected 3 to 12"),
        ("[limits]\nwrites_per_second = 0", None, "limits.writes_per_second: must be at least 1"),
        ("[limits]\nmax_connections = 3", None, "limits.max_connections: must be at least 4: over HTTP/2"),
        (
            "[limits]\nmax_connections_per_address = 1",
            None,
            "limits.max_connections_per_address: must be at least 2: over HTTP/2",
        ),
        ("[limits]\nidle_timeout_s = 0", None, "limits.idle_timeout_s: must be at least 1"),
        ("[limits]\nfailed_logins_per_hour = 0", None, "limits.failed_logins_per_hour: must be at least 1"),
        ("[limits]\nkey_claims_per_hour = 0", None, "limits.key_claims_per_hour: must be at least 1"),
        ("[limits]\nwrite_bytes_per_second = 131071", None, "limits.write_bytes_per_second: must be at least 131072"),
        ("[limits]\nupload_bytes_per_second = 0", None, "limits.upload_bytes_per_second: must be at least 1"),
        ("[server]\ntrusted_proxies = [\"proxy.example\"]", None, "expected addresses such as 10.0.0.1 or networks"),
        ("", Some(("HEARTH_TRUSTED_PROXIES", "10.0.0.0/33")), "HEARTH_TRUSTED_PROXIES=10.0.0.0/33: expected addresses"),
        ("[calls]\nturn_uris = [\"http://x\"]", None, "calls.turn_uris"),
        ("[calls]\nturn_uris = [\"turn:x\"]", None, "calls.turn_uris: names a TURN server; clients need"),
        ("[calls]\nturn_shared_secret = \"s\"\nturn_username = \"u\"", None, "expected one or the other"),
        ("[calls]\nturn_username = \"u\"", None, "calls.turn_password: is missing"),
        ("[calls]\nturn_password = \"p\"", None, "calls.turn_username: is missing"),
        ("[calls]\nturn_ttl_s = 0", None, "calls.turn_ttl_s"),
        ("[calls]\nstun_public_address = \"stun:h\"", None, "calls.stun_public_address"),
        ("[calls]\nstun_listen = \"everywhere\"", None, "expected a port, addresses"),
        ("[calls]\nstun_listen = []", None, "expected a port, addresses"),
        ("", Some(("HEARTH_STUN_LISTEN", "localhost")), "HEARTH_STUN_LISTEN=localhost: expected a port, addresses"),
        ("", Some(("HEARTH_LISTEN", "8008")), "HEARTH_LISTEN=8008: expected an address and a port"),
        ("", Some(("HEARTH_RATE_LIMITS", "maybe")), "HEARTH_RATE_LIMITS=maybe: expected true or false"),
        ("", Some(("HEARTH_REGISTRATION", "Open")), "expected open, invite or closed"),
    ]);
}

#[test]
fn mistakes_about_https_and_email_are_named() {
    assert_named(&[
        (
            "[https]\ndomain = \"https://chat.example.org\"",
            None,
            "https.domain: \"https://chat.example.org\" is not a domain",
        ),
        ("[https]\ndomain = \"192.0.2.1\"", None, "is not a domain"),
        ("[https]\ndomain = \"localhost\"", None, "is not a domain"),
        ("[https]\ncertificate = \"chain.pem\"", None, "https.key: is missing"),
        ("[https]\nkey = \"key.pem\"", None, "https.certificate: is missing"),
        ("[email]\nfrom = \"chat@h\"", None, "email.host: is missing beside the other settings"),
        ("[email]\nhost = \"h:465\"", None, "email.host: \"h:465\" is not a host"),
        ("[email]\nhost = \"h\"", None, "email.from: is missing beside email.host"),
        ("[email]\nhost = \"h\"\nfrom = \"me\"", None, "email.from: \"me\" is not like"),
        ("[email]\nhost = \"h\"\nfrom = \"Me <me@h> you\"", None, "email.from: \"Me <me@h> you\" is not like"),
        ("[email]\nhost = \"h\"\nuser = \"u\"", None, "email.password: is missing"),
        ("[email]\nhost = \"h\"\npassword = \"p\"", None, "email.user: is missing"),
        ("[email]\nhost = \"h\"\nport = 0", None, "email.port: must be from 1 to 65535"),
        ("[email]\nhost = \"h\"\ntls = \"ssl\"", None, "unknown variant `ssl`, expected one of `implicit`, `starttls`"),
        ("[email]\nhost = \"mail.example.org\"\ntls = \"none\"", None, "email.tls: \"none\" would send the password"),
        ("[email]\nhots = \"h\"", None, "there is no setting email.hots; did you mean email.host?"),
        ("", Some(("HEARTH_SMTP_PORT", "99999")), "HEARTH_SMTP_PORT=99999: expected a whole number"),
        ("", Some(("HEARTH_SMTP_TLS", "tls")), "HEARTH_SMTP_TLS=tls: expected implicit, starttls or none"),
    ]);
}

#[test]
fn registration_tokens_are_plain_or_have_an_end() {
    for (entry, uses, expires_at_ms) in [
        ("\"sixteen-letters-\"", None, None),
        ("{ token = \"sixteen-letters-\" }", None, None),
        ("{ token = \"sixteen-letters-\", uses = 3 }", Some(3), None),
        ("{ token = \"sixteen-letters-\", expires = 2027-12-31 }", None, Some(1_830_211_200_000)),
        ("{ token = \"sixteen-letters-\", expires = 2027-12-31T12:00:01Z }", None, Some(1_830_254_401_000)),
        ("{ token = \"sixteen-letters-\", expires = 2027-12-31T12:00:01 }", None, Some(1_830_254_401_000)),
        (
            "{ token = \"sixteen-letters-\", uses = 1, expires = 2027-12-31 12:00:01.5+02:00 }",
            Some(1),
            Some(1_830_247_201_000),
        ),
    ] {
        let config = load(&format!("[registration]\nmode = \"invite\"\ntokens = [{entry}]"), NONE).unwrap();
        let token = config.registration.tokens.first().unwrap();
        assert_eq!((token.uses, token.expires_at_ms), (uses, expires_at_ms), "{entry}");
    }
}

#[test]
fn proxies_are_addresses_and_networks() {
    let proxies = "127.0.0.1, 10.1.2.3/8,fd00::/8, ::ffff:192.0.2.0/120";
    let of_variable = Config::load(None, [("HEARTH_TRUSTED_PROXIES", proxies)]).unwrap().server.trusted_proxies;
    let list: Vec<_> = proxies.split(',').map(str::trim).collect();
    let of_file = load(&format!("[server]\ntrusted_proxies = {list:?}"), NONE).unwrap();
    assert_eq!(of_file.server.trusted_proxies, of_variable);
    for (address, is_trusted) in [
        ("127.0.0.1", true),
        ("::ffff:127.0.0.1", true),
        ("127.0.0.2", false),
        ("10.255.0.1", true),
        ("11.0.0.1", false),
        ("fd12::1", true),
        ("fe80::1", false),
        ("192.0.2.9", true),
    ] {
        assert_eq!(of_variable.contains(address.parse().unwrap()), is_trusted, "{address}");
    }
    let none = Config::load(None, [("HEARTH_TRUSTED_PROXIES", "")]).unwrap().server.trusted_proxies;
    assert_eq!(none, config::TrustedProxies::default());
    assert!(!none.contains("127.0.0.1".parse().unwrap()));
}

#[test]
fn stun_listens_where_it_is_told() {
    let addresses = |texts: &[&str]| StunListen::Addresses(texts.iter().map(|text| text.parse().unwrap()).collect());
    for (file, variable, expected) in [
        ("", "", None),
        ("off", "off", Some(StunListen::Off)),
        ("3478", "3478", Some(StunListen::Port(3478))),
        ("127.0.0.1:0", "127.0.0.1:0", Some(addresses(&["127.0.0.1:0"]))),
        ("[::1]:9", "[::1]:9,127.0.0.1:9", Some(addresses(&["[::1]:9", "127.0.0.1:9"]))),
    ] {
        let of_variable = Config::load(None, [("HEARTH_STUN_LISTEN", variable)]).unwrap();
        assert_eq!(of_variable.calls.stun_listen, expected, "HEARTH_STUN_LISTEN={variable}");
        if !file.is_empty() && !variable.contains(',') {
            let of_file = load(&format!("[calls]\nstun_listen = {file:?}"), NONE).unwrap();
            assert_eq!(of_file.calls.stun_listen, expected, "{file}");
        }
    }
    for (value, expected) in [
        ("false", StunListen::Off),
        ("3479", StunListen::Port(3479)),
        ("[\"127.0.0.1:0\", \"[::1]:0\"]", addresses(&["127.0.0.1:0", "[::1]:0"])),
    ] {
        let config = load(&format!("[calls]\nstun_listen = {value}"), NONE).unwrap();
        assert_eq!(config.calls.stun_listen, Some(expected), "{value}");
    }
}

#[test]
fn the_public_stun_address_is_a_host_perhaps_with_a_port() {
    for (address, is_one) in [
        ("stun.example.org", true),
        ("stun.example.org:3479", true),
        ("192.0.2.1", true),
        ("[2001:db8::1]", true),
        ("[2001:db8::1]:3478", true),
        ("2001:db8::1", false),
        ("stun:stun.example.org", false),
        ("stun.example.org:0", false),
        ("stun.example.org:99999", false),
        ("[x]", false),
        ("a b", false),
    ] {
        let config = Config::load(None, [("HEARTH_STUN_PUBLIC_ADDRESS", address)]);
        assert_eq!(config.is_ok(), is_one, "{address}: {config:?}");
    }
}

#[test]
fn a_domain_is_name_and_address_unless_those_are_set() {
    for (environment, name, url) in [
        (&[("HEARTH_DOMAIN", "chat.example.org")][..], "chat.example.org", Some("https://chat.example.org")),
        (
            &[("HEARTH_DOMAIN", "chat.example.org"), ("HEARTH_SERVER_NAME", "example.org")],
            "example.org",
            Some("https://chat.example.org"),
        ),
        (
            &[("HEARTH_DOMAIN", "chat.example.org"), ("HEARTH_PUBLIC_URL", "https://other.example.org")],
            "chat.example.org",
            Some("https://other.example.org"),
        ),
        (&[], "localhost", None),
    ] {
        let config = Config::load(None, environment.iter().copied()).unwrap();
        assert_eq!((config.server.name.as_str(), config.server.public_url.as_deref()), (name, url), "{environment:?}");
        assert_eq!(config.https.is_on(), config.https.domain.is_some());
    }
}

#[test]
fn a_server_at_home_is_called_what_people_type() {
    let name = |name: &str| LanHost::Name(name.to_owned());
    let address = |address: &str| LanHost::Address(address.parse().unwrap());
    for (written, lan) in [
        ("on", Some(Lan::Found)),
        ("off", Some(Lan::Off)),
        ("", Some(Lan::Off)),
        ("NAS.local", Some(Lan::Named(vec![name("nas.local")]))),
        ("nas, 192.168.1.20", Some(Lan::Named(vec![name("nas"), address("192.168.1.20")]))),
        ("[fd00::1]", Some(Lan::Named(vec![address("fd00::1")]))),
        ("fd00::1", Some(Lan::Named(vec![address("fd00::1")]))),
        ("https://nas.local", None),
        ("nas.local:443", None),
        ("192.168.1", None),
        ("a b", None),
        ("-nas", None),
        ("nas.", None),
        (",", None),
    ] {
        let config = Config::load(None, [("HEARTH_LAN", written)]);
        assert_eq!(config.ok().map(|config| config.https.lan), lan, "{written:?}");
    }
    let many = vec!["nas.local"; 17].join(",");
    assert!(Config::load(None, [("HEARTH_LAN", many.as_str())]).is_err());
    let beside = Config::load(None, [("HEARTH_LAN", "on"), ("HEARTH_DOMAIN", "chat.example.org")]).unwrap_err();
    assert!(beside.to_string().contains("expected one certificate or the other"), "{beside}");
}

#[test]
fn mail_goes_out_encrypted_or_to_this_machine_unless_an_admin_says_otherwise() {
    for (host, tls, allowed, is_good) in [
        ("smtp.example.org", "implicit", false, true),
        ("smtp.example.org", "starttls", false, true),
        ("smtp.example.org", "none", false, false),
        ("smtp.example.org", "none", true, true),
        ("192.0.2.1", "none", false, false),
        ("localhost", "none", false, true),
        ("127.0.0.1", "none", false, true),
        ("::1", "none", false, true),
    ] {
        let file = format!(
            "[email]\nhost = {host:?}\ntls = {tls:?}\nallow_plaintext = {allowed}\nfrom = \"Chat <chat@example.org>\""
        );
        let config = load(&file, [("HEARTH_SMTP_USER", "u"), ("HEARTH_SMTP_PASSWORD", "p")]);
        assert_eq!(config.is_ok(), is_good, "{file}: {config:?}");
    }
}
