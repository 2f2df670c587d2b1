//! The key that signs headers and checkpoints, and where it is kept. Not the Matrix signing key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::codec::{base64, from_base64};

/// The public half of a log's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base64(&self.0))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl std::str::FromStr for PublicKey {
    type Err = crate::codec::CodecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        from_base64("key", text).map(Self)
    }
}

impl PublicKey {
    /// The point on the curve; `None` when the bytes name no usable point.
    pub(crate) fn verifying(self) -> Option<VerifyingKey> {
        VerifyingKey::from_bytes(&self.0).ok().filter(|key| !key.is_weak())
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.verifying().is_some_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

/// The private key. Memory is wiped when the last clone goes.
#[derive(Clone)]
pub struct LogKey {
    signing: SigningKey,
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogKey({})", self.public())
    }
}

impl LogKey {
    /// The key that grows from 32 secret random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { signing: SigningKey::from_bytes(seed) }
    }

    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> io::Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self::from_seed(&seed))
    }

    /// Reads the key from `path`: one line, base64 of the 32-byte seed.
    ///
    /// # Errors
    /// When the file cannot be read or holds anything else.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let seed = from_base64("log key", text.trim_end())
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}", path.display())))?;
        Ok(Self::from_seed(&Zeroizing::new(seed)))
    }

    /// Writes the key to a new file of mode 0600 and syncs it.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        let text = Zeroizing::new(format!("{}\n", base64(self.signing.as_bytes())));
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// Reads the key, or makes one at first start.
    ///
    /// # Errors
    /// As [`LogKey::read`] and [`LogKey::write_new`].
    pub fn read_or_create(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Self::generate()?;
                key.write_new(path)?;
                Ok(key)
            }
            other => other,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.signing.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }
}
