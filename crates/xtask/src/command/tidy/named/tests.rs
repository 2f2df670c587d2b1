//! Pages over a repository of three files.

use std::path::{Path, PathBuf};

use super::{Repository, check_page, not_quoted};

const CODE: &str =
    "//! Not a name: comment.\npub(crate) fn make(kettle: Kettle) {\n    fill(kettle);\n\n    heat(kettle);\n}\n";

/// What is wrong with a page in `docs`, each with its line.
fn wrong(text: &str) -> Vec<(usize, String)> {
    let files = ["crates/tea/src/make.rs", "docs/page.md", "docs/pictures/tea.css"].map(PathBuf::from);
    let read = |_: &Path| Ok(CODE.to_owned());
    check_page(Path::new("docs/page.md"), text, &Repository::of(&files), &read, crate::judge).unwrap()
}

fn lines(text: &str) -> Vec<usize> {
    wrong(text).into_iter().map(|(line, _)| line).collect()
}

#[test]
fn paths_resolve_from_the_root_the_crates_and_the_page() {
    let there = "`crates/tea/src/make.rs` `tea/src/` `pictures/tea.css` `docs/pictures`";
    assert_eq!(wrong(there), []);
    let no_paths = "`dist/` `web-client/dist/app/a.css` `/sync` `text/html` `~/.cache/x.rs` `./data` `tea/src/…` `a/<b>/c.rs` `make.rs` `PUT /a/b.md`";
    assert_eq!(wrong(no_paths), []);
    assert_eq!(lines("`tea/src/gone.rs`\n`gone/a.md`\n`crates/coffee`\n\n`pictures/`\n`gone/`"), [1, 2, 3, 6]);
}

#[test]
fn names_stand_in_their_files() {
    assert_eq!(
        wrong("`make` in `tea/src/make.rs`, `fn make` in [`crates/tea/src/make.rs`](x), `(kettle: K` in\n`tea/src/make.rs`"),
        [(2, "names `(kettle: K` in crates/tea/src/make.rs, which has no such name".to_owned())]
    );
    assert_eq!(lines("`mak` in `tea/src/make.rs`, `comment` in `tea/src/make.rs`"), [1, 1]);
    assert_eq!(wrong("`mak`, and in `tea/src/make.rs` `mak` is not looked for, nor `mak` in `tea/src/`"), []);
}

#[test]
fn command_lines_are_taken() {
    let good = "`cargo xtask` `cargo xtask test --list` `cargo xtask web --fast`, `cargo xtask --help` `cargo xtask …`\n\n\
                ```sh\ncargo xtask test unit http # the slow ones\n```\n\n    cargo xtask tidy\n";
    assert_eq!(wrong(good), []);
    let bad = "`cargo xtask brew`\n\n```sh\ncargo xtask run --hot\n```\n\n    cargo xtask test units\n";
    assert_eq!(lines(bad), [1, 4, 7]);
    assert!(wrong(bad)[2].1.contains("there is no stage `units`"), "{:?}", wrong(bad));
}

#[test]
fn quoted_code_stands_in_its_file() {
    let quoted = |code: &str| lines(&format!("```rust tea/src/make.rs\n{code}\n```"));
    assert_eq!(quoted("pub(crate) fn make(kettle: Kettle) {\n    …\n    heat(kettle);\n}"), [0; 0]);
    assert_eq!(quoted("heat(kettle);"), [0; 0]);
    assert_eq!(quoted("heat(kettle);\nfill(kettle);"), [1]);
    assert_eq!(quoted("fill(kettle);\nheat(kettle);"), [1], "the empty line between is not left out by saying nothing");
    assert_eq!(lines("```rust\nnot quoted\n```"), [0; 0]);
    assert_eq!(lines("```rust tea/src/gone.rs\n```"), [1]);
    assert_eq!(not_quoted(CODE, &["fill(kettle);", "…", "pour(kettle);"]), Some("pour(kettle);"));
}
