//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Hearth: end-to-end encrypted messages and calls on your own server.
#[derive(Debug, Parser)]
#[command(name = "hearth", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(Serve),
    /// Look at, check, copy the record log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Make a backup in a folder, also while the server runs. It holds messages, keys and hashes of passwords: keep it to yourself.
    Backup(Backup),
    /// Make a new data folder from a backup, and prove that it is what was backed up.
    Restore(Restore),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at everything that a server needs, whether one runs or not, and say what is wrong and what to do. Exit code 1 if something is.
    Doctor(Doctor),
    /// Invite people to sign up. The server must run.
    #[cfg(unix)]
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Look at the accounts, make admins, reset passwords, lock accounts and close them. The server must run.
    #[cfg(unix)]
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the settings as `serve` would, and say what is wrong with them. Exit code 1 if something is.
    Check(ConfigFile),
    /// Print every setting with its documentation and default: config.example.toml.
    Example,
}

/// Where settings come from beside the environment.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfigFile {
    /// The settings; every one of them is in config.example.toml.
    #[arg(long, env = "HEARTH_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) settings: ConfigFile,
    /// The server's data folder, if the settings do not name it.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// As JSON, for programs: a list of { check, outcome, found, fix }, where outcome is ok, warn or fail.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the settings come from; flags win over the environment, which wins over the file.
#[derive(Clone, Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) settings: ConfigFile,
    /// Address and port for HTTP. Port 0 takes a free one.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// The folder of the log, the views, the media and the keys.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
}

/// The data folder that a command works on.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The server's data folder.
    #[arg(long, env = "HEARTH_DATA", default_value = "./data")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Write the log as JSON Lines, also while the server runs.
    Export(Export),
    /// Check every signature, the chain and the checkpoints of an export or of a data folder. Exit code 1 on damage.
    Verify(Verify),
    /// Make a new data folder from an export.
    Import(Import),
    /// Fold every view anew from the log. A server that runs on the folder does it at its next start.
    Replay(Replay),
    /// How much of what is in the log.
    Stat(Data),
    /// Print one record.
    Show(Show),
    /// Print what people have reported, a line of JSON each, the oldest first. Also while the server runs.
    Reports(Data),
    /// Print what admins have done, a line of JSON each, the oldest first. Also while the server runs.
    Ledger(Data),
    /// Print a line for each record as it is appended, until interrupted: position, milliseconds since 1970, stream, kind.
    Tail(Tail),
    /// Check a receipt of an erasure, without the log and without the server. Exit code 1 if it does not hold.
    VerifyReceipt(VerifyReceipt),
    /// Print a proof that a record is in the newest checkpoint (C2SP tlog-proof).
    Prove(Show),
    /// Go on under a new key. The server must be stopped; the old key signs for the new one.
    RotateKey(Data),
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder of backups, or a bucket: `s3://my-bucket/hearth`. Those that are there already share their files with the new one.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) settings: ConfigFile,
    #[command(flatten)]
    pub(crate) data: Data,
    /// Encrypt it, so that only this recipient of age can open it: `age1…`, as `age-keygen` prints it.
    #[arg(long)]
    pub(crate) recipient: Option<String>,
    /// Afterwards take away all backups but so many, the newest ones.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep: Option<u32>,
    /// Write all records anew, so that what was erased since then is not in this backup and later ones.
    #[arg(long)]
    pub(crate) whole: bool,
    /// The same, if it was done last so many days ago.
    #[arg(long)]
    pub(crate) whole_after_days: Option<u32>,
    #[command(flatten)]
    pub(crate) by_program: ByProgram,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The folder of backups, or a bucket: `s3://my-bucket/hearth`.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) settings: ConfigFile,
    /// The new data folder: empty, or not there yet. For a rehearsal, the one beside whose files there is room.
    #[command(flatten)]
    pub(crate) data: Data,
    /// The name of the backup; without it, the newest.
    #[arg(long)]
    pub(crate) at: Option<String>,
    /// The file with the identity of age that opens an encrypted backup: `AGE-SECRET-KEY-1…`.
    #[arg(long)]
    pub(crate) identity: Option<PathBuf>,
    /// Restore into a scratch folder, prove it, and take it away again.
    #[arg(long)]
    pub(crate) rehearse: bool,
    #[command(flatten)]
    pub(crate) by_program: ByProgram,
}

