//! Prints docs/budgets.md for `cargo xtask generate`: the table of budgets.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use api::budget::{Budget, MEMORY_BYTES_MAX, Per, budgets};

const HEAD: &str = "\
# Budgets

What may be kept or held of each kind of thing, in bytes and not only in number. This page is written by `cargo xtask generate` from the
ledger in `api/src/budget.rs`, which names the numbers that the server enforces. A test holds the ledger to this: as many of the
largest as are let in stay within the budget, each class of endpoints has one, and so has each kind of thing that a person can keep.

Where no number stands, bytes are counted. *Over it* is what happens to one more: the status of the refusal, or what makes room.
";

const TAIL: &str = "
## What has no budget yet

- Messages that wait for a device: each has at most 64 KiB, their number has no bound.
- Answers on their way, such as all members of a room: 16 are made at once, 512 more may wait and then 429.
";

fn main() -> io::Result<()> {
    let mut page = HEAD.to_owned();
    for (per, title) in [
        (Per::Person, "Of one person"),
        (Per::Room, "Of one room"),
        (Per::Request, "Of one request"),
        (Per::Server, "In memory, of everybody"),
    ] {
        table(&mut page, per, title).map_err(io::Error::other)?;
    }
    page.push_str(TAIL);
    io::stdout().write_all(page.as_bytes())
}

fn table(page: &mut String, per: Per, title: &str) -> std::fmt::Result {
    let rows: Vec<Budget> = budgets().into_iter().filter(|budget| budget.per == per).collect();
    write!(
        page,
        "\n## {title}\n\n| what | the largest, bytes | at most | in all, bytes | over it |\n|---|---|---|---|---|\n"
    )?;
    for Budget { what, each_bytes, number, total_bytes, over, .. } in &rows {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        writeln!(page, "| {what} | {each_bytes} | {number} | {total_bytes} | {over} |")?;
    }
    if per == Per::Server {
        let sum: usize = rows.iter().map(|budget| budget.total_bytes).sum();
        writeln!(page, "\nTogether {} MiB, of at most {} MiB.", sum >> 20, MEMORY_BYTES_MAX >> 20)?;
    }
    Ok(())
}
