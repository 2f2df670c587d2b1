//! Section `backup`: backups that the server makes by itself.

use std::path::PathBuf;

use super::{Check, section};
use crate::error::ConfigError;

/// The most hours between two backups: a year.
const EVERY_HOURS_MAX: u32 = 366 * 24;

section! {
    /// Backups that the server makes by itself, as `hearth backup` does, at the lowest priority. docs/operations/backup-and-restore.md
    /// says how to restore one.
    Backup {
        /// The folder of backups, best on another disk than the data, or on another machine; or a bucket, such as
        /// "s3://my-bucket/hearth". Not set: none are made.
        folder: Option<PathBuf> = None, "HEARTH_BACKUP_FOLDER";
        /// Hours from one backup to the next. Each writes only what is new.
        every_hours: u32 = 24, "HEARTH_BACKUP_EVERY_HOURS";
        /// How many backups are kept; older ones are taken away.
        keep: u32 = 30, "HEARTH_BACKUP_KEEP";
        /// After so many days all records are written anew: what was erased since then stays in the older backups only, and goes with them.
        whole_after_days: u32 = 30, "HEARTH_BACKUP_WHOLE_AFTER_DAYS";
        /// Who can open the backups: a recipient of age, "age1…", as age-keygen prints it. Not set: they are not encrypted.
        recipient: Option<String> = None, "HEARTH_BACKUP_RECIPIENT";
        /// Every so many days the newest backup is restored into a scratch folder within the data folder and proved. 0: never.
        rehearse_days: u32 = 7, "HEARTH_BACKUP_REHEARSE_DAYS";
        /// The file with the identity that opens encrypted backups, for rehearsals. Not set: of encrypted backups only the hashes of the
        /// files are checked.
        identity: Option<PathBuf> = None, "HEARTH_BACKUP_IDENTITY";
        /// The server of the bucket, such as "https://s3.example.org". Not set: Amazon's of the region.
        s3_endpoint: Option<String> = None, "HEARTH_BACKUP_S3_ENDPOINT";
        /// The region of the bucket, as its server calls it.
        s3_region: String = "us-east-1".to_owned(), "HEARTH_BACKUP_S3_REGION";
        /// The name of the key that may list, read, write and delete in the bucket.
        s3_access_key: Option<String> = None, "HEARTH_BACKUP_S3_ACCESS_KEY";
        /// The key that goes with this name.
        s3_secret_key: Option<String> = None, "HEARTH_BACKUP_S3_SECRET_KEY";
    }
}

impl Check for Backup {
    fn check(&self) -> Result<(), ConfigError> {
        if !(1..=EVERY_HOURS_MAX).contains(&self.every_hours) {
            return Err(ConfigError::value("backup.every_hours", "must be from 1 to 8784"));
        }
        if self.keep == 0 {
            return Err(ConfigError::value("backup.keep", "must be at least 1"));
        }
        if self.whole_after_days == 0 {
            return Err(ConfigError::value("backup.whole_after_days", "must be at least 1"));
        }
        self.check_bucket()?;
        if self.recipient.as_ref().is_some_and(|recipient| !recipient.starts_with("age1")) {
            return Err(ConfigError::value("backup.recipient", "must be a recipient of age, which begins with age1"));
        }
        Ok(())
    }
}

impl Backup {
    fn check_bucket(&self) -> Result<(), ConfigError> {
        let is_web = |url: &String| ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        if let Some(endpoint) = self.s3_endpoint.as_ref().filter(|endpoint| !is_web(endpoint)) {
            let problem = format!("{endpoint:?} is no server; expected one such as \"https://s3.example.org\"");
            return Err(ConfigError::value("backup.s3_endpoint", problem));
        }
        if !self.folder.as_ref().is_some_and(|folder| folder.to_string_lossy().starts_with("s3://")) {
            return Ok(());
        }
        for (name, key) in [("backup.s3_access_key", &self.s3_access_key), ("backup.s3_secret_key", &self.s3_secret_key)] {
            if key.is_none() {
                return Err(ConfigError::value(name, "is missing beside a bucket in backup.folder"));
            }
        }
        Ok(())
    }
}
