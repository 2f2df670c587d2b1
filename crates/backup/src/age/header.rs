//! The head of an encrypted file: the file's key, encrypted to the recipient, and a code by which changes of the head show.

use std::io::{self, BufRead, Read as _};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{Nonce, aead::AeadInOut as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::{FileKey, Identity, Recipient, cipher, derived};

/// The first line.
const VERSION: &str = "age-encryption.org/v1\n";
const STANZA: &str = "-> X25519 ";
const END: &str = "---";
const WRAP: &[u8] = b"age-encryption.org/v1/X25519";
/// Lines and bytes of a head, at most: one stanza takes two lines.
const LINES_MAX: usize = 256;
const LINE_BYTES_MAX: u64 = 4_096;

/// A new file's key, and the head that holds it.
pub(super) fn seal(to: &Recipient) -> io::Result<(FileKey, Vec<u8>)> {
    let mut file_key = FileKey::default();
    let mut secret = Zeroizing::new([0; 32]);
    random(file_key.as_mut())?;
    random(secret.as_mut())?;
    let secret = StaticSecret::from(*secret);
    let share = PublicKey::from(&secret);
    let wrap = wrap_key(secret.diffie_hellman(to.key()).as_bytes(), &share, to.key());
    let mut body = file_key.to_vec();
    cipher(&wrap).encrypt_in_place(&Nonce::default(), b"", &mut body).map_err(|_| io::Error::other("encrypting failed"))?;
    let text = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
    let mut head = format!("{VERSION}{STANZA}{}\n{}\n{END}", text(share.as_bytes()), text(&body));
    let code = code(&file_key, &head).finalize().into_bytes();
    head.push_str(&format!(" {}\n", text(&code)));
    Ok((file_key, head.into_bytes()))
}

/// The key of a file that is read up to its head's end; none when `identity` does not open it.
pub(super) fn open(file: &mut impl BufRead, identity: &Identity) -> io::Result<Option<FileKey>> {
    let mut head = line(file)?;
    if head != VERSION {
        return Err(damaged("it is not encrypted in the format of age"));
    }
    let mut found = None;
    let mut share = None;
    for _ in 0..LINES_MAX {
        let line = line(file)?;
        if let Some(rest) = line.strip_prefix(END) {
            head.push_str(END);
            let Some(file_key) = found else { return Ok(None) };
            let expected = bytes::<32>(rest.trim()).ok_or_else(|| damaged("its head does not end as it should"))?;
            let verified = code(&file_key, &head).verify_slice(&expected);
            return verified.map(|()| Some(file_key)).map_err(|_| damaged("its head was changed"));
        }
        if let Some(share) = share.take()
            && found.is_none()
        {
            found = unwrap(share, line.trim_end(), identity);
        }
        share = line.strip_prefix(STANZA).and_then(|rest| bytes::<32>(rest.trim_end()));
        head.push_str(&line);
    }
    Err(damaged("its head has no end"))
}

/// The file's key, if it was encrypted to this identity.
fn unwrap(share: [u8; 32], body: &str, identity: &Identity) -> Option<FileKey> {
    let share = PublicKey::from(share);
    let secret = identity.secret().diffie_hellman(&share);
    if secret.as_bytes() == &[0; 32] {
        return None;
    }
    let wrap = wrap_key(secret.as_bytes(), &share, identity.recipient().key());
    let mut body = Zeroizing::new(bytes::<32>(body)?.to_vec());
    cipher(&wrap).decrypt_in_place(&Nonce::default(), b"", &mut *body).ok()?;
    Some(FileKey::new(body.as_slice().try_into().ok()?))
}

fn wrap_key(secret: &[u8; 32], share: &PublicKey, to: &PublicKey) -> Zeroizing<[u8; 32]> {
    derived(secret, &[share.as_bytes().as_slice(), to.as_bytes()].concat(), WRAP)
}

fn code(file_key: &FileKey, head: &str) -> Hmac<Sha256> {
    let key = derived(file_key.as_ref(), &[], b"header");
    // HMAC itself fills a key up to a block of 64 bytes with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..key.len()].copy_from_slice(key.as_ref());
    let mut code = Hmac::new(&(*block).into());
    code.update(head.as_bytes());
    code
}

fn line(file: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    file.by_ref().take(LINE_BYTES_MAX).read_line(&mut line)?;
    if line.ends_with('\n') { Ok(line) } else { Err(damaged("its head is cut off")) }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

pub(super) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}

pub(super) fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
