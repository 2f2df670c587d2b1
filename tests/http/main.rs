//! The real binary over HTTP.

#![expect(clippy::expect_used, reason = "a test fails loudly, also in its helpers")]

mod accounts;
mod backups;
mod bad_input;
mod buckets;
mod certified;
mod connections;
mod corner;
mod crash;
mod data;
mod doctor;
mod erasure;
mod expiry;
mod export;
mod folders;
mod hostile;
mod https;
mod invites;
mod keeping_watch;
mod keys;
mod mail;
mod media;
mod memory;
mod monitoring;
mod output;
mod privacy;
mod proxies;
mod push;
mod reload;
mod settings;
mod starved;
mod stopping;
mod stun;
mod web_client;
