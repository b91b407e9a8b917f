//! The room for tests that need more than one room, and for what they share: random bodies, packages beside the target
//! folder.

mod documents;
mod messages;
mod packages;
mod project_file;
mod random;
mod random_bodies;
mod scanned;
mod stub_crates;
mod stub_sources;
mod stub_user;
