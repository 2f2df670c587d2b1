//! The body of an encrypted file: pieces of 64 KiB, each with a code of its own, the last one marked, so that nothing can be changed,
//! cut off or put elsewhere.

use std::io::{self, BufRead, BufReader, Read, Write};

use chacha20poly1305::{ChaCha20Poly1305, Nonce, aead::AeadInOut as _};

use super::{FileKey, Identity, Recipient, cipher, derived, header};

/// Bytes of a piece before it is encrypted, and of the code behind it.
const PIECE_BYTES: usize = 64 << 10;
const CODE_BYTES: usize = 16;

/// Numbers the pieces.
struct Pieces {
    cipher: ChaCha20Poly1305,
    next: u64,
}

impl Pieces {
    fn new(file_key: &FileKey, nonce: &[u8; 16]) -> Self {
        Self { cipher: cipher(&derived(file_key.as_ref(), nonce, b"payload")), next: 0 }
    }

    fn nonce(&mut self, is_last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(is_last);
        self.next += 1;
        nonce.into()
    }
}

/// Encrypts what is written. Only [`Sealing::finish`] makes it a file that opens.
pub(crate) struct Sealing<W> {
    out: W,
    pieces: Pieces,
    piece: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn new(mut out: W, to: &Recipient) -> io::Result<Self> {
        let (file_key, head) = header::seal(to)?;
        let mut nonce = [0; 16];
        header::random(&mut nonce)?;
        out.write_all(&head)?;
        out.write_all(&nonce)?;
        Ok(Self { out, pieces: Pieces::new(&file_key, &nonce), piece: Vec::with_capacity(PIECE_BYTES + CODE_BYTES) })
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.piece(true)?;
        Ok(self.out)
    }

    fn piece(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.pieces.nonce(is_last);
        let encrypted = self.pieces.cipher.encrypt_in_place(&nonce, b"", &mut self.piece);
        encrypted.map_err(|_| io::Error::other("encrypting failed"))?;
        self.out.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits for more, because the last one is another.
        if self.piece.len() == PIECE_BYTES && !bytes.is_empty() {
            self.piece(false)?;
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Decrypts what is read.
pub(crate) struct Opening<R> {
    file: BufReader<R>,
    pieces: Pieces,
    piece: Vec<u8>,
    taken: usize,
    has_ended: bool,
}

impl<R: Read> Opening<R> {
    /// Nothing when `identity` does not open the file.
    pub(crate) fn new(file: R, identity: &Identity) -> io::Result<Option<Self>> {
        let mut file = BufReader::with_capacity(PIECE_BYTES, file);
        let Some(file_key) = header::open(&mut file, identity)? else { return Ok(None) };
        let mut nonce = [0; 16];
        file.read_exact(&mut nonce)?;
        let pieces = Pieces::new(&file_key, &nonce);
        Ok(Some(Self { file, pieces, piece: Vec::new(), taken: 0, has_ended: false }))
    }

    fn piece(&mut self) -> io::Result<()> {
        self.piece.clear();
        self.taken = 0;
        self.file.by_ref().take((PIECE_BYTES + CODE_BYTES) as u64).read_to_end(&mut self.piece)?;
        self.has_ended = self.file.fill_buf()?.is_empty();
        let nonce = self.pieces.nonce(self.has_ended);
        let opened = self.pieces.cipher.decrypt_in_place(&nonce, b"", &mut self.piece);
        opened.map_err(|_| header::damaged("it was changed or cut off"))
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.piece.len() && !self.has_ended {
            self.piece()?;
        }
        let mut rest = self.piece.get(self.taken..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.taken += read;
        Ok(read)
    }
}
