//! The ledger: what of each kind of thing may be kept or held, in bytes. The numbers are those that the server enforces; they are
//! named here and stand where they are enforced. `docs/budgets.md` is written from this table.

use domain::{
    backup,
    directory::{ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX, EMAIL_BYTES_MAX, EMAILS_PER_ACCOUNT_MAX},
    room,
    user::{
        DEVICE_NAME_BYTES_MAX, DEVICES_MAX,
        data::{ACCOUNT_DATA_BYTES_MAX, ACCOUNT_DATA_TOTAL_BYTES_MAX},
        dehydrated::DATA_BYTES_MAX,
        filters::{FILTER_BYTES_MAX, FILTERS_TOTAL_BYTES_MAX},
        keys::{KEY_BYTES_MAX, KEYS_TOTAL_BYTES_MAX},
        profile::PROFILE_BYTES_MAX,
        pushers::{PUSHER_BYTES_MAX, PUSHERS_MAX},
        receipts::RECEIPTS_MAX,
        to_device,
    },
};
use engine::{HELD_PREFIX_BYTES_MAX, PASSWORD_MEMORY_BYTES, UNIT_BYTES_MAX};

use crate::{
    class::Class,
    directory::list::PAGE_TEXT_BYTES_MAX,
    limits::KEY_BYTES,
    mailing::proofs,
    memory::{
        CONNECTION_BYTES, LARGE_PICTURE_BYTES, MemoryPlan, PER_PICTURE_BYTE, PER_READ_BYTE, PER_STATE_BYTE, StorageMemory,
        THREAD_BYTES, TYPING_MEMBER_BYTES,
    },
    paged::PAGED_BYTES,
    presence::set_presence::STATUS_BYTES_MAX,
    sync::{
        connections::{self, PERSON_BYTES_MAX},
        sliding::{REQUIRED_STATE_MAX, REQUIRED_STATE_OF_LISTS_MAX},
    },
    uiaa::remembered,
    user_directory::search_users::FOUND_MAX,
};

/// What is left for the program itself at least, bytes: its code, its threads, what is under way in them, and what the allocator has
/// not given back yet.
pub const PROGRAM_BYTES_MIN: usize = 24 << 20;
/// An identifier of the specification, bytes.
const ID_BYTES: usize = 255;
/// What the parts of a fixed size of something small take, bytes: numbers, digests, times.
const SMALL_BYTES: usize = 64;
const MIB: usize = 1 << 20;
/// An event of the specification, bytes.
const PDU_BYTES_MAX: usize = 65_536;

/// What a budget is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// One account.
    Person,
    /// One device.
    Device,
    /// One room.
    Room,
    /// One request.
    Request,
    /// The memory of the server, for everybody.
    Server,
}

/// What is kept or held of one kind of thing.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The kind of thing.
    pub what: String,
    /// Whose.
    pub per: Per,
    /// The largest one, bytes.
    pub each_bytes: usize,
    /// How many there may be; none where their bytes are counted.
    pub number: Option<usize>,
    /// What all of them may come to, bytes.
    pub total_bytes: usize,
    /// What happens to one more.
    pub over: &'static str,
}

impl Budget {
    /// Whether as many of the largest as are let in stay within the budget.
    #[must_use]
    pub const fn holds(&self) -> bool {
        let most = match self.number {
            Some(number) => self.each_bytes.saturating_mul(number),
            None => self.each_bytes,
        };
        most <= self.total_bytes
    }
}

/// All budgets, where memory is shared out so.
#[must_use]
pub fn budgets(memory: &MemoryPlan) -> Vec<Budget> {
    let mut budgets = of_people();
    budgets.extend(of_devices());
    budgets.extend(of_rooms());
    budgets.extend(of_requests());
    budgets.extend(Class::ALL.into_iter().filter_map(|class| bodies(class, memory)));
    budgets.extend(of_the_server(memory));
    budgets.extend(of_the_process(memory));
    budgets
}

/// The bodies of a class; none where they are streamed.
#[must_use]
pub fn bodies(class: Class, memory: &MemoryPlan) -> Option<Budget> {
    let (each, total) = class.body_bytes_max().zip(memory.bodies_bytes(class))?;
    let what = format!("bodies of requests of class {class:?}; a quarter of them of one person or address");
    Some(counted(Per::Server, &what, each, total, "429"))
}

fn numbered(per: Per, what: &str, each: usize, number: usize, total: usize, over: &'static str) -> Budget {
    Budget { what: what.to_owned(), per, each_bytes: each, number: Some(number), total_bytes: total, over }
}

fn counted(per: Per, what: &str, each: usize, total: usize, over: &'static str) -> Budget {
    Budget { what: what.to_owned(), per, each_bytes: each, number: None, total_bytes: total, over }
}

