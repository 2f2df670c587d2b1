//! Reads the environment: which variables are settings, which name a file with a setting's value, and which are neither.

use std::io;

use crate::{error::ConfigError, names};

/// What every setting's variable begins with.
pub const PREFIX: &str = "HEARTH_";
/// What a variable ends with that names the file with the value, as secrets are handed to containers and services.
const FROM_FILE: &str = "_FILE";

/// Variables of what stands around the server: its command line, its compose file, the tools of its developers. A server that is
/// started by one of them inherits these.
const OTHERS: &[&str] = &[
    "HEARTH_BENCH_RECORDS",
    "HEARTH_BIN",
    "HEARTH_BIND",
    "HEARTH_CACHE",
    "HEARTH_CADDY",
    "HEARTH_CHROMIUM",
    "HEARTH_CLIENT_DRIVER",
    "HEARTH_COMPOSE",
    "HEARTH_CONFIG",
    "HEARTH_CRASH_ROUNDS",
    "HEARTH_CRASH_SEED",
    "HEARTH_FIREFOX",
    "HEARTH_HAPROXY",
    "HEARTH_IMAGE",
    "HEARTH_NEWER_IMAGE",
    "HEARTH_NGINX",
    "HEARTH_PEBBLE",
    "HEARTH_PORT",
    "HEARTH_PROXY_LIBRARIES",
    "HEARTH_PYTHON",
    "HEARTH_SIM_FIRST_SEED",
    "HEARTH_SIM_SEEDS",
    "HEARTH_SMTPD",
    "HEARTH_STUN_BIND",
    "HEARTH_STUN_PORT",
    "HEARTH_STUN_SEED",
    "HEARTH_URL",
    "HEARTH_WRITE_GOLDEN",
];
/// What Kubernetes sets for a service that is called "hearth", for every container beside it.
const OF_KUBERNETES: [&str; 2] = ["HEARTH_PORT_", "HEARTH_SERVICE_"];

/// The variables that are settings, those that name files replaced by what is in the files.
///
/// `read` gives the text of the file at a path; how much it may be is its affair.
///
/// # Errors
/// [`ConfigError`] names a variable that is none of ours, a setting that is there in both forms, a file that cannot be read.
pub fn settings_of_environment(
    environment: impl IntoIterator<Item = (String, String)>,
    read: impl Fn(&str) -> io::Result<String>,
) -> Result<Vec<(String, String)>, ConfigError> {
    let may_be_ours = |name: &str| name.starts_with(PREFIX) && !is_of_others(name);
    let ours: Vec<_> = environment.into_iter().filter(|(name, _)| may_be_ours(name)).collect();
    let mut settings = Vec::with_capacity(ours.len());
    for (name, value) in &ours {
        let setting = match name.strip_suffix(FROM_FILE) {
            Some(setting) if is_setting(setting) => (setting.to_owned(), from_file(name, value, setting, &ours, &read)?),
            _ if is_setting(name) => (name.clone(), value.clone()),
            _ => return Err(unknown(name)),
        };
        settings.push(setting);
    }
    Ok(settings)
}

fn from_file(
    name: &str,
    path: &str,
    setting: &str,
    environment: &[(String, String)],
    read: impl Fn(&str) -> io::Result<String>,
) -> Result<String, ConfigError> {
    if environment.iter().any(|(other, _)| other == setting) {
        return Err(ConfigError::variable(name, format!(" and {setting} are both set; expected one or the other")));
    }
    let unreadable = |error| ConfigError::Unreadable { name: name.to_owned(), path: path.to_owned(), error };
    let text = read(path).map_err(unreadable)?;
    // Whatever wrote the file may have ended its line.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

fn is_setting(name: &str) -> bool {
    names::all().any(|setting| setting.variable == name)
}

fn is_of_others(name: &str) -> bool {
    OTHERS.contains(&name) || OF_KUBERNETES.iter().any(|beginning| name.starts_with(beginning))
}

fn unknown(name: &str) -> ConfigError {
    let meant = names::did_you_mean(name, names::all().map(|setting| setting.variable.to_owned()));
    ConfigError::variable(name, format!(": there is no such setting{meant} `hearth config example` prints all of them."))
}
