//! `#[blocking]`: a fn that says of itself that it blocks.

use crate::support::setup;
use guard_runtime::testing::capture;
use guard_runtime::{Kind, allow_blocking, blocking, offload};

#[blocking(kind = "other", instead = "use `later`")]
fn marked(value: u8) -> u8 {
    value + 1
}

#[blocking(kind = "fs")]
fn reads() -> bool {
    std::fs::read("Cargo.toml").is_ok()
}

struct Client(u8);

impl Client {
    #[blocking(kind = "db")]
    fn fetch<T: Into<u8>>(&mut self, more: T) -> Option<&mut u8> {
        self.0 = self.0.checked_add(more.into())?;
        Some(&mut self.0)
    }
}

#[tokio::test]
async fn a_call_below_an_armed_poll_is_named_after_it() {
    setup();
    let violations = capture(async {
        assert_eq!(marked(1), 2);
        assert!(reads());
        assert_eq!(Client(1).fetch(2), Some(&mut 3));
    })
    .await;
    let seen: Vec<_> = violations.iter().map(|violation| (violation.api(), violation.kind())).collect();
    let api = |name: &str| format!("{}::{name}", module_path!());
    assert_eq!(
        seen,
        [(&*api("marked"), Kind::Other), (&api("reads"), Kind::Fs), (&api("fetch"), Kind::Db)],
        "one event each, whatever happens inside"
    );
    assert_eq!(violations[0].remedy(), "use `later`");
    let line = violations[0].location().and_then(|at| at.split(':').nth(1)?.parse::<u32>().ok());
    assert_eq!(line, Some(line!() - 14), "{:?}", violations[0].location());
}

#[tokio::test]
async fn elsewhere_it_says_nothing() {
    setup();
    marked(1);
    let violations = capture(async {
        offload(|| marked(1)).await;
        allow_blocking("known", || marked(1));
    })
    .await;
    assert!(violations.is_empty(), "{violations:?}");
}
