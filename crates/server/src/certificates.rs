//! Certificates as they lie on the disk and as they are shown: who gets them stands in `serve/https`, and whether they are good is looked at by
//! the doctor.

mod certificate;
mod files;
mod store;

use anyhow::Result;
use config::{Config, Lan};

use crate::data_folder::DataFolder;

pub(crate) use certificate::{CHALLENGE, Certificate, Shown};
pub(crate) use files::Files;
pub(crate) use store::Store;

/// A certificate that is kept, or named by the settings, for whoever looks at it from outside.
pub(crate) struct Kept {
    /// From when to when it is good, seconds since the epoch.
    pub(crate) validity_s: (i64, i64),
    /// From when on it should have been renewed, seconds since the epoch; none where nobody renews it.
    pub(crate) renewal_s: Option<i64>,
}

/// What is kept or named; none where there is nothing yet.
///
/// # Errors
/// It does not read.
pub(crate) fn kept(config: &Config, folder: &DataFolder) -> Result<Option<Kept>> {
    let store = Store::to_read(folder.https());
    let https = &config.https;
    let (certificate, is_renewed) = match (&https.certificate, &https.key) {
        (Some(certificate), Some(key)) => {
            (Some(Files { certificate: certificate.clone(), key: key.clone() }.read()?), false)
        }
        // What a root signs is made anew at every start; the root is what has to last.
        _ if https.lan != Lan::Off => {
            (store.root()?.map(|text| Certificate::read(text.as_bytes(), text.as_bytes())).transpose()?, false)
        }
        _ => (store.certificate()?, true),
    };
    Ok(certificate.map(|certificate| Kept {
        validity_s: certificate.validity_s(),
        renewal_s: is_renewed.then(|| certificate.renewal_s()),
    }))
}
