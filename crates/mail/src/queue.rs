//! What waits to be sent, in files and in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use crate::{files, letter::Compose, wish::Wish};

/// How many wishes wait at most.
pub const WISHES_MAX: usize = 1_000;
/// The largest one, bytes: an address and a user id, and what JSON makes of them.
pub const WISH_BYTES_MAX: usize = 1_024;
/// How long one is tried, milliseconds: half as long as its link counts.
pub const WISH_AGE_MS_MAX: u64 = 12 * 60 * 60 * 1_000;

/// Why a wish was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// As many wait as may, or it is larger than any may be.
    #[error("too much email waits to be sent")]
    Full,
    /// The file could not be written.
    #[error("what is to be sent cannot be written down")]
    Storage(#[source] io::Error),
}

/// The wishes that wait. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    held: Mutex<Held>,
    changed: Notify,
}

#[derive(Default)]
struct Held {
    /// By the names of their files.
    waiting: BTreeMap<String, Wish>,
    /// Those that failed or could not be tried: how often they failed, and when they are tried again.
    failed: HashMap<String, (u32, Instant)>,
    /// Wishes that are being written.
    coming: usize,
    /// Files of wishes that need nothing any more, and that the disk did not let go.
    left: BTreeSet<String>,
}

impl Held {
    fn is_full(&self) -> bool {
        self.waiting.len() + self.coming + self.left.len() >= WISHES_MAX
    }

    fn forget(&mut self, name: &str) {
        self.waiting.remove(name);
        self.failed.remove(name);
    }
}

/// A wish whose turn it is.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) name: String,
    pub(crate) wish: Wish,
}

impl Queue {
    /// The wishes that wait in a folder, which is made if need be.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let (waiting, unread) = files::open(folder, WISHES_MAX, WISH_BYTES_MAX)?;
        if unread > 0 {
            tracing::warn!(mail.unread = unread, "files in the folder of mail do not read and are left alone");
        }
        let held = Mutex::new(Held { waiting, ..Held::default() });
        Ok(Self { inner: Arc::new(Inner { folder: folder.to_owned(), held, changed: Notify::new() }) })
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.held.lock().waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes a wish, and returns when it would outlive a crash. How long that takes depends on nothing in it.
    ///
    /// # Errors
    /// [`PutError`]: it does not wait.
    pub async fn put(&self, wish: Wish) -> Result<(), PutError> {
        let bytes = serde_json::to_vec(&wish).map_err(|error| PutError::Storage(error.into()))?;
        if bytes.len() > WISH_BYTES_MAX {
            return Err(PutError::Full);
        }
        {
            let mut held = self.inner.held.lock();
            if held.is_full() {
                return Err(PutError::Full);
            }
            held.coming += 1;
        }
        // Carried out also when whoever asked goes away.
        let inner = Arc::clone(&self.inner);
        let written = spawn_blocking(move || {
            let name = new_name();
            let written = files::write(&inner.folder, &name, &bytes);
            let mut held = inner.held.lock();
            held.coming -= 1;
            written.map(|()| drop(held.waiting.insert(name, wish)))
        });
        written.await.map_err(|error| PutError::Storage(io::Error::other(error)))?.map_err(PutError::Storage)?;
        self.inner.changed.notify_one();
        Ok(())
    }

    /// The next wish that is due, which may take for ever.
    pub(crate) async fn due(&self) -> Due {
        loop {
            // Before looking, so that nothing is missed that comes after.
            let changed = self.inner.changed.notified();
            let next = match self.look(Instant::now()) {
                Ok(due) => return due,
                Err(next) => next,
            };
            match next {
                Some(at) => tokio::select! { () = changed => {} () = sleep_until(at) => {} },
                None => changed.await,
            }
        }
    }

    /// What is due at a time, one that never failed first; or when something will be.
    fn look(&self, now: Instant) -> Result<Due, Option<Instant>> {
        let held = self.inner.held.lock();
        let of = |(name, wish): (&String, &Wish)| Due { name: name.clone(), wish: wish.clone() };
        if let Some(fresh) = held.waiting.iter().find(|(name, _)| !held.failed.contains_key(*name)) {
            return Ok(of(fresh));
        }
        let next = held.failed.iter().min_by_key(|(_, (_, at))| *at);
        match next {
            Some((name, (_, at))) if *at <= now => held.waiting.get_key_value(name).map(of).ok_or(None),
            next => Err(next.map(|(_, (_, at))| *at)),
        }
    }

    /// A wish failed, and is tried again after a pause that is made of how often it did.
    pub(crate) fn later(&self, due: &Due, pause: impl FnOnce(u32) -> Duration) {
        let mut held = self.inner.held.lock();
        if held.waiting.contains_key(&due.name) {
            let failures = held.failed.get(&due.name).map_or(0, |(failures, _)| *failures).saturating_add(1);
            held.failed.insert(due.name.clone(), (failures, Instant::now() + pause(failures)));
        }
    }

    /// A wish could not be tried, and is tried at a time. It did not fail.
    pub(crate) fn put_off(&self, due: &Due, until: Instant) {
        let mut held = self.inner.held.lock();
        if held.waiting.contains_key(&due.name) {
            held.failed.entry(due.name.clone()).or_insert((0, until)).1 = until;
        }
    }

    /// A wish needs nothing any more.
    pub(crate) async fn done(&self, due: Due) {
        let inner = Arc::clone(&self.inner);
        let name = due.name.clone();
        let removed = spawn_blocking(move || files::remove(&inner.folder, &name)).await;
        let mut held = self.inner.held.lock();
        held.forget(&due.name);
        if let Ok(Err(error)) = removed {
            tracing::warn!(mail.error = %error, "a message that needs nothing any more stays in the folder of mail, and may be sent again after a start");
            held.left.insert(due.name);
        }
    }

