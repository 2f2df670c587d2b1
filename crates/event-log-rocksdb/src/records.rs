//! Records: appends one at a time, reads at any time.

use event_log::{AppendError, Batch, Header, LogFault, Position, Record, RecordStore};
use rocksdb::{DB, DBRawIterator, WriteBatch};

use crate::database::{family, handle, last_key};
use crate::fault::{storage, unreadable};
use crate::options::{self, BY_STREAM, HEADERS, PAYLOADS};
use crate::rows;
use crate::secondary;
use crate::store::RocksLog;

impl RecordStore for RocksLog {
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError> {
        let mut head = self.head.lock();
        if self.database().is_none() {
            *head = self.open_again()?;
        }
        if *head != expected {
            return Err(AppendError::Conflict);
        }
        let last = batch.records.last().map(Record::position).or(expected);
        let write = {
            let guard = self.database();
            batch_of(handle(&guard)?, batch)?
        };
        self.check_room(&write)?;
        if let Err(error) = self.write(write, true) {
            *head = self.open_again()?;
            // Opening has synced whatever it found in the write-ahead log: then the batch is whole after all.
            return if *head == last { Ok(()) } else { Err(error) };
        }
        *head = last;
        Ok(())
    }

    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, LogFault> {
        match stream {
            Some(stream) => self.records_at(&self.positions_of(stream, from, limit)?),
            None if limit == 1 => {
                let found = self.records_at(&[from]);
                // A gap at `from`: the next one that is there.
                if matches!(found, Err(LogFault::Damaged { .. })) { self.scan(from, 1) } else { found }
            }
            None => self.scan(from, limit),
        }
    }

    fn read_headers(&self, from: Position, limit: usize) -> Result<Vec<Header>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf_opt(family(database, HEADERS)?, options::scan(limit));
        rows.seek(from.0.to_be_bytes());
        let mut headers = Vec::with_capacity(limit.min(4_096));
        while headers.len() < limit
            && let Some((position, value)) = row(&rows)
        {
            headers.push(rows::header(Position(position), value)?.0);
            rows.next();
        }
        let next = headers.last().map_or(from, |last: &Header| last.position.next());
        rows.status().map_err(|error| unreadable(&error, next))?;
        Ok(headers)
    }

    fn head(&self) -> Result<Option<Position>, LogFault> {
        let mut head = self.head.lock();
        if self.secondary {
            *head = secondary::catch_up(handle(&self.database())?)?;
        }
        Ok(*head)
    }

    fn cut(&self, keep: Position) -> Result<(), LogFault> {
        let records = self.scan(keep.next(), event_log::MAX_BATCH_RECORDS + 1)?;
        let mut head = self.head.lock();
        let guard = self.database();
        let database = handle(&guard)?;
        let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
        let by_stream = family(database, BY_STREAM)?;
        let mut write = WriteBatch::default();
        for record in records {
            let key = record.position().0.to_be_bytes();
            write.delete_cf(headers, key);
            write.delete_cf(payloads, key);
            write.delete_cf(by_stream, rows::stream_key(&record.header.stream, record.position()));
        }
        database.write_opt(write, &options::synced()).map_err(|error| storage(&error))?;
        *head = last_key(database, HEADERS)?.map(Position);
        Ok(())
    }
}

impl RocksLog {
    fn records_at(&self, positions: &[Position]) -> Result<Vec<Record>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
        let mut records = Vec::with_capacity(positions.len());
        for position in positions {
            let key = position.0.to_be_bytes();
            let value = database.get_pinned_cf(headers, key).map_err(|error| unreadable(&error, *position))?;
            let missing = || LogFault::Damaged { position: *position, what: "the header is missing".to_owned() };
            let (header, signature) = rows::header(*position, &value.ok_or_else(missing)?)?;
            let value = database.get_pinned_cf(payloads, key).map_err(|error| unreadable(&error, *position))?;
            let payload = rows::payload(*position, value.as_deref())?;
            records.push(Record { header, signature, payload });
        }
        Ok(records)
    }

    fn positions_of(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Position>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut rows = database.raw_iterator_cf(family(database, BY_STREAM)?);
        rows.seek(rows::stream_key(stream, from));
        let mut positions = Vec::new();
        while let Some(position) = rows.key().and_then(|key| rows::stream_position(key, stream)) {
            if positions.len() == limit {
                break;
            }
            positions.push(position);
            rows.next();
        }
        rows.status().map_err(|error| storage(&error))?;
        Ok(positions)
    }

    fn scan(&self, from: Position, limit: usize) -> Result<Vec<Record>, LogFault> {
        let guard = self.opened()?;
        let database = handle(&guard)?;
        let mut headers = database.raw_iterator_cf_opt(family(database, HEADERS)?, options::scan(limit));
        let mut payloads = database.raw_iterator_cf_opt(family(database, PAYLOADS)?, options::scan(limit));
        headers.seek(from.0.to_be_bytes());
        payloads.seek(from.0.to_be_bytes());
        let mut records = Vec::with_capacity(limit.min(4_096));
        while records.len() < limit
            && let Some((position, value)) = row(&headers)
        {
            let (header, signature) = rows::header(Position(position), value)?;
            while row(&payloads).is_some_and(|(at, _)| at < position) {
                payloads.next();
            }
            // A payload that cannot be read must not pass for one that was erased.
            payloads.status().map_err(|error| unreadable(&error, Position(position)))?;
            let value = row(&payloads).filter(|(at, _)| *at == position).map(|(_, value)| value);
            let payload = rows::payload(Position(position), value)?;
            records.push(Record { header, signature, payload });
            headers.next();
        }
        let next = records.last().map_or(from, |last: &Record| last.position().next());
        headers.status().map_err(|error| unreadable(&error, next))?;
        Ok(records)
    }
}

fn row<'a>(rows: &'a DBRawIterator<'_>) -> Option<(u64, &'a [u8])> {
    rows.item().and_then(|(key, value)| Some((rows::number(key)?, value)))
}

fn batch_of(database: &DB, batch: &Batch) -> Result<WriteBatch, LogFault> {
    let (headers, payloads) = (family(database, HEADERS)?, family(database, PAYLOADS)?);
    let by_stream = family(database, BY_STREAM)?;
    let mut write = WriteBatch::default();
    for record in &batch.records {
        let key = record.position().0.to_be_bytes();
        write.put_cf(headers, key, rows::header_value(record));
        if let Some(value) = rows::payload_value(&record.payload) {
            write.put_cf(payloads, key, value);
        }
        write.put_cf(by_stream, rows::stream_key(&record.header.stream, record.position()), []);
    }
    for position in &batch.erase {
        write.delete_cf(payloads, position.0.to_be_bytes());
    }
    Ok(write)
}
