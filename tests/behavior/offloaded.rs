//! The attribute `#[offload]`.

use crate::pool::current_thread;
use crate::support::{block, panic_of, read_a_file, setup};
use guard_runtime::offload::OffloadError;
use guard_runtime::{Pool, blocking, no_block, offload, testing};
use std::fmt::Display;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::builder("attribute").threads(2).build());

/// Says where it ran.
#[offload]
fn here<T>((prefix, _): (&'static str, u8), mut shown: T, _: ()) -> (String, thread::ThreadId)
where
    T: Display + Send + Clone + 'static,
{
    read_a_file();
    shown = shown.clone();
    (format!("{prefix}{shown}"), thread::current().id())
}

#[offload(pool = POOL)]
fn on_a_pool(panics: bool) -> Option<u8> {
    if panics {
        panic!("on a pool");
    }
    Some(thread::current().name()?.len() as u8)
}

#[offload(pool = POOL, deadline = "20ms", sync = wait)]
#[blocking(kind = "channel")]
fn wait_on_a_pool(gate: std::sync::mpsc::Receiver<()>) -> bool {
    gate.recv().is_ok()
}

/// Parameters that are there under a condition only.
#[offload(pool = POOL)]
fn sum<#[cfg(not(any()))] T: Into<u32> + Send + 'static, #[cfg(any())] U>(
    a: T,
    #[cfg(not(any()))] b: u8,
    #[cfg(any())] none: NoSuchType,
    #[cfg_attr(all(), cfg(any()))] neither: NoSuchType,
    #[allow(unused_mut)]
    #[cfg(not(any()))]
    (mut c, _): (u8, ()),
) -> u32 {
    a.into() + u32::from(b) + u32::from(c)
}

#[offload(deadline = Duration::from_secs(3_600))]
fn shown<const N: usize, T: Display + Send + 'static>(
    item: T,
    suffix: impl Display + Send + 'static,
) -> String {
    format!("{item:>N$}{suffix}")
}

struct Store {
    pool: Pool,
    lines: Vec<&'static str>,
}

impl Store {
    #[offload(pool = self.pool)]
    fn line(self: Arc<Self>, at: usize) -> Option<&'static str> {
        self.lines.get(at).copied()
    }

    #[offload]
    fn into_lines(mut self) -> Vec<&'static str> {
        self.lines.push("last");
        self.lines
    }

    #[offload]
    fn open() -> Self {
        Store { pool: Pool::builder("store").build(), lines: vec!["first"] }
    }

    /// Nothing in it says that it is in an impl.
    #[offload(pool = POOL, sync = Self::length_now)]
    fn length(line: &'static str) -> usize {
        line.len()
    }

    #[offload(sync = sum_now)]
    fn sum(numbers: Vec<u32>) -> u32 {
        // One that calls itself calls the sync one.
        match numbers.split_first() {
            Some((first, rest)) => first + Self::sum_now(rest.to_vec()),
            None => 0,
        }
    }
}

#[test]
fn the_async_one_runs_elsewhere_and_the_sync_one_here() {
    setup();
    let violations = current_thread().block_on(testing::capture(async {
        let (text, ran) = here(("n=", 0), 7, ()).await;
        assert_eq!(text, "n=7");
        assert_ne!(ran, thread::current().id());
        block();
    }));
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(here_blocking(("n=", 0), "x", ()), ("n=x".to_owned(), thread::current().id()));
}

#[test]
fn with_a_pool_it_is_fallible_and_counted_there() {
    current_thread().block_on(async {
        assert!(on_a_pool(false).await.unwrap().is_some());
        let error = on_a_pool(true).await.unwrap_err();
        assert_eq!(error.to_string(), "panicked: on a pool");
        let stats = POOL.stats();
        assert!(stats.completed() >= 1 && stats.panicked() >= 1);
        let function = "behavior::offloaded::on_a_pool";
        assert!(stats.sites().iter().any(|site| site.function() == function), "{:?}", stats.sites());
    });
}

