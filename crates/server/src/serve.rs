//! `hearth serve`: opens the data folder, starts the engine, and answers HTTP until it is told to stop.

mod api_settings;
mod backups;
mod first_account;
mod health;
mod host;
mod http;
mod https;
mod mailing;
mod metrics;
#[cfg(unix)]
mod operator;
mod receipts;
mod reload;
mod retention;
mod tlog;
mod upkeep;
mod web;

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use api::{
    ApiSettings, App, Authentications, Bodies, Connections, Counters, Limits, LiveSettings, Mailing, MediaWork, MemoryPlan,
    OwnWrites, RateLimits, Receipts,
};
use config::Config;
use domain::{MediaQuota, Policy};
use engine::{Engine, EngineParts, SnapshotInterval, SystemEntropy};
use event_log::{SystemClock, TreeKeeper};
use ruma::{OwnedServerName, RoomVersionId};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    blobs::FileBlobs,
    cli::Serve,
    console::say,
    data_folder::DataFolder,
    memory,
    push::HttpGateway,
    settings,
    stun::{Limit, Stun},
    telemetry::{self, Filter},
};

use first_account::FirstAccount;
use https::Https;
use mailing::Mail;
use reload::{LiveConfig, Reload};
use upkeep::Storages;

/// How long requests that are under way may take to finish after a signal.
const DRAIN: Duration = Duration::from_secs(5);

/// How long a start waits for the server before it to end: twice what that one may take.
const HANDOVER: Duration = Duration::from_secs(10);
const HANDOVER_PAUSE: Duration = Duration::from_millis(50);

/// Runs the server.
pub(crate) fn run(args: &Serve) -> Result<()> {
    let config = settings::load_to_serve(args)?;
    let filter = telemetry::start(&config.telemetry)?;
    let memory = memory::plan(config.server.memory_bytes)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().max_blocking_threads(memory.blocking_threads).build()?;
    let outcome = runtime.block_on(serve(&config, &memory, (args, filter)));
    // Blocking work that is still under way (a password hash) must not hold up the end.
    runtime.shutdown_timeout(DRAIN);
    outcome
}

async fn serve(config: &Config, memory: &MemoryPlan, (args, filter): (&Serve, Filter)) -> Result<()> {
    outlive_refused_writes();
    // Before the storages open their first files.
    let admission = admission(config, http::raise_descriptors(), memory);
    let folder = DataFolder::new(&config.server.data);
    folder.create()?;
    wait_for_predecessor(&folder).await;
    // Before the log is opened, so that mistakes in the settings are told at once.
    let stun = Stun::open(config.calls.stun_listen.as_ref())?;
    let files = Arc::new(web::Files::open(config.server.web_client.clone())?);
    let blobs = FileBlobs::new(folder.media(), config.media.disk_reserve_bytes);
    let (engine, storages, tree) = start_engine(config, memory, &folder, blobs.clone())?;
    let listener = listen(config.server.listen).await?;
    let address = listener.local_addr()?;
    let https = Https::open(config, &folder).await?;
    let mail = Mail::open(config, &folder)?;
    let first = FirstAccount::new();
    let settings = ApiSettings {
        web_url: web_url(config, address, https.as_ref())?,
        first_account: Some(first.hash()),
        ..api_settings::of(config, &stun_ports(stun.as_ref()))
    };
    let backups = backups::spawn(&config.backup, &config.server.data)?;
    let receipts = receipts::signed(engine.clone(), tree.clone(), folder.clone());
    let live = LiveConfig::new(config.clone());
    let program = program(&live, &engine, &storages, &tree, backups.as_ref());
    let app = App { mailing: mail.mailing(), ..app(config, memory, engine.clone(), (settings, receipts, program)) };
    let settings = app.settings.now();
    let reload = Reload::new((args.clone(), filter), live, app.settings.clone(), stun_ports(stun.as_ref()));
    let stopping = watch::Sender::new(false);
    let stopped = || until_stopped(&stopping);
    let mail = mail.spawn(&engine, &settings.web_url, stopped());
    upkeep::spawn(engine.clone(), (storages.clone(), mail.waiting()), blobs, folder.clone());
    retention::spawn(&engine, config.retention.days);
    let pushing = upkeep::spawn_pushing(&engine, push_gateway(config)?);
    if let Some(listen) = config.telemetry.metrics_listen {
        let (counters, admission) = (app.counters.clone(), admission.clone());
        let sources = metrics::Sources { counters, engine: engine.clone(), log: storages.log.clone(), admission, backups };
        metrics::spawn(listen, sources, stopped()).await?;
    }
    let tree = tlog::routes(tree, Limit::new(config.limits.rate_limits));
    let own = health::routes(engine.clone(), storages.log.clone()).merge(tree);
    let web = move |method, uri, headers| web::serve(files, method, uri, headers);
    #[cfg(unix)]
    operator::spawn(&folder.operator_socket(), api::operator_router(app.clone()));
    let router = api::router(app).merge(own).fallback(web);
    let mut answering_stun = stun.map(|stun| answer_stun(stun, config.limits.rate_limits)).transpose()?.unwrap_or_default();
    tell_when_ready(engine.clone(), address, first, settings);
    let mut has_failed = false;
    let stop = async {
        tokio::select! {
            () = stop_signal() => {}
            () = reload.follow() => {}
            () = engine.ended() => has_failed = true,
        }
        stopping.send_replace(true);
        engine.waiters().end();
    };
    let idle = Duration::from_secs(config.limits.idle_timeout_s.into());
    let service = http::Service { router, admission, idle, tls: None };
    let encrypted = https.map(|https| https.spawn(service.clone(), stopped, DRAIN)).transpose()?.unwrap_or_default();
    http::serve(listener, service, stop, DRAIN).await;
    encrypted.join_all().await;
    tracing::info!("stopping");
    // Before the folder is free: who waits for it wants the ports too.
    answering_stun.shutdown().await;
    tokio::join!(pushing.end(), mail.end());
    let closing = engine.clone();
    tokio::task::spawn_blocking(move || closing.close()).await?;
    storages.stop();
    if has_failed { Err(why_failed(&engine)) } else { Ok(()) }
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}; is another server there?"))
}

