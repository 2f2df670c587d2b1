//! Prints docs/budgets.md for `cargo xtask generate`: the table of budgets.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use api::MemoryPlan;
use api::budget::{Budget, Per, budgets};

const HEAD: &str = "\
# Budgets

What may be kept or held of each kind of thing, in bytes and not only in number. This page is written by `cargo xtask generate` from the
ledger in `api/src/budget.rs`, which names the numbers that the server enforces. A test holds the ledger to this: as many of the
largest as are let in stay within the budget, each class of endpoints has one, and so has each kind of thing that a person can keep.

Where no number stands, bytes are counted. *Over it* is what happens to one more: the status of the refusal, or what makes room.
";

const MEMORY: &str = "
## In memory, of everybody

Of one figure, `server.memory_bytes`, every part has a share; beyond some size more helps nothing, and what one request may be has to fit.
What is left is the program's own: its code, its threads, what is under way in them, and what the allocator has not given back yet. A server that
may take less than 192 MiB does not start. Numbers are MiB where nothing else is said.

";

const TAIL: &str = "
## What has no budget yet

- What a poll makes of rows that has missed little: its own bounds of rooms and events hold.
";

/// For how much memory the page shows what becomes of it, MiB.
const SHOWN_MIB: [u64; 3] = [256, 1_024, 4_096];

fn main() -> io::Result<()> {
    let mut page = HEAD.to_owned();
    let kinds = [
        (Per::Person, "Of one person"),
        (Per::Device, "Of one device"),
        (Per::Room, "Of one room"),
        (Per::Request, "Of one request"),
    ];
    for (per, title) in kinds {
        table(&mut page, per, title).map_err(io::Error::other)?;
    }
    page.push_str(MEMORY);
    memory(&mut page).map_err(io::Error::other)?;
    page.push_str(TAIL);
    io::stdout().write_all(page.as_bytes())
}

fn table(page: &mut String, per: Per, title: &str) -> std::fmt::Result {
    let rows = budgets(&MemoryPlan::ample()).into_iter().filter(|budget| budget.per == per);
    write!(
        page,
        "\n## {title}\n\n| what | the largest, bytes | at most | in all, bytes | over it |\n|---|---|---|---|---|\n"
    )?;
    for Budget { what, each_bytes, number, total_bytes, over, .. } in rows {
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        writeln!(page, "| {what} | {each_bytes} | {number} | {total_bytes} | {over} |")?;
    }
    Ok(())
}

/// What is held for everybody, beside each other for a few figures of memory.
fn memory(page: &mut String) -> std::fmt::Result {
    let plans: Vec<MemoryPlan> = SHOWN_MIB.iter().filter_map(|mib| MemoryPlan::of(mib << 20).ok()).collect();
    let columns: Vec<Vec<Budget>> =
        plans.iter().map(|plan| budgets(plan).into_iter().filter(|budget| budget.per == Per::Server).collect()).collect();
    let heads: String = SHOWN_MIB.iter().map(|mib| format!(" of {mib} |")).collect();
    writeln!(page, "| what |{heads} over it |\n|---|{}---|", "---|".repeat(SHOWN_MIB.len()))?;
    for (row, budget) in columns.first().into_iter().flatten().enumerate() {
        let cells: String = columns.iter().filter_map(|column| column.get(row)).map(cell).collect();
        writeln!(page, "| {} |{cells} {} |", budget.what, budget.over)?;
    }
    let left: String = columns.iter().zip(SHOWN_MIB).map(|(column, mib)| left(column, mib)).collect();
    writeln!(page, "| the program itself |{left} |")
}

/// What a budget comes to, and how many that is where they are counted.
fn cell(budget: &Budget) -> String {
    match budget.number {
        Some(number) => format!(" {}: {number} |", mib(budget.total_bytes)),
        None => format!(" {} |", mib(budget.total_bytes)),
    }
}

fn left(column: &[Budget], mib_in_all: u64) -> String {
    let taken: usize = column.iter().map(|budget| budget.total_bytes).sum();
    let in_all = usize::try_from(mib_in_all << 20).unwrap_or(usize::MAX);
    format!(" {} |", mib(in_all.saturating_sub(taken)))
}

fn mib(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}
