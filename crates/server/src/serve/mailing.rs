//! What is sent to people's addresses: the settings of it, what waits in the data folder, and the task that sends.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use api::{Composer, MailKey, Mailing};
use config::Config;
use engine::Engine;
use event_log::{Clock as _, SystemClock};
use mail::{Pace, Queue, Relay, send_all};
use tokio::task::JoinHandle;

use crate::{
    data_folder::DataFolder,
    mail_settings::{has_address, relay},
};

/// How long the end waits for the message that is under way. One that the mail server has taken by then is not sent again.
const SENT_WITHIN: Duration = Duration::from_secs(1);

/// Email as it is set; nothing where no mail server is.
pub(super) struct Mail {
    sending: Option<Sending>,
}

struct Sending {
    queue: Queue,
    relay: Relay,
    key: MailKey,
}

impl Mail {
    /// Reads the settings, and what waits. Nobody is asked yet.
    ///
    /// # Errors
    /// Settings that are none, in words, and a folder that cannot be read.
    pub(super) fn open(config: &Config, folder: &DataFolder) -> Result<Self> {
        let path = folder.mail();
        let Some(relay) = relay(&config.email, &config.server.name)? else {
            // Nothing would send it, and nobody would look after the addresses in it.
            let forgotten = mail::forget_all(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
            if forgotten > 0 {
                tracing::warn!(
                    mail.forgotten = forgotten,
                    "no mail server is set any more: what waited for one is not sent"
                );
            }
            return Ok(Self { sending: None });
        };
        if !has_address(config) {
            tracing::warn!("links in mail lead to this machine's own address, because server.public_url is not set");
        }
        let queue = Queue::open(&path).with_context(|| format!("{} cannot be made or read", path.display()))?;
        tracing::info!(mail.waiting = queue.len(), "mail goes out");
        Ok(Self { sending: Some(Sending { queue, relay, key: MailKey(folder.mail_key()?) }) })
    }

    /// For the API.
    pub(super) fn mailing(&self) -> Mailing {
        let on = self.sending.as_ref().map(|sending| Mailing::new(sending.queue.clone(), sending.key.clone()));
        on.unwrap_or_default()
    }

    /// Sends until `stopped`.
    pub(super) fn spawn(
        self,
        engine: &Engine,
        web_url: &str,
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> Outgoing {
        let Some(Sending { queue, relay, key }) = self.sending else { return Outgoing { waiting: None, task: None } };
        let composer = Arc::new(Composer::new(engine.clone(), web_url.to_owned(), key));
        let waiting = Waiting { queue: queue.clone(), composer: Arc::clone(&composer) };
        let pace = (Pace::default(), || SystemClock.now_ms());
        let task = tokio::spawn(send_all(queue, relay, composer, pace, stopped));
        Outgoing { waiting: Some(waiting), task: Some(task) }
    }
}

/// What goes out for as long as the server runs.
pub(super) struct Outgoing {
    waiting: Option<Waiting>,
    task: Option<JoinHandle<()>>,
}

impl Outgoing {
    /// What waits; none where no mail server is set.
    pub(super) fn waiting(&self) -> Option<Waiting> {
        self.waiting.clone()
    }

    /// Waits for the message that is under way, but not for a mail server that takes its time: that one is sent again after the next start,
    /// with the same id.
    pub(super) async fn end(self) {
        if let Some(mut task) = self.task
            && tokio::time::timeout(SENT_WITHIN, &mut task).await.is_err()
        {
            // Before another process sends it.
            task.abort();
        }
    }
}

/// What waits to be sent, for whoever has to know that nothing of somebody is left. Cheap to clone.
#[derive(Clone)]
pub(super) struct Waiting {
    queue: Queue,
    composer: Arc<Composer>,
}

impl Waiting {
    /// Forgets what waits for nobody any more, such as for whoever was erased. Blocks.
    ///
    /// # Errors
    /// Something may be left.
    pub(super) fn purge(&self) -> Result<()> {
        self.queue.forget_unwanted(&self.composer).map(drop).map_err(|error| anyhow!(error).context("the folder of mail"))
    }
}
