//! Small crates, and the circles that are found in them.

use std::path::Path;

use anyhow::Context as _;

use super::{describe, of_crate};

/// The circles of a crate of these files, as people read them.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let read = |file: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == file);
        found.map(|(_, text)| (*text).to_owned()).with_context(|| format!("there is no {}", file.display()))
    };
    let circles = of_crate(Path::new(files[0].0), &read).unwrap();
    circles.iter().map(|circle| describe(circle).to_string()).collect()
}

fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let mut said = found(files);
    for line in &mut said {
        *line = line.split_once("circle: ").unwrap().1.to_owned();
    }
    said
}

const NONE: [&str; 0] = [];

#[test]
fn modules_that_import_each_other_are_found() {
    let two = [("lib.rs", "mod a; mod b;"), ("a.rs", "//! A.\nuse crate::b::B;"), ("b.rs", "fn b() { crate::a::a() }")];
    assert_eq!(found(&two), ["a.rs:2: modules import each other in a circle: a.rs:2 → b.rs:1 → a.rs"]);
    let three = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::{B, X};"),
        ("b.rs", "use super::c;\nfn b() { c::f() }"),
        ("c.rs", "fn f() { println!(\"{}\", crate::a::A) }"),
    ];
    assert_eq!(circles(&three), ["a.rs:1 → b.rs:2 → c.rs:1 → a.rs"]);
    let one_way = [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")];
    assert_eq!(circles(&one_way), NONE);
}

#[test]
fn what_is_on_a_longer_way_round_is_named_too() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::{a::A, c::C};"),
        ("c.rs", "use crate::a::A;"),
    ];
    assert_eq!(circles(&files), ["a.rs:1 → b.rs:1 → a.rs; these hang on it by other circles: c.rs"]);
}

#[test]
fn a_parent_may_give_on_what_its_children_define() {
    let child = ("a/child.rs", "use super::Y;\npub struct X(Y);");
    for (parent, expected) in [
        ("mod child; pub use child::X; pub struct Y;", None),
        ("mod child; pub(crate) use self::child::*; pub struct Y;", None),
        ("mod child; use child::X; pub struct Y;", Some("a/child.rs:1 → a.rs:1 → a/child.rs")),
        ("mod child; pub struct Y; fn f() { child::g() }", Some("a/child.rs:1 → a.rs:1 → a/child.rs")),
        ("mod child; pub use child::X; pub struct Y; fn f(_: X) {}", Some("a/child.rs:1 → a.rs:1 → a/child.rs")),
        ("mod child; pub use child::X; pub struct Y; fn f() { show!(y, X {}) }", Some("a/child.rs:1 → a.rs:1 → a/child.rs")),
    ] {
        let files = [("lib.rs", "mod a;"), ("a.rs", parent), child];
        assert_eq!(circles(&files), expected.into_iter().collect::<Vec<_>>(), "{parent}");
    }
}

#[test]
fn what_a_parent_gives_on_counts_for_the_child_that_defines_it() {
    let siblings = [
        ("lib.rs", "mod a; mod b; pub use a::A; pub use b::*;"),
        ("a.rs", "use crate::B;"),
        ("b.rs", "pub struct B; fn f() { let _ = super::A; }"),
    ];
    assert_eq!(circles(&siblings), ["a.rs:1 → b.rs:1 → a.rs"]);
    let facade = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod x; mod y; pub use x::X; fn f() { y::f() }"),
        ("a/x.rs", "pub struct X;"),
        ("a/y.rs", "use super::X; pub fn f() {}"),
    ];
    assert_eq!(circles(&facade), NONE);
}

#[test]
fn tests_and_other_crates_do_not_count() {
    let tested = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod child; pub struct Y; #[cfg(test)] mod tests { use super::child::X; }"),
        ("a/child.rs", "use super::Y; pub(super) struct X;"),
    ];
    assert_eq!(circles(&tested), NONE);
    let foreign = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; fn f() { ::b::f(); x.b::<u8>() }"),
        ("b.rs", "use a::A; fn f() { ::a::f(); call!(::a::f(), y.a) }"),
    ];
    assert_eq!(circles(&foreign), NONE);
}

#[test]
fn modules_are_found_where_the_compiler_finds_them() {
    let files = [
        ("tests/it.rs", "#[path = \"it/a.rs\"] mod a; mod inner { mod b; }"),
        ("tests/it/a.rs", "mod c; use crate::inner::b::B;"),
        ("tests/it/c.rs", "use super::super::a::A;"),
        ("tests/inner/b.rs", "use crate::a::A;"),
    ];
    assert_eq!(circles(&files), ["tests/inner/b.rs:1 → tests/it/a.rs:1 → tests/inner/b.rs"]);
}