#[test]
fn a_deadline_is_kept() {
    current_thread().block_on(async {
        let (open, gate) = std::sync::mpsc::channel();
        let late = wait_on_a_pool(gate).await;
        assert!(
            matches!(late, Err(OffloadError::DeadlineRunning | OffloadError::DeadlineInQueue)),
            "{late:?}"
        );
        drop(open);
        assert_eq!(shown::<3, _>(7, '!').await.unwrap(), "  7!");
    });
}

#[test]
fn a_parameter_may_depend_on_the_configuration() {
    assert_eq!(current_thread().block_on(sum(1_u8, 2, (3, ()))).unwrap(), 6);
    assert_eq!(sum_blocking(1_u16, 2, (3, ())), 6);
}

#[test]
fn attributes_below_it_are_the_sync_ones() {
    setup();
    let violations = current_thread().block_on(testing::capture(async {
        let (open, gate) = std::sync::mpsc::channel();
        open.send(()).unwrap();
        assert!(wait(gate));
    }));
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].api().ends_with("::wait_on_a_pool") || violations[0].api().ends_with("::wait"));
}

#[test]
fn methods_take_self_owned_or_shared() {
    current_thread().block_on(async {
        let store = Arc::new(Store::open().await);
        assert_eq!(Arc::clone(&store).line(0).await.unwrap(), Some("first"));
        assert_eq!(store.pool.stats().completed(), 1);
        assert_eq!(Arc::clone(&store).line_blocking(1), None);
        let Ok(store) = Arc::try_unwrap(store) else { panic!("the closure's own is gone") };
        assert_eq!(store.into_lines().await, ["first", "last"]);
        assert_eq!(Store::sum(vec![1, 2, 3]).await, 6);
        assert_eq!(Store::length("first").await.unwrap(), Store::length_now("first"));
    });
}

#[test]
fn without_a_pool_a_panic_is_resumed() {
    #[offload]
    fn panics() {
        panic!("as if called here")
    }
    assert_eq!(panic_of(|| current_thread().block_on(panics())), "as if called here");
}

#[test]
fn a_guarded_fn_calls_it() {
    setup();
    #[no_block]
    async fn guarded() -> String {
        here(("", 0), 1, ()).await.0
    }
    assert_eq!(current_thread().block_on(guarded()), "1");
}

mod old {
    #![deny(deprecated, unfulfilled_lint_expectations, non_snake_case)]

    /// Its definition does not warn.
    #[guard_runtime::offload]
    #[deprecated(note = "it is old")]
    #[expect(non_snake_case)]
    pub(super) fn Load() -> u8 {
        7
    }
}

#[test]
fn a_deprecated_one_is_so_in_both_forms() {
    #[expect(deprecated)]
    let later = old::Load();
    assert_eq!(current_thread().block_on(later), 7);
    #[expect(deprecated)]
    let now = old::Load_blocking();
    assert_eq!(now, 7);
}

#[test]
fn a_changing_receiver_a_bound_of_its_own_and_self_in_a_macro_alone() {
    #![deny(unused_mut)]
    type Choose = dyn for<'a> Fn(&'a str) -> &'a str + Send;
    #[derive(Clone)]
    struct Named(u32);
    impl Named {
        const NAME: &'static str = "named";
        #[offload]
        fn next(mut self: Arc<Self>) -> u32 {
            Arc::make_mut(&mut self).0 += 1;
            self.0
        }
        #[offload]
        fn shown(n: u32) -> String {
            format!("{} {n}", Self::NAME)
        }
    }
    #[offload]
    fn chosen(choose: Box<Choose>, direct: Box<dyn for<'a> Fn(&'a str) -> &'a str + Send>) -> String {
        direct(choose("a b")).to_owned()
    }
    current_thread().block_on(async {
        assert_eq!(Arc::new(Named(6)).next().await, 7);
        assert_eq!(Named::shown(7).await, "named 7");
        assert_eq!(chosen(Box::new(|all| &all[2..]), Box::new(|all| all)).await, "b");
    });
}
