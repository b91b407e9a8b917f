//! What the tests share: one configuration for the process, blocking calls of every engine, a handler that remembers.

use guard_runtime::__private::{Api, Row};
use guard_runtime::{Action, Config, Kind, Violation, install, set_handler};
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::{Mutex, Once, PoisonError};
use std::task::{Context, Poll, Waker};

static SEEN: Mutex<Vec<Violation>> = Mutex::new(Vec::new());

/// The configuration that all tests run under. Kinds take the place of modes, because it is one for the process:
/// `block_on` panics (the default of debug builds), `crypto` is counted, `compression` logged, `dns` off.
pub(crate) fn setup() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let config = Config::new()
            .action_for(Kind::Crypto, Action::Count)
            .action_for(Kind::Compression, Action::Log)
            .action_for(Kind::Dns, Action::Off)
            .output(log_file());
        install(config);
        set_handler(|violation| SEEN.lock().unwrap_or_else(PoisonError::into_inner).push(violation.clone()));
    });
}

/// Where the reports of this process go.
pub(crate) fn log_file() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("behavior-{}.log", std::process::id()))
}

/// What the handler was given for futures guarded in this function, `module::function`.
pub(crate) fn handled(function: &str) -> Vec<Violation> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = format!("behavior::{function}");
    seen.iter().filter(|violation| violation.guarded() == name).cloned().collect()
}

/// Makes rows like those of the catalogue.
macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident $kind:ident $path:literal $remedy:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $row;

        impl Row for $row {
            const API: Option<&'static Api> = Some(&Api { path: $path, kind: Kind::$kind, remedy: $remedy });
        }
    )*};
}

rows! {
    BlockOn BlockOn "test::block_on" "await it";
    Hash Crypto "test::hash" "offload it";
    Inflate Compression "test::inflate" "offload it";
    Get Dns "test::get" "make it larger";
    Wait Sleep "test::wait" "await it";
    Read Fs "test::read" "read elsewhere";
}

/// A typed call, as the attribute's expansion announces it. Of a kind that no hook sees, it reports by itself.
macro_rules! typed_call {
    ($row:ident) => {{
        guard_runtime::__private::enter(None::<$crate::support::$row>);
        guard_runtime::__private::leave();
    }};
}
pub(crate) use typed_call;

/// Panics at the end of the poll.
pub(crate) fn block() {
    typed_call!(BlockOn);
}

/// Is counted, and nothing else.
pub(crate) fn block_counted() {
    typed_call!(Hash);
}

/// Is counted and logged.
pub(crate) fn block_logged() {
    typed_call!(Inflate);
}

/// Has the action off.
pub(crate) fn block_ignored() {
    typed_call!(Get);
}

/// A libc call that only hooks see.
pub(crate) fn read_a_file() {
    assert!(!std::fs::read("Cargo.toml").expect("tests run in their package").is_empty());
}

/// Polls once, without a runtime.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future to its end, without a runtime: it has to be ready whenever it is polled again.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll_once(future.as_mut()) {
            return output;
        }
    }
}

/// Pending once.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs the rest of the test called `name` in a process of its own: what is configured there is for nobody else.
pub(crate) fn alone(name: &str, rest: impl FnOnce()) {
    const CHILD: &str = "GUARD_TEST_ALONE";
    if std::env::var_os(CHILD).is_some() {
        return rest();
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}{stderr}");
}

/// The message of the panic that `f` has to end in.
pub(crate) fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => message(&*payload),
    }
}

pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => (*payload.downcast_ref::<&str>().expect("a text")).to_owned(),
    }
}

/// Blocks when it is dropped.
pub(crate) struct BlocksInDrop(pub(crate) fn());

impl Drop for BlocksInDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}