/// Why a server has ended that nobody has stopped.
fn why_failed(engine: &Engine) -> anyhow::Error {
    let why = engine.health().ok().and_then(|health| health.fold_fault);
    let why = why.unwrap_or_else(|| "a part of the server has failed, as said above".to_owned());
    anyhow!("the log cannot be written or the views cannot follow it: {why}. Start the server again.")
}

fn answer_stun(stun: Stun, is_limited: bool) -> Result<JoinSet<()>> {
    let addresses: Vec<String> = stun.addresses().iter().map(ToString::to_string).collect();
    say(&format!("answering STUN on {} (UDP)", addresses.join(" and ")))?;
    Ok(stun.spawn(is_limited))
}

/// Ends when the server is to stop, or has stopped.
fn until_stopped(stopping: &watch::Sender<bool>) -> impl Future<Output = ()> + use<> {
    let mut stopping = stopping.subscribe();
    async move {
        // A sender that is gone has stopped too.
        let _gone = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}

/// What admins are told of this program.
fn program(
    config: &LiveConfig,
    engine: &Engine,
    storages: &Storages,
    tree: &TreeKeeper,
    backups: Option<&backups::Standing>,
) -> host::Program {
    host::Program::new(host::Sources {
        config: config.clone(),
        engine: engine.clone(),
        log: storages.log.clone(),
        tree: tree.clone(),
        backups: backups.cloned(),
    })
}

/// The state of the API.
fn app(
    config: &Config,
    memory: &MemoryPlan,
    engine: Engine,
    (settings, receipts, program): (ApiSettings, Receipts, host::Program),
) -> App {
    App {
        engine,
        settings: LiveSettings::new(settings),
        media: MediaWork::new(memory),
        limits: Limits::new(rate_limits(config, memory).as_ref()),
        connections: Connections::new(memory.sliding_bytes),
        bodies: Bodies::new(memory),
        counters: Counters::default(),
        authentications: Authentications::default(),
        own_writes: OwnWrites::default(),
        mailing: Mailing::default(),
        receipts,
        host: Some(Arc::new(program)),
    }
}

/// Waits for a server that is about to end and has the folder still, and the ports: a restart is then no race. Whoever stays is
/// found when the log is opened.
async fn wait_for_predecessor(folder: &DataFolder) {
    if !folder.is_in_use() {
        return;
    }
    tracing::info!("another process has the data folder; waiting for it to end");
    let freed = async {
        while folder.is_in_use() {
            tokio::time::sleep(HANDOVER_PAUSE).await;
        }
    };
    let _stays = tokio::time::timeout(HANDOVER, freed).await;
}

/// Where pushes go out; none when nothing is to be sent.
fn push_gateway(config: &Config) -> Result<Option<HttpGateway>> {
    let wanted = config.push.http.then(|| HttpGateway::new(config.push.allow_private_addresses));
    wanted.transpose().context("there is no TLS to send pushes with")
}

/// Who gets a connection, with so many open files at most.
fn admission(config: &Config, descriptors: u64, memory: &MemoryPlan) -> http::Admission {
    let in_all = http::connections_max(descriptors, memory.connections, config.limits.max_connections);
    let by_address = usize::try_from(config.limits.max_connections_per_address).unwrap_or(usize::MAX);
    // Nobody is to keep everybody else out.
    let caps = http::Caps { in_all, by_address: by_address.min(in_all / 2).max(1) };
    http::Admission::new(caps, config.server.trusted_proxies.clone())
}

/// Says that the server serves once it does. Until then clients get 503, with how far it is.
fn tell_when_ready(engine: Engine, address: SocketAddr, first: FirstAccount, settings: Arc<ApiSettings>) {
    tokio::task::spawn_blocking(move || {
        if engine.wait_ready().is_ok() {
            tracing::info!(log.head = engine.log().head().0, "the views follow the log");
            if let Err(error) = first.tell(&engine, |token| settings.join_link(token)) {
                tracing::warn!(%error, "the link for the first account could not be told");
            }
            // A standard output that is gone keeps nobody from being served.
            let _gone = say(&format!("listening on http://{address}"));
        }
    });
}

fn start_engine(
    config: &Config,
    memory: &MemoryPlan,
    folder: &DataFolder,
    blobs: FileBlobs,
) -> Result<(Engine, Storages, TreeKeeper)> {
    // Before the log is made, because with a log there has to be a key.
    let signing_key = folder.signing_key()?;
    let (log, recovery, storage) = folder.open_log(&config.server.name, memory::of_log(memory))?;
    if let Some(cut) = recovery.cut {
        tracing::warn!(
            log.cut_from = cut.from.0,
            log.cut_to = cut.to.0,
            "the log had a torn end, never acknowledged; it was cut off"
        );
    }
    let tree = log.tree().clone();
    let storages =
        Storages { log: storage, is_stopping: Arc::default(), rows: Arc::new(folder.open_views(memory::of_views(memory))?) };
    let parts = EngineParts {
        log,
        store: storages.rows.clone(),
        blobs: Arc::new(blobs),
        folds: views::all,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        server_name: OwnedServerName::try_from(config.server.name.as_str()).context("the server's name is not one")?,
        signing_key,
        policy: Policy {
            require_encryption: config.rooms.require_encryption,
            default_room_version: RoomVersionId::try_from(config.rooms.default_version.as_str())?,
            media: MediaQuota { person_bytes: config.media.quota_person_bytes, total_bytes: config.media.quota_total_bytes },
        },
        snapshots: SnapshotInterval::default(),
        memory: memory.engine,
    };
    let engine = Engine::open(parts)?;
    Ok((engine, storages, tree))
}

/// The ports on which this server answers STUN.
fn stun_ports(stun: Option<&Stun>) -> Vec<u16> {
    let mut ports: Vec<u16> = stun.iter().flat_map(|stun| stun.addresses()).map(|address| address.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Where people open the web client: as the admin says, at home, or on this machine.
fn web_url(config: &Config, address: SocketAddr, https: Option<&Https>) -> Result<String> {
    let at_home = https.map(Https::home_url).transpose()?.flatten();
    Ok(config.server.public_url.clone().or(at_home).unwrap_or_else(|| {
        if address.ip().is_unspecified() || address.ip().is_loopback() {
            format!("http://localhost:{}", address.port())
        } else {
            format!("http://{address}")
        }
    }))
}

fn rate_limits(config: &Config, memory: &MemoryPlan) -> Option<RateLimits> {
    let number = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
    config.limits.rate_limits.then(|| RateLimits {
        writes_per_second: number(config.limits.writes_per_second),
        reads_per_second: number(config.limits.reads_per_second),
        write_bytes_per_second: number(config.limits.write_bytes_per_second),
        upload_bytes_per_second: number(config.limits.upload_bytes_per_second),
        upload_bytes_max: config.limits.upload_bytes_max,
        logins_per_minute: number(config.limits.logins_per_minute),
        failed_logins_per_hour: number(config.limits.failed_logins_per_hour),
        key_claims_per_hour: number(config.limits.key_claims_per_hour),
        buckets: memory.buckets,
    })
}

/// A write to a file that may not grow any more (`ulimit -f`) is to fail like one to a full disk. Left alone, it ends the
/// process without a word.
#[cfg(unix)]
fn outlive_refused_writes() {
    /// SIGXFSZ, which has this number on every system that Hearth is built for.
    const FILE_SIZE_EXCEEDED: i32 = 25;
    // Once asked for, the signal is caught for good. Nobody need hear of it, because the write says so as well.
    let signal = tokio::signal::unix::SignalKind::from_raw(FILE_SIZE_EXCEEDED);
    if let Err(error) = tokio::signal::unix::signal(signal) {
        tracing::warn!(signal.error = %error, "a file that may not grow any more will end the server");
    }
}

#[cfg(not(unix))]
fn outlive_refused_writes() {}

/// Ends when the process is asked to stop.
async fn stop_signal() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(error) => {
            tracing::warn!(signal.error = %error, "SIGTERM cannot be listened for");
            std::future::pending().await
        }
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
