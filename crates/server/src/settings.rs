//! Reads the settings from where they stand: the file, the environment, and the files that the environment names.

use std::{fs::File, io, io::Read as _, path::Path};

use anyhow::{Context, Result, bail};
use config::{Config, PREFIX, settings_of_environment};

use crate::cli::{ConfigFile, Serve};

/// Files of settings are read to here, bytes. Nobody writes larger ones, and a device has no end.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The settings of the file and the environment.
///
/// # Errors
/// In words that name the setting, where it stands, and what it should have been.
pub(crate) fn load(file: &ConfigFile) -> Result<Config> {
    let text = match &file.config {
        None => None,
        Some(path) => {
            let text = read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            Some((path.display().to_string(), text))
        }
    };
    let environment = settings_of_environment(environment()?, |path| read(Path::new(path)))?;
    let pairs = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(Config::load(text.as_ref().map(|(name, text)| config::File { name, text }), pairs)?)
}

/// The settings by which the server runs: what the command line says wins.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_to_serve(args: &Serve) -> Result<Config> {
    let mut config = load(&args.settings)?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    if let Some(data) = &args.data {
        config.server.data.clone_from(data);
    }
    Ok(config)
}

/// What of the environment may be a setting.
fn environment() -> Result<Vec<(String, String)>> {
    let pairs = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let ours = pairs.filter(|(name, _)| name.starts_with(PREFIX));
    let read = ours.map(|(name, value)| match value.into_string() {
        Ok(value) => Ok((name, value)),
        Err(_) => bail!("{name} is not text: expected UTF-8"),
    });
    read.collect()
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than a file of settings is (1 MiB)"));
    }
    Ok(text)
}