/// For those who are called by a program.
#[derive(Debug, Args)]
pub(crate) struct ByProgram {
    /// Give way to everything else that this machine has to do.
    #[arg(long)]
    pub(crate) gently: bool,
    /// Say what was done as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) data: Data,
    /// First position.
    #[arg(long)]
    pub(crate) from: Option<u64>,
    /// Last position.
    #[arg(long)]
    pub(crate) to: Option<u64>,
    /// Only this stream, for example `room:!abc:example.org`.
    #[arg(long)]
    pub(crate) stream: Option<String>,
    /// With the hashes of passwords and tokens, which an export leaves out otherwise.
    #[arg(long)]
    pub(crate) with_credentials: bool,
    /// The file to write; standard output if there is none.
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// An export; `-` is standard input. Without it, the data folder.
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// Give way to everything else that this machine has to do.
    #[arg(long)]
    pub(crate) gently: bool,
    /// Say how far it is, and then what came of it, as lines of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A whole export, made with `--with-credentials` if people are to log in with their passwords.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Fold into a scratch folder and compare with the live rows, changing nothing. Exit code 1 if they differ.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    pub(crate) data: Data,
    /// First position; without it, what comes next.
    #[arg(long)]
    pub(crate) from: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The record's position.
    pub(crate) position: u64,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyReceipt {
    /// The receipt; `-` is standard input.
    pub(crate) file: PathBuf,
    /// The log's verifier key, as `hearth log stat` printed it, and as it was noted elsewhere. Without it the key is printed, to be compared.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

#[cfg(unix)]
#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// Make an invite and print its link, which is printed this once.
    New(NewInvite),
    /// Print the invites that nobody has revoked, a line each.
    List(Data),
    /// End an invite.
    Revoke(RevokeInvite),
}

#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct NewInvite {
    /// How many accounts can be made with it, 1000 at most.
    #[arg(long, default_value_t = 1)]
    pub(crate) uses: u32,
    /// How long it counts: 30m, 12h, 7d or 4w, a year at most.
    #[arg(long, default_value = "7d", value_parser = crate::command::duration)]
    pub(crate) expires: std::time::Duration,
    /// Whom it is for. Only admins see it.
    #[arg(long)]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct RevokeInvite {
    /// Its id, as `hearth invite list` prints it.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[cfg(unix)]
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Print the accounts, a line each.
    List(Data),
    /// Make an account an admin.
    MakeAdmin(NamedUser),
    /// Make an admin none. The last one stays.
    UnmakeAdmin(NamedUser),
    /// Make a link with which somebody who has forgotten their password sets a new one, once within a day. Links before it count no more.
    ResetLink(NamedUser),
    /// Keep an account from being used until it is unlocked. Nothing of it is lost; its devices stay logged in.
    Lock(NamedUser),
    /// Let a locked account be used again.
    Unlock(NamedUser),
    /// Close an account for ever: its sessions end, it leaves all rooms, and its name is given to nobody else.
    Deactivate(DeactivateUser),
    /// Print the signed receipt of an erasure, once what was erased has left the disk. Waits for that a while.
    Receipt(ReceiptOfUser),
}

/// An account, on the server of a data folder.
#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct NamedUser {
    /// The user name.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct ReceiptOfUser {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// The file to write; standard output if there is none.
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

#[cfg(unix)]
#[derive(Debug, Args)]
pub(crate) struct DeactivateUser {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// Forget what can be forgotten of its owner as well: profile, media, names of devices, addresses, keys, and what they wrote. Also for an
    /// account that is closed already.
    #[arg(long)]
    pub(crate) erase: bool,
}
