//! The advice of a report fits what was called, where the primitive lies, and what polls the future.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use crate::support::setup;
use guard_runtime::{Kind, Violation, testing};
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::raw::c_uint;
use std::time::Duration;

#[link(name = "calls", kind = "static")]
unsafe extern "C" {
    fn c_sleeps(microseconds: c_uint);
}

fn on_tokio(future: impl Future) -> Vec<Violation> {
    setup();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(testing::capture(async {
        future.await;
    }))
}

/// The advice for the only violation of this kind.
fn advice(found: &[Violation], kind: Kind) -> &'static str {
    let mut of_kind = found.iter().filter(|one| one.kind() == kind);
    let one = of_kind.next().unwrap_or_else(|| panic!("no {kind} in {found:#?}"));
    assert!(of_kind.next().is_none(), "{found:#?}");
    one.remedy()
}

#[track_caller]
fn assert_says(said: &str, must: &str, must_not: &str) {
    assert!(said.contains(must) && !said.contains(must_not), "{said}");
}

/// Two names of one trait's method are two things.
#[test]
fn a_line_from_a_socket_is_no_line_of_a_file() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut there = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut here = BufReader::new(listener.accept().unwrap().0);
    there.write_all(b"hello\n").unwrap();
    let found = on_tokio(async { here.read_line(&mut String::new()).unwrap() });
    assert_says(advice(&found, Kind::Net), "a socket of `tokio::net`", "tokio::fs");
    let mut file = BufReader::new(std::fs::File::open("/etc/passwd").unwrap());
    let found = on_tokio(async { file.read_line(&mut String::new()).unwrap() });
    assert_says(advice(&found, Kind::Fs), "tokio::fs", "tokio::net");
}

#[test]
fn what_blocks_inside_of_a_dependency_is_moved_as_a_whole() {
    let mut watcher = None;
    let found = on_tokio(async { watcher = Some(slow::Watcher::new()) });
    assert_says(advice(&found, Kind::Fs), "make it once", "tokio::fs");
    let found = on_tokio(async { watcher.unwrap().watch() });
    assert_says(advice(&found, Kind::Channel), "move this call into `guard_runtime::offload(", "tokio::sync");
    let found = on_tokio(async { slow::Client.get() });
    assert_says(advice(&found, Kind::Sleep), "move this call into `guard_runtime::offload(", "tokio::time");
    let found = on_tokio(slow::fetch());
    assert_says(advice(&found, Kind::Sleep), "tell its authors", "use `tokio::time");
}

#[test]
fn nothing_is_awaited_in_a_drop() {
    struct Own;

    impl Drop for Own {
        fn drop(&mut self) {
            let _ = std::fs::metadata("/etc/passwd");
        }
    }

    let worker = slow::Worker::start();
    let found = on_tokio(async { drop(worker) });
    assert_says(advice(&found, Kind::ThreadJoin), "drop it on a blocking thread", "oneshot");
    let found = on_tokio(async { drop(Own) });
    assert_says(advice(&found, Kind::Fs), "drop it on a blocking thread", "tokio::fs");
}

#[test]
fn c_code_is_moved_as_a_whole() {
    // SAFETY: it sleeps.
    let found = on_tokio(async { unsafe { c_sleeps(1) } });
    assert_says(advice(&found, Kind::Sleep), "C function", "tokio::time");
}

#[test]
fn another_executor_has_nothing_of_tokio_s() {
    setup();
    let found = ::futures::executor::block_on(testing::capture(async {
        std::thread::sleep(Duration::from_millis(1));
        let _ = std::fs::metadata("/etc/passwd");
        slow::zone();
        slow::Client.get();
    }));
    assert!(found.len() >= 3, "{found:#?}");
    for one in &found {
        assert_says(one.remedy(), "", "tokio");
        assert_says(one.remedy(), "", "guard_runtime");
    }
}