    /// Forgets now, on the disk too, each wish for which nothing is to be sent any more, and says how many those were. Its turn may be an
    /// hour away, and whoever was erased is told that nothing of them is left. Blocks.
    ///
    /// # Errors
    /// The disk does not let go, or `compose` cannot tell: some may be left.
    pub fn forget_unwanted(&self, compose: &impl Compose) -> Result<usize, Box<dyn Error + Send + Sync>> {
        let (waiting, mut names) = {
            let held = self.inner.held.lock();
            (held.waiting.clone(), held.left.clone())
        };
        for (name, wish) in waiting {
            if compose.compose(&wish)?.is_none() {
                names.insert(name);
            }
        }
        for name in &names {
            files::remove(&self.inner.folder, name)?;
            let mut held = self.inner.held.lock();
            held.forget(name);
            held.left.remove(name);
        }
        files::sync(&self.inner.folder)?;
        Ok(names.len())
    }
}

/// Letters and digits that nobody has used: also part of the message's id.
fn new_name() -> String {
    let random: [u8; 16] = rand::random();
    random.iter().fold(String::new(), |mut name, byte| {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

    use super::{PutError, Queue, WISH_BYTES_MAX, WISHES_MAX};
    use crate::{
        letter::{Compose, Letter},
        wish::{What, Wish},
    };

    fn wish(to: &str) -> Wish {
        Wish { at_ms: 7, to: to.to_owned(), user_id: Some("@alice:h".to_owned()), session: None, what: What::ConfirmAddress }
    }

    #[tokio::test]
    async fn what_was_taken_is_there_after_a_restart_and_gone_when_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail");
        let queue = Queue::open(&path).unwrap();
        queue.put(wish("alice@example.org")).await.unwrap();
        let file = fs::read_dir(&path).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(path.join("torn.new"), "{").unwrap();
        fs::write(path.join("strange.json"), "{").unwrap();
        let again = Queue::open(&path).unwrap();
        let due = again.due().await;
        assert_eq!(due.wish, wish("alice@example.org"));
        again.done(due).await;
        assert!(again.is_empty() && Queue::open(&path).unwrap().is_empty());
        assert!(!path.join("torn.new").exists() && path.join("strange.json").exists(), "what is none of ours is left alone");
    }

    #[tokio::test]
    async fn there_is_a_bound_in_number_and_in_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Queue::open(folder.path()).unwrap();
        let large = queue.put(wish(&"a".repeat(WISH_BYTES_MAX))).await;
        assert!(matches!(large, Err(PutError::Full)), "{large:?}");
        for number in 0..WISHES_MAX {
            queue.inner.held.lock().waiting.insert(number.to_string(), wish("a@h"));
        }
        let more = queue.put(wish("b@h")).await;
        assert!(matches!(more, Err(PutError::Full)), "{more:?}");
    }

    #[tokio::test]
    async fn whatever_failed_waits_and_keeps_nothing_else_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Queue::open(folder.path()).unwrap();
        queue.put(wish("first@h")).await.unwrap();
        let first = queue.due().await;
        queue.later(&first, |failures| Duration::from_millis(200) * failures);
        queue.put(wish("second@h")).await.unwrap();
        let second = queue.due().await;
        assert_eq!(second.wish.to, "second@h");
        queue.done(second).await;
        assert!(queue.look(tokio::time::Instant::now()).is_err(), "it was not waited for");
        assert_eq!(queue.due().await.wish.to, "first@h");
    }

    #[tokio::test]
    async fn a_disk_that_takes_nothing_is_told_of_and_leaves_no_place_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail");
        let queue = Queue::open(&path).unwrap();
        fs::remove_dir(&path).unwrap();
        for _ in 0..3 {
            let refused = queue.put(wish("a@h")).await;
            assert!(matches!(refused, Err(PutError::Storage(_))), "{refused:?}");
        }
        assert_eq!((queue.len(), queue.inner.held.lock().coming), (0, 0));
    }

    /// Writes to everybody but this address.
    struct NotTo(&'static str);

    impl Compose for NotTo {
        fn compose(&self, wish: &Wish) -> Result<Option<Letter>, Box<dyn std::error::Error + Send + Sync>> {
            let letter = Letter { subject: "Hello".to_owned(), text: "Hello.\n".to_owned() };
            Ok((wish.to != self.0).then_some(letter))
        }
    }

    #[tokio::test]
    async fn what_nobody_is_to_get_leaves_the_disk_before_its_turn_comes() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Queue::open(folder.path()).unwrap();
        for to in ["erased@h", "other@h"] {
            queue.put(wish(to)).await.unwrap();
        }
        for _ in 0..2 {
            let due = queue.due().await;
            queue.later(&due, |_| Duration::from_secs(3_600));
        }
        // One that the disk did not let go when it was sent.
        fs::write(folder.path().join("sent.json"), "{}").unwrap();
        queue.inner.held.lock().left.insert("sent".to_owned());
        assert_eq!(queue.forget_unwanted(&NotTo("erased@h")).unwrap(), 2);
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!((files.len(), queue.len()), (1, 1));
        assert_eq!(queue.forget_unwanted(&NotTo("erased@h")).unwrap(), 0);
        let again = Queue::open(folder.path()).unwrap();
        assert_eq!(again.due().await.wish.to, "other@h");
    }
}