fn of_people() -> Vec<Budget> {
    let of = Per::Person;
    let session = 2 * ID_BYTES + DEVICE_NAME_BYTES_MAX + SMALL_BYTES;
    let receipt = 3 * ID_BYTES + SMALL_BYTES;
    let backups = usize::try_from(backup::BACKUPS_BYTES_MAX).unwrap_or(usize::MAX);
    let backed_up = backup::SESSION_BYTES_MAX + backup::SESSION_ID_BYTES_MAX + backup::ROOM_ID_BYTES_MAX;
    vec![
        counted(of, "account data, tags and push rules", ACCOUNT_DATA_BYTES_MAX, ACCOUNT_DATA_TOTAL_BYTES_MAX, "413"),
        counted(of, "filters", FILTER_BYTES_MAX, FILTERS_TOTAL_BYTES_MAX, "413"),
        counted(of, "keys of all devices", KEY_BYTES_MAX, KEYS_TOTAL_BYTES_MAX, "413"),
        numbered(of, "profile", PROFILE_BYTES_MAX, 1, PROFILE_BYTES_MAX, "400"),
        numbered(of, "pushers", PUSHER_BYTES_MAX, PUSHERS_MAX, 2 * MIB, "403"),
        numbered(of, "sessions", session, DEVICES_MAX, MIB, "403"),
        numbered(of, "dehydrated device", DATA_BYTES_MAX, 1, DATA_BYTES_MAX, "413"),
        numbered(of, "receipts", receipt, RECEIPTS_MAX, 80 * MIB, "403"),
        numbered(
            of,
            "requests to send to devices that are remembered",
            3 * ID_BYTES,
            to_device::TRANSACTIONS_MAX,
            MIB,
            "the oldest is forgotten",
        ),
        numbered(of, "email addresses", EMAIL_BYTES_MAX, EMAILS_PER_ACCOUNT_MAX, MIB, "403"),
        numbered(of, "backups", backup::INFO_BYTES_MAX, backup::BACKUPS_MAX, 2 * MIB, "403"),
        counted(of, "sessions in all backups", backed_up, backups, "413"),
        counted(of, "connections of sliding sync", PERSON_BYTES_MAX, PERSON_BYTES_MAX, "the oldest starts anew"),
    ]
}

/// What waits for a device. Numbers are bounded as well; bytes are reached sooner, unless messages are small.
fn of_devices() -> Vec<Budget> {
    let (of, each) = (Per::Device, to_device::CONTENT_BYTES_MAX + to_device::NAME_BYTES_MAX);
    let over = "429 as long as the device is read, afterwards it is not kept";
    let row = |who: &str, number: usize, bytes| {
        counted(of, &format!("messages that wait from {who}, {number} at most"), each, bytes, over)
    };
    vec![
        row("one sender", to_device::SENDER_MESSAGES_MAX, to_device::SENDER_BYTES_MAX),
        row("everybody but its owner", to_device::OTHERS_MESSAGES_MAX, to_device::OTHERS_BYTES_MAX),
        row("one sender where everybody has so much there", to_device::LEAST_MESSAGES_MAX, to_device::LEAST_BYTES_MAX),
    ]
}

fn of_rooms() -> Vec<Budget> {
    let (of, transaction) = (Per::Room, ID_BYTES + SMALL_BYTES);
    let expiring = 4 * ID_BYTES + SMALL_BYTES;
    vec![
        counted(of, "state, memberships left out", PDU_BYTES_MAX, room::STATE_BYTES_MAX, "413"),
        numbered(
            of,
            "transactions that are remembered",
            transaction,
            room::TRANSACTIONS_MAX,
            MIB,
            "the oldest is forgotten",
        ),
        numbered(of, "messages that expire", expiring, room::EXPIRIES_MAX, 16 * MIB, "403"),
        numbered(of, "addresses", ALIAS_BYTES_MAX, ALIASES_PER_ROOM_MAX, MIB, "403"),
    ]
}

fn of_requests() -> Vec<Budget> {
    let (of, pair) = (Per::Request, 2 * ID_BYTES);
    vec![
        numbered(of, "`required_state` of a list or a room", pair, REQUIRED_STATE_MAX, MIB, "400"),
        numbered(of, "`required_state` of all lists", pair, REQUIRED_STATE_OF_LISTS_MAX, MIB, "400"),
        counted(of, "facts of one command", UNIT_BYTES_MAX, UNIT_BYTES_MAX, "413"),
        counted(
            of,
            "pages of members, keys of devices and keys of backups that are held",
            PAGED_BYTES,
            PAGED_BYTES,
            "is read when the client has taken those before",
        ),
        counted(
            of,
            "names and topics on a page of public rooms",
            2 * PDU_BYTES_MAX,
            PAGE_TEXT_BYTES_MAX + 2 * PDU_BYTES_MAX,
            "the next page",
        ),
        numbered(
            of,
            "people that a search finds",
            ID_BYTES + PROFILE_BYTES_MAX,
            FOUND_MAX,
            4 * MIB,
            "the answer says that there are more",
        ),
    ]
}

