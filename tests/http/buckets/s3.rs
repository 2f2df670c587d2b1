//! A server of buckets: moto, which many test their programs for Amazon's with.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use blackbox::until_nothing_is_missing;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener as Listener, TcpStream},
};

use crate::certified::certified;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
const BUCKET: &str = "household";

/// One with an empty bucket. It ends when this is dropped.
pub(super) struct S3 {
    child: Child,
    pub(super) url: String,
}

impl S3 {
    /// One that believes everybody to be who they say.
    pub(super) async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// One that knows nobody once its bucket is made.
    pub(super) async fn start_closed() -> Result<Self> {
        Self::start_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", "1")]).await
    }

    async fn start_with(environment: &[(&str, &str)]) -> Result<Self> {
        let python = env::var_os("HEARTH_PYTHON").context("set HEARTH_PYTHON to a Python that has `moto`")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "--host", "127.0.0.1", "--port", &port]);
        let child = command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let s3 = Self { child, url: format!("http://127.0.0.1:{port}") };
        let client = reqwest::Client::new();
        until_nothing_is_missing(PATIENCE, async || {
            let made = client
                .put(format!("{}/{BUCKET}", s3.url))
                .header("authorization", "AWS4-HMAC-SHA256 Credential=a/1/us-east-1/s3/aws4_request");
            Ok(made.send().await.and_then(reqwest::Response::error_for_status).err().map(|error| error.to_string()))
        })
        .await?;
        Ok(s3)
    }

    /// What a server or a command is told, so that it finds the bucket.
    pub(super) fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("HEARTH_BACKUP_S3_ENDPOINT", self.url.clone()),
            ("HEARTH_BACKUP_S3_ACCESS_KEY", "household".to_owned()),
            ("HEARTH_BACKUP_S3_SECRET_KEY", "a word that nobody else knows".to_owned()),
        ]
    }

    /// The same by TLS, as long as the test runs: its address, and the file with the root by which it is known.
    pub(super) async fn by_tls(&self, folder: &Path) -> Result<(String, PathBuf)> {
        let acceptor = certified(folder)?;
        let listener = Listener::bind("127.0.0.1:0").await?;
        let url = format!("https://127.0.0.1:{}", listener.local_addr()?.port());
        let behind = self.url.trim_start_matches("http://").to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let (Ok(mut client), Ok(mut server)) = (acceptor.accept(client).await, TcpStream::connect(behind).await)
                    else {
                        return;
                    };
                    // Whoever goes away is looked at from the other side.
                    let _ended = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Ok((url, folder.join("root.pem")))
    }

    /// Of a place in its bucket.
    pub(super) fn address(within: &str) -> String {
        format!("s3://{BUCKET}/{within}")
    }

    /// Puts something there that is nobody's backup.
    pub(super) async fn put(&self, key: &str, content: &str) -> Result<()> {
        let put = reqwest::Client::new().put(format!("{}/{BUCKET}/{key}", self.url)).body(content.to_owned());
        put.send().await?.error_for_status()?;
        Ok(())
    }

    /// The names of all that is there below a name.
    pub(super) async fn names(&self, below: &str) -> Result<Vec<String>> {
        let listed = reqwest::get(format!("{}/{BUCKET}?list-type=2&prefix={below}", self.url)).await?;
        let text = listed.error_for_status()?.text().await?;
        ensure!(text.contains("<IsTruncated>false"), "more than one page: {text}");
        let names = text.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        Ok(names.map(|(name, _)| name.to_owned()).collect())
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
