//! The mail server of these tests: OpenSMTPD, in a mount namespace in which it finds the users and folders that its package would make.

use std::{
    env,
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use blackbox::until_nothing_is_missing;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
};

/// A machine under load starts it within this.
const READY_MAX: Duration = Duration::from_secs(20);
/// Its two users, and the one that keeps what has arrived. They are nobody else's, because they are in a file of its own.
const USERS: [(&str, u32); 3] = [("opensmtpd", 991), ("opensmtpq", 992), ("box", 993)];

/// Makes its folders, in memory and for itself, and becomes it. `$1` is where it was unpacked, `$2` the folder of the test.
const START: &str = "set -e
for folder in /var/spool /var/lib /run; do mount -t tmpfs tmpfs $folder; done
mkdir -p /var/lib/opensmtpd/empty /run/helpers
mkdir -m 711 /var/spool/smtpd
mount --bind \"$1/usr/libexec/opensmtpd\" /run/helpers
mount -t tmpfs tmpfs /usr/libexec
mkdir /usr/libexec/opensmtpd
mount --bind /run/helpers /usr/libexec/opensmtpd
mount --bind \"$2/passwd\" /etc/passwd
mount --bind \"$2/group\" /etc/group
exec \"$1/usr/sbin/smtpd\" -d -f \"$2/smtpd.conf\"
";
/// Keeps one message. `$1` is the folder.
const KEEP: &str = "#!/bin/sh
umask 022
cat > \"$1/.$$\" && mv \"$1/.$$\" \"$1/$(date +%s%N).$$\"
";

/// What it does with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// It takes it.
    Takes,
    /// It never takes one for anybody: 550.
    Refuses,
    /// It takes none now: 451.
    Defers,
}

/// A mail server with a folder of its own. It is killed when this is dropped.
pub(super) struct MailServer {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

/// A message that has arrived: its head and its text.
pub(super) struct Message {
    pub(super) head: String,
    pub(super) text: String,
}

impl MailServer {
    /// Starts one that takes everything.
    pub(super) async fn start() -> Result<Self> {
        let mut server = Self::away()?;
        server.come(Policy::Takes).await?;
        Ok(server)
    }

    /// The same, before it has started: its port is known, and nobody listens there.
    pub(super) fn away() -> Result<Self> {
        let folder = TempDir::new()?;
        let path = folder.path();
        let (mut passwd, mut group) = ("root:x:0:0::/root:/bin/sh\n".to_owned(), "root:x:0:\n".to_owned());
        for (name, id) in USERS {
            writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh")?;
            writeln!(group, "{name}:x:{id}:")?;
        }
        for (name, text, mode) in
            [("passwd", &*passwd, 0o644), ("group", &group, 0o644), ("start", START, 0o755), ("keep", KEEP, 0o755)]
        {
            fs::write(path.join(name), text)?;
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(mode))?;
        }
        fs::create_dir(path.join("box"))?;
        fs::set_permissions(path.join("box"), fs::Permissions::from_mode(0o777))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self { folder, port, child: None })
    }

    /// Starts it, or starts it anew, with another policy.
    pub(super) async fn come(&mut self, policy: Policy) -> Result<()> {
        self.go()?;
        let program = env::var_os("HEARTH_SMTPD").context("set HEARTH_SMTPD to the program smtpd of OpenSMTPD")?;
        // Below usr/sbin.
        let root = Path::new(&program).ancestors().nth(3).context("HEARTH_SMTPD is no whole path")?;
        let path = self.folder.path();
        fs::write(path.join("smtpd.conf"), self.settings_of_its_own(policy))?;
        let mut command = Command::new("unshare");
        // Its processes end with the first of them.
        command.args(["--mount", "--pid", "--fork", "--kill-child"]);
        if fs::metadata("/proc/self")?.uid() != 0 {
            command.args(["--map-root-user", "--map-auto"]);
        }
        command.args(["sh".as_ref(), path.join("start").as_os_str(), root.as_os_str(), path.as_os_str()]);
        if let Some(libraries) = env::var_os("HEARTH_PROXY_LIBRARIES") {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let output = fs::File::options().create(true).append(true).open(path.join("output"))?;
        self.child =
            Some(command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn().context("unshare")?);
        until_nothing_is_missing(READY_MAX, async || {
            Ok((!self.greets().await).then(|| format!("a greeting of the mail server: {}", self.output())))
        })
        .await
    }

    /// Stops it.
    fn go(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Whether it is there.
    async fn greets(&self) -> bool {
        let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await else { return false };
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.is_ok_and(|_| line.starts_with("220"))
    }

    fn settings_of_its_own(&self, policy: Policy) -> String {
        let path = self.folder.path().display();
        // Without a rule it takes everything.
        let rule = |answer| format!("filter policy phase rcpt-to match rcpt-to regex {{ \"@\" }} reject \"{answer}\"\n");
        let (rule, filter) = match policy {
            Policy::Takes => (String::new(), ""),
            Policy::Refuses => (rule("550 5.1.1 nobody of that name"), "filter policy"),
            Policy::Defers => (rule("451 4.7.1 come back later"), "filter policy"),
        };
        format!(
            "table people {{ \"@\" = box }}\n{rule}listen on 127.0.0.1 port {} hostname mail.example.org {filter}\n\
             action keep mda \"{path}/keep {path}/box\" virtual <people>\nmatch from any for any action keep\n",
            self.port
        )
    }

    /// What it has said.
    pub(super) fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The messages that have arrived, the oldest first.
    pub(super) fn messages(&self) -> Result<Vec<Message>> {
        let entries = fs::read_dir(self.folder.path().join("box"))?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<Result<Vec<PathBuf>>>()?;
        // Those that are being written begin with a dot.
        paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
        paths.sort();
        let read = paths.iter().map(|path| {
            let whole = fs::read_to_string(path)?.replace("\r\n", "\n");
            let (head, text) = whole.split_once("\n\n").context("a message without a text")?;
            Ok(Message { head: head.to_owned(), text: text.to_owned() })
        });
        read.collect()
    }

    /// The settings by which a server sends by it.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let settings = [
            ("HEARTH_SMTP_HOST", "127.0.0.1"),
            ("HEARTH_SMTP_PORT", &self.port.to_string()),
            ("HEARTH_SMTP_TLS", "none"),
            ("HEARTH_EMAIL_FROM", "Hearth <chat@example.org>"),
        ];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // One that has ended by itself was told of by what it did not do.
        let _ended = self.go();
    }
}

impl Message {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Result<&str> {
        let found = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.with_context(|| format!("no {name} in:\n{}", self.head))
    }

    /// The rest of the line that begins with this.
    pub(super) fn after(&self, beginning: &str) -> Result<String> {
        let found = self.text.lines().find_map(|line| line.strip_prefix(beginning));
        found.map(str::to_owned).with_context(|| format!("no {beginning} in:\n{}", self.text))
    }
}