/// What the rules and the API hold.
fn of_the_server(memory: &MemoryPlan) -> Vec<Budget> {
    let (of, engine) = (Per::Server, &memory.engine);
    let lanes = size(engine.lanes_bytes * PER_STATE_BYTE);
    let read = engine.read_bytes * size(PER_READ_BYTE);
    let mut budgets: Vec<Budget> = ["rooms", "people", "backups"]
        .map(|kind| {
            let what = format!("states of {kind} that commands are decided on");
            counted(of, &what, lanes, lanes, "the oldest are read anew")
        })
        .into();
    let member = size(TYPING_MEMBER_BYTES);
    let of_one = connections::of_one(memory.sliding_bytes);
    budgets.extend([
        counted(of, "rows that are read with every request", HELD_PREFIX_BYTES_MAX, engine.held_bytes, "all are read anew"),
        counted(of, "facts on their way to the log", UNIT_BYTES_MAX, engine.queued_bytes, "429"),
        counted(of, "what long reads make", read, read, "413 for one alone, otherwise 429"),
        counted(
            of,
            "answers that are sent; a quarter of them of one person or address",
            memory.answers_bytes / 4,
            memory.answers_bytes,
            "429",
        ),
        counted(of, "connections of sliding sync of one person", of_one, memory.sliding_bytes, "the older half starts anew"),
        counted(
            of,
            "presence",
            // With eight devices.
            STATUS_BYTES_MAX + 11 * ID_BYTES + 14 * SMALL_BYTES,
            engine.presence_bytes,
            "the older half is forgotten",
        ),
        alike(of, "members who are told when typing ends", member, engine.typing_members, "the notice is not passed on"),
        alike(of, "passwords that are hashed", PASSWORD_MEMORY_BYTES, engine.passwords, "64 wait, then 429"),
        alike(of, "email that waits to be sent", mail::WISH_BYTES_MAX, mail::WISHES_MAX, "429"),
        alike(
            of,
            "addresses that other clients wait for proof of",
            proofs::PROOF_BYTES,
            proofs::PROOFS_MAX,
            "the oldest is forgotten",
        ),
        alike(of, "keys that are counted for rate limits", size(KEY_BYTES), memory.buckets, "others share 1,024"),
        counted(
            of,
            "requests that wait for authentication, of strangers and of people each",
            remembered::BODY_BYTES_MAX,
            remembered::POOL_BYTES_MAX,
            "the oldest is forgotten",
        ),
        pictures(memory),
    ]);
    budgets
}

/// What the process takes beside it.
fn of_the_process(memory: &MemoryPlan) -> Vec<Budget> {
    let of = Per::Server;
    let storage = |what: &str, buffers: usize, held: &StorageMemory| {
        let bytes = buffers * held.write_buffer_bytes + held.block_cache_bytes;
        counted(
            of,
            &format!("the storage of {what}: rows to be written, blocks for reading"),
            bytes,
            bytes,
            "is written, is read anew",
        )
    };
    vec![
        storage("the log", 1, &memory.log),
        storage("the views", 2, &memory.views),
        alike(of, "connections", size(CONNECTION_BYTES), memory.connections, "a silent one is closed"),
        alike(of, "threads for work that blocks", size(THREAD_BYTES), memory.blocking_threads, "the work waits"),
        // Of either kind that gives way.
        alike(of, "threads of long reads", size(THREAD_BYTES), 2 * memory.engine.long_reads, "the read waits"),
    ]
}

/// The largest picture and, where two are worked on, one that is not large.
fn pictures(memory: &MemoryPlan) -> Budget {
    let largest = memory.picture_bytes * PER_PICTURE_BYTE;
    let others = (memory.pictures_at_work - 1) * size(LARGE_PICTURE_BYTES * PER_PICTURE_BYTE);
    let what = "pictures that thumbnails are made of, and their decoders";
    counted(Per::Server, what, size(largest), size(largest) + others, "413 for a larger one; more wait, then 429")
}

/// As many as there may be, all of one size.
fn alike(per: Per, what: &str, each: usize, number: usize, over: &'static str) -> Budget {
    numbered(per, what, each, number, each.saturating_mul(number), over)
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
