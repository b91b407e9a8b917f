//! The attribute changes nothing but what it is there for: drop order, `Send`, early returns, inference, panics.

use guard_runtime::no_block;
use std::cell::RefCell;
use std::rc::Rc;

/// Writes its name down when it is dropped.
struct Noisy(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

struct Two {
    // Dropped with the rest of a pattern that does not name it.
    #[allow(dead_code)]
    first: Noisy,
    second: Noisy,
}

/// The same items twice: as they are, and annotated.
macro_rules! twice {
    ($($(#[$attr:meta])* async fn $name:ident($($args:tt)*) $(-> $output:ty)? $body:block)*) => {
        mod plain {
            #![allow(unused_variables, unused_assignments, deprecated)]
            use super::*;
            $($(#[$attr])* pub(super) async fn $name($($args)*) $(-> $output)? $body)*
        }
        mod annotated {
            #![allow(unused_variables, unused_assignments, deprecated)]
            use super::*;
            $($(#[$attr])* #[no_block(warn(all))] pub(super) async fn $name($($args)*) $(-> $output)? $body)*
        }
    };
}

twice! {
    async fn all_used(a: Noisy, b: Noisy, c: Noisy) {
        let _local = Noisy("local", a.1.clone());
        tokio::task::yield_now().await;
        let _ = (&a, &b, &c);
    }

    async fn some_moved(a: Noisy, b: Noisy, c: Noisy) {
        let _local = Noisy("local", a.1.clone());
        tokio::task::yield_now().await;
        drop(b);
        let _ = (&a, &c);
    }

    async fn wildcards(_: Noisy, b: Noisy, _c: Noisy) {
        let _local = Noisy("local", b.1.clone());
        tokio::task::yield_now().await;
    }

    async fn patterns((a, b): (Noisy, Noisy), c: Noisy) {
        let _local = Noisy("local", a.1.clone());
        tokio::task::yield_now().await;
        let _ = (&a, &b, &c);
    }

    async fn unmentioned(a: Noisy, b: Noisy, c: Noisy) {
        let _local = Noisy("local", b.1.clone());
        tokio::task::yield_now().await;
    }

    async fn none_mentioned(a: Noisy, b: Noisy, c: Noisy) {
        tokio::task::yield_now().await;
        let _last = (1, 2);
        std::mem::drop(Vec::<u8>::new());
    }

    async fn assigned(a: Noisy, mut b: Noisy, c: Noisy) {
        let local = Noisy("local", a.1.clone());
        tokio::task::yield_now().await;
        b = local;
        let _ = (&c, &b);
    }

    async fn parts((a, _): (Noisy, Noisy), Two { second, .. }: Two, c: Noisy) {
        let _local = Noisy("local", a.1.clone());
        tokio::task::yield_now().await;
        let _ = &c;
    }

    async fn early(a: Noisy, b: Noisy, c: Noisy) {
        let _local = Noisy("local", a.1.clone());
        if c.0.len() == 1 {
            return;
        }
        let _ = (&a, &b);
    }

    async fn tail(a: Noisy, b: Noisy, c: Noisy) {
        let _ = (&b, &c);
        drop(Noisy("temporary", a.1.clone()).0.to_owned());
    }
}

#[test]
fn drop_order_is_the_original_one() {
    macro_rules! compare {
        ($($name:ident)*) => {
            $(
                let log = Rc::new(RefCell::new(Vec::new()));
                let make = |name| Noisy(name, log.clone());
                futures::executor::block_on(plain::$name(make("a"), make("b"), make("c")));
                let expected = log.take();
                futures::executor::block_on(annotated::$name(make("a"), make("b"), make("c")));
                assert_eq!(log.take(), expected, stringify!($name));
                assert!(expected.len() >= 3, "{expected:?}");
            )*
        };
    }
    compare!(all_used some_moved wildcards unmentioned none_mentioned assigned early tail);

    let log = Rc::new(RefCell::new(Vec::new()));
    let make = |name| Noisy(name, log.clone());
    futures::executor::block_on(plain::patterns((make("a"), make("b")), make("c")));
    let expected = log.take();
    futures::executor::block_on(annotated::patterns((make("a"), make("b")), make("c")));
    assert_eq!(log.take(), expected);

    let two = || Two { first: make("first"), second: make("second") };
    futures::executor::block_on(plain::parts((make("a"), make("b")), two(), make("c")));
    let expected = log.take();
    futures::executor::block_on(annotated::parts((make("a"), make("b")), two(), make("c")));
    assert_eq!(log.take(), expected);
}

#[test]
fn dropping_before_the_first_poll_and_half_way_is_the_same() {
    use std::future::Future;
    use std::task::{Context, Waker};
    for polls in 0..2 {
        let log = Rc::new(RefCell::new(Vec::new()));
        let make = |name| Noisy(name, log.clone());
        let cx = &mut Context::from_waker(Waker::noop());
        let mut future = Box::pin(plain::all_used(make("a"), make("b"), make("c")));
        (0..polls).for_each(|_| assert!(future.as_mut().poll(cx).is_pending()));
        drop(future);
        let expected = log.take();
        let mut future = Box::pin(annotated::all_used(make("a"), make("b"), make("c")));
        (0..polls).for_each(|_| assert!(future.as_mut().poll(cx).is_pending()));
        drop(future);
        assert_eq!(log.take(), expected, "after {polls} polls");
    }
}

#[no_block]
async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(Default::default());
    }
    let number: u32 = text.trim().parse()?;
    tokio::task::yield_now().await;
    Ok(number)
}

#[no_block]
async fn recursive(n: u32) -> u32 {
    if n == 0 { 0 } else { Box::pin(recursive(n - 1)).await + 1 }
}

#[no_block]
async fn mutates(list: &mut Vec<u8>, mut by: u8) -> &mut u8 {
    by += 1;
    list.push(by);
    tokio::task::yield_now().await;
    list.last_mut().unwrap()
}

#[tokio::test]
async fn values_errors_and_borrows_pass_through() {
    assert_eq!(parse("").await, Ok(0));
    assert_eq!(parse(" 7 ").await, Ok(7));
    assert!(parse("x").await.is_err());
    assert_eq!(recursive(40).await, 40);
    let mut list = vec![1];
    *mutates(&mut list, 1).await += 1;
    assert_eq!(list, [1, 3]);
    tokio::spawn(async { assert_eq!(parse("7").await, Ok(7)) }).await.unwrap();
}

/// A call named like one of the catalogue's, in a nested helper that is neither awaited nor blocking.
#[tokio::test]
async fn probed_calls_return_what_the_calls_return() {
    struct Door(u8);
    impl Door {
        fn lock(&mut self) -> &mut u8 {
            &mut self.0
        }
        fn open(self) -> Door {
            self
        }
        fn wait(self: std::rc::Rc<Self>) -> u8 {
            self.0
        }
    }
    fn read<T: From<u8>>(value: u8) -> T {
        value.into()
    }
    #[no_block(warn(all))]
    async fn uses(mut door: Door, parts: &[&str]) -> (u8, u64, String, u8) {
        *door.lock() += 1;
        door.lock();
        let mut all = [door.open()];
        *all[0].lock() += 1;
        let [door] = all;
        let shared = std::rc::Rc::new(Door(9));
        (door.0, read(7), parts.join("-"), shared.wait())
    }
    assert_eq!(uses(Door(1), &["a", "b"]).await, (3, 7, "a-b".to_owned(), 9));
}
