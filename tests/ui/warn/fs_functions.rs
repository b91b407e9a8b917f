#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs;
use std::io::Result;
use std::path::Path;

#[no_block]
async fn every_function(a: &Path, b: String) -> Result<()> {
    fs::canonicalize(a)?;
    fs::copy(a, &b)?;
    fs::create_dir(a)?;
    fs::create_dir_all(a)?;
    fs::exists(a)?;
    fs::hard_link(a, &b)?;
    fs::metadata(a)?;
    fs::read(a)?;
    fs::read_dir(a)?;
    fs::read_link(a)?;
    fs::read_to_string(a)?;
    fs::remove_dir(a)?;
    fs::remove_dir_all(a)?;
    fs::remove_file(a)?;
    fs::rename(a, &b)?;
    let permissions = fs::symlink_metadata(a)?.permissions();
    fs::set_permissions(a, permissions)?;
    fs::write(a, b)
}

#[no_block]
async fn files(a: &Path) -> Result<u64> {
    let open = fs::File::open(a)?;
    let _create = std::fs::File::create(a)?;
    let _new = fs::File::create_new(a)?;
    Ok(open.metadata()?.len())
}

#[no_block]
async fn in_arguments(a: &Path) -> Result<()> {
    fs::write(a, fs::read(a)?)
}

mod helpers {
    pub(super) use std::fs::read_to_string as read_to_string;
}

#[no_block]
async fn re_exported(a: &Path) -> Result<String> {
    helpers::read_to_string(a)
}

fn main() {}
