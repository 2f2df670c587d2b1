//! Data folders of the past: each export `tests/golden/data-v*.jsonl` is taken in and folded by every view, and the rows must be
//! those whose digests stand beside it.
//!
//! An export is never edited. `HEARTH_WRITE_GOLDEN=data-v2` writes `tests/golden/data-v2.jsonl`, unless it is there, from a story in
//! which every kind of fact happens, and writes the digests of all exports anew. CONTRIBUTING.md says when that is right.

#[path = "data_folder/digests.rs"]
mod digests;
#[path = "data_folder/encryption.rs"]
mod encryption;
#[path = "data_folder/lanes.rs"]
mod lanes;
#[path = "data_folder/people.rs"]
mod people;
#[path = "data_folder/rooms.rs"]
mod rooms;
#[path = "data_folder/story.rs"]
mod story;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use domain::Fact;
use engine::FactDecoder;
use event_log::{ExportOptions, LOG_KIND_PREFIX, LogKey, MemoryBackend, Position, Reader, Record, export, import};
use projection::{MemoryRows, RowStore, Runner, compare, parked};
use testkit::FakeClock;

use story::Story;

/// The name of an export to write if it is missing. The digests are written anyhow.
const WRITE: &str = "HEARTH_WRITE_GOLDEN";
/// More than a golden export has.
const RECORDS_MAX: usize = 1_000;
/// A golden export stays small: it is in the repository for ever.
const BYTES_MAX: usize = 200 * 1024;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// The golden exports that there are.
fn exports() -> Result<Vec<PathBuf>> {
    let mut exports = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("data-v") && name.ends_with(".jsonl") {
            exports.push(path);
        }
    }
    exports.sort();
    Ok(exports)
}

fn imported(export: &Path) -> Result<Reader> {
    let file = fs::File::open(export)?;
    let clock = Arc::new(FakeClock::new(1_800_000_000_000));
    let stores = Arc::new(MemoryBackend::new());
    let (log, _) = import(file, stores, LogKey::from_seed(&[7; 32]), clock, &mut |_| {})?;
    Ok(log.reader().clone())
}

/// Every record of a log.
fn records(log: &Reader) -> Result<Vec<Record>> {
    let records = log.read(Position(1), RECORDS_MAX)?;
    ensure!(records.len() < RECORDS_MAX, "a golden export has fewer records");
    Ok(records)
}

/// Every fact of a log whose payload is there, with its record.
fn facts(records: &[Record]) -> Result<Vec<(&Record, Fact)>> {
    let of_domain = records.iter().filter(|record| !record.header.kind.starts_with(LOG_KIND_PREFIX));
    of_domain
        .filter_map(|record| record.bytes().map(|payload| (record, payload)))
        .map(|(record, payload)| {
            let fact = Fact::decode(&record.header.kind, record.header.kind_version, payload);
            Ok((record, fact.with_context(|| format!("record {}", record.position()))?))
        })
        .collect()
}

/// Folds a log anew, so many records to a group.
fn folded(log: &Reader, group: usize) -> Result<MemoryRows> {
    let rows = MemoryRows::new();
    let runner = Runner::new(Arc::new(rows.clone()), views::all(), Box::new(FactDecoder))?;
    for group in records(log)?.chunks(group) {
        runner.apply(group)?;
    }
    ensure!(parked(&*rows.snapshot(), 1)?.is_empty(), "a record does not read");
    Ok(rows)
}

/// Fails unless every kind of fact is in a log with its payload, in the streams that the table names.
fn check_every_kind(records: &[Record]) -> Result<()> {
    let facts = facts(records)?;
    let streams: BTreeMap<&str, &str> =
        facts.iter().map(|(record, _)| (record.header.kind.as_str(), record.header.stream.as_str())).collect();
    for kind in Fact::KINDS {
        let stream = streams.get(kind.name).with_context(|| format!("{} is not in the log", kind.name))?;
        let word = stream.split_once(':').map_or(*stream, |(word, _)| word);
        ensure!(word == kind.stream, "{} is in {stream}, not in a stream {}", kind.name, kind.stream);
    }
    Ok(())
}

/// Writes the story's log as a golden export, unless there is one of that name.
fn write(name: &str, story: &Story) -> Result<()> {
    let path = folder().join(format!("{name}.jsonl"));
    if path.exists() {
        return Ok(());
    }
    let options = ExportOptions { secrets: true, ..ExportOptions::default() };
    let mut lines = Vec::new();
    export(story.tree()?, &options, &mut lines, &mut |_| {})?;
    Ok(fs::write(path, lines)?)
}

/// A story in which every kind of fact happens: three people, their devices and their rooms.
async fn tell() -> Result<Story> {
    let mut story = Story::begin()?;
    people::sign_up(&story).await?;
    people::profiles_and_data(&story).await?;
    encryption::keys(&story).await?;
    encryption::backups(&story).await?;
    rooms::talk(&story).await?;
    rooms::devices_talk(&story).await?;
    people::invite(&story).await?;
    people::administer(&story).await?;
    people::part(&story).await?;
    story.engine()?.carry_out_effects().await?;
    // No command starts an epoch of one-time keys: taking an export in does.
    story.happens("user:@bob:h", "keys.epoch_started", r#"{"user_id":"@bob:h"}"#)?;
    Ok(story)
}

#[test]
fn golden_data_folders_fold_to_the_rows_whose_digests_are_kept() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let story = runtime.block_on(tell())?;
    check_every_kind(&records(story.engine()?.log())?).context("the story is not complete")?;
    // Rooms, people, a backup, the directory and the outbox.
    ensure!(story.check_snapshots()?.used >= 7, "a kind of lane has no snapshot");
    let written = std::env::var(WRITE).ok();
    if let Some(name) = &written {
        write(name, &story)?;
    }
    let exports = exports()?;
    ensure!(!exports.is_empty(), "there is no golden export");
    for export in exports {
        check(&export, written.is_some()).with_context(|| export.display().to_string())?;
    }
    Ok(())
}

fn check(export: &Path, is_writing: bool) -> Result<()> {
    ensure!(fs::read(export)?.len() < BYTES_MAX, "a golden export is small");
    let log = imported(export)?;
    check_bytes(&records(&log)?)?;
    let rows = folded(&log, RECORDS_MAX)?;
    for group in [1, 7] {
        let difference = compare(&*rows.snapshot(), &*folded(&log, group)?.snapshot())?;
        ensure!(difference.is_none(), "groups of {group} make other rows: {difference:?}");
    }
    let facts = facts(&records(&log)?)?.into_iter().map(|(record, fact)| (record.header.stream.clone(), fact)).collect();
    let all = [("digest", digests::of(&*rows.snapshot())?), ("lanes.digest", lanes::digests(facts)?)];
    for (extension, digests) in all {
        let file = export.with_extension(extension);
        if is_writing {
            fs::write(&file, &digests)?;
        }
        digests::check(&fs::read_to_string(&file).unwrap_or_default(), &digests)?;
    }
    Ok(())
}

/// Payloads in their current version are written again to the same bytes.
fn check_bytes(records: &[Record]) -> Result<()> {
    for (record, fact) in facts(records)? {
        let encoded = fact.encode()?;
        let header = &record.header;
        let is_same = Some(encoded.payload.as_slice()) == record.bytes();
        ensure!(
            is_same || encoded.version != header.kind_version,
            "{} at {} is written to other bytes",
            header.kind,
            header.position
        );
    }
    Ok(())
}
