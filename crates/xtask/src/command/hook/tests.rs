//! The hook in repositories made for the test, with a git that has no configuration but theirs.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{CHECK, HOOK, git_in, install, remove};

/// A repository, a folder of programs that come first, and the configuration that a person would have for all of them.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(scene.path("programs")).unwrap();
        fs::create_dir_all(scene.path("repository")).unwrap();
        fs::write(scene.path("gitconfig"), "").unwrap();
        scene.git("repository", &["init", "--quiet"]);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Git in one of the scene's folders.
    fn command(&self, folder: &str) -> Command {
        let mut git = git_in(&self.path(folder));
        git.env("GIT_CONFIG_GLOBAL", self.path("gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "test").env(format!("GIT_{who}_EMAIL"), "test@localhost");
        }
        let programs = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        git.env("PATH", env::join_paths([self.path("programs")].into_iter().chain(programs)).unwrap());
        git
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> bool {
        self.command(folder).args(arguments).output().unwrap().status.success()
    }

    fn install(&self, folder: &str) -> Result<String, String> {
        install(&|| self.command(folder)).map_err(|error| format!("{error:#}"))
    }

    fn remove(&self, folder: &str) -> Result<String, String> {
        remove(&|| self.command(folder)).map_err(|error| format!("{error:#}"))
    }

    /// A cargo that writes down what it is asked for, and then succeeds or not.
    fn cargo(&self, succeeds: bool) {
        let end = if succeeds { "exit 0" } else { "exit 1" };
        let script = format!("#!/bin/sh\necho \"cargo $*\" >> {}\n{end}\n", self.path("asked").display());
        executable(&self.path("programs/cargo"), &script);
    }

    fn commit(&self, folder: &str) -> bool {
        self.git(folder, &["commit", "--quiet", "--allow-empty", "--message", "tests: a commit"])
    }
}

fn executable(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_commit_waits_for_the_hook_until_it_is_removed() {
    let scene = Scene::new();
    scene.install("repository").unwrap();
    scene.cargo(false);
    assert!(!scene.commit("repository"));
    assert_eq!(fs::read_to_string(scene.path("asked")).unwrap(), format!("{CHECK}\n"));
    scene.cargo(true);
    assert!(scene.commit("repository"));
    scene.cargo(false);
    scene.remove("repository").unwrap();
    assert!(scene.commit("repository"));
    assert!(scene.remove("repository").unwrap().starts_with("there is no "));
}

#[test]
fn installing_twice_is_installing_once() {
    let scene = Scene::new();
    let said = scene.install("repository").unwrap();
    let hook = scene.path("repository/.git/hooks/pre-commit");
    fs::set_permissions(&hook, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(scene.install("repository").unwrap(), said);
    assert_eq!(fs::read_to_string(&hook).unwrap(), HOOK);
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755, "git runs it again");
}

#[test]
fn a_hook_of_somebody_else_is_left_alone() {
    let scene = Scene::new();
    let hook = scene.path("repository/.git/hooks/pre-commit");
    for own in ["#!/bin/sh\necho mine\n".to_owned(), format!("{HOOK}echo more\n")] {
        executable(&hook, &own);
        let refused = scene.install("repository").unwrap_err();
        assert!(refused.contains(&format!("add to it the line `{CHECK} || exit 1`")), "{refused}");
        assert!(scene.remove("repository").is_err());
        assert_eq!(fs::read_to_string(&hook).unwrap(), own);
    }
    fs::remove_file(&hook).unwrap();
    symlink(scene.path("nowhere"), &hook).unwrap();
    assert!(scene.install("repository").is_err(), "a link is somebody's own, wherever it leads");
    assert!(!scene.path("nowhere").exists());
}

#[test]
fn worktrees_share_the_hook() {
    let scene = Scene::new();
    assert!(scene.commit("repository"));
    assert!(scene.git("repository", &["worktree", "add", "--quiet", "../worktree"]));
    scene.install("worktree").unwrap();
    assert!(scene.path("repository/.git/hooks/pre-commit").is_file());
    scene.cargo(false);
    assert!(!scene.commit("worktree") && !scene.commit("repository"));
}

#[test]
fn the_repositorys_own_folder_of_hooks_is_used_and_a_shared_one_is_not() {
    let scene = Scene::new();
    scene.git("repository", &["config", "--global", "core.hooksPath", scene.path("shared").to_str().unwrap()]);
    let refused = scene.install("repository").unwrap_err();
    assert!(refused.contains("global") && refused.contains("git config core.hooksPath FOLDER"), "{refused}");
    assert!(scene.remove("repository").is_err());
    assert!(!scene.path("shared").exists());
    scene.git("repository", &["config", "core.hooksPath", "own hooks"]);
    scene.install("repository").unwrap();
    assert!(scene.path("repository/own hooks/pre-commit").is_file());
    scene.cargo(false);
    assert!(!scene.commit("repository"));
}

#[test]
fn outside_a_repository_there_is_nothing_to_install() {
    let scene = Scene::new();
    let refused = scene.install("programs").unwrap_err();
    assert!(refused.contains("needs a clone"), "{refused}");
}
