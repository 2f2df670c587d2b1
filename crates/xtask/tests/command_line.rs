//! The command line as the README and CI use it. Runs nothing that takes long.

use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output()
}

#[test]
fn every_command_is_listed() {
    let output = xtask(&["--help"]).unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for command in [
        "run",
        "build",
        "test",
        "ci",
        "format",
        "tidy",
        "hook",
        "generate",
        "web",
        "bench",
        "sim",
        "compose-test",
        "release",
        "skeleton",
    ] {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(&format!("{command} "))),
            "{command} is not in\n{help}"
        );
    }
}

#[test]
fn stages_are_listed_and_an_unknown_one_fails() {
    let output = xtask(&["ci", "--list"]).unwrap();
    assert!(output.status.success());
    let stages = String::from_utf8(output.stdout).unwrap();
    for stage in ["format", "clippy", "tidy", "deps", "unit", "http", "clients", "browser"] {
        assert!(stages.lines().any(|line| line.starts_with(stage)), "{stage} is not in\n{stages}");
    }
    let output = xtask(&["test", "no-such-stage"]).unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-stage"));
}
