// The attribute changes nothing that a caller or the borrow checker sees.
#![deny(warnings)]

use guard_runtime::no_block;
use std::fmt::Display;
use std::rc::Rc;

#[no_block]
pub async fn generic<'a, T: Display + ?Sized, const N: usize>(value: &'a T, _: [u8; N]) -> &'a T {
    value
}

#[no_block]
pub async fn impl_trait(value: impl Display + 'static) -> impl Display {
    value
}

#[no_block]
pub async fn patterns((a, mut b): (u8, u8), [c, ..]: [u8; 3], _: String) -> u8 {
    b += a;
    b + c
}

#[no_block]
pub async fn not_send(value: Rc<u8>) -> u8 {
    *value
}

#[no_block]
pub async fn inferred(text: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    if text.is_empty() {
        return Ok(Default::default());
    }
    let parsed = text.parse()?;
    Ok(vec![parsed])
}

#[no_block]
pub async fn configured(#[cfg(any())] missing: Missing, #[cfg(all())] there: u8) -> u8 {
    #[cfg(any())]
    drop(missing);
    there
}

#[no_block]
pub async fn never() -> ! {
    std::future::pending().await
}

#[no_block]
pub async fn recursive(n: u32) -> u32 {
    if n == 0 { 0 } else { Box::pin(recursive(n - 1)).await + 1 }
}

pub struct Service<T>(T);

impl<T: Clone + Send + Sync> Service<T> {
    #[no_block]
    pub async fn by_ref(&self) -> T {
        self.0.clone()
    }

    #[no_block]
    pub async fn by_mut(&mut self, value: T) -> &mut Self {
        self.0 = value;
        self
    }

    #[no_block]
    pub async fn by_value(self: Box<Self>, other: &str) -> (T, &str) {
        (self.0, other)
    }
}

#[allow(async_fn_in_trait)]
pub trait Load {
    async fn bodiless(&self) -> u8;

    #[no_block]
    async fn provided(&self) -> u8 {
        self.bodiless().await + 1
    }
}

impl Load for u8 {
    #[no_block]
    async fn bodiless(&self) -> u8 {
        *self
    }
}

#[async_trait::async_trait]
pub trait Boxed {
    #[no_block]
    async fn bodiless(&self) -> String;
}

#[async_trait::async_trait]
impl Boxed for u8 {
    #[no_block]
    async fn bodiless(&self) -> String {
        format!("{self}")
    }
}

macro_rules! handlers {
    ($($name:ident => $body:expr),*) => {
        $(
            #[no_block]
            pub async fn $name(path: &std::path::Path) -> u8 {
                let _ = path;
                $body
            }
        )*
    };
}

handlers!(one => 1, r#match => 2);

#[no_block]
pub async fn opaque_beside(n: u8) -> (Box<dyn Display>, impl Display) {
    (Box::new(n), n)
}

pub struct Steps(u8);

#[no_block]
impl Steps {
    pub fn borrowed(&mut self) -> impl Future<Output = u8> + '_ {
        self.next()
    }

    pub fn boxed(&mut self) -> std::pin::Pin<Box<dyn Future<Output = u8> + '_>> {
        let next = self.next();
        Box::pin(next)
    }

    async fn next(&mut self) -> u8 {
        self.0 += 1;
        self.0
    }
}

/// What an `impl Future` promises beside stays promised: such a fn cannot be guarded, and says so.
pub trait My {
    type Future;
}

pub struct Keys(std::collections::HashMap<String, std::sync::Mutex<u8>>);

impl std::ops::Index<String> for Keys {
    type Output = std::sync::Mutex<u8>;
    fn index(&self, key: String) -> &Self::Output {
        &self.0[&key]
    }
}

macro_rules! field {
    ($this:ident) => {
        $this.lock
    };
}

pub struct Held {
    lock: std::sync::Mutex<u8>,
}

impl Held {
    #[no_block(allow(lock))]
    pub async fn moved_index(&self, keys: &Keys, key: String) -> u8 {
        *keys[key].lock().unwrap() + *field!(self).lock().unwrap()
    }
}

#[no_block]
pub async fn configured_loop() {
    #[cfg(any())]
    let receiver: std::sync::mpsc::Receiver<u8> = std::sync::mpsc::channel().1;
    #[cfg(any())]
    for _ in receiver {}
}

pub struct W(u8);

impl W {
    fn read(&self) -> &u8 {
        &self.0
    }
}

#[no_block]
pub async fn promoted() -> u8 {
    let mut some = Some(5).iter();
    let kept = W(3).read();
    let more = (&[1, 2]).iter().as_slice();
    *some.next().unwrap() + kept + more[0]
}

macro_rules! ensure {
    ($value:expr) => {
        matches!($value, Some(true))
    };
}

#[no_block(allow(fs))]
pub async fn conditions(flags: Vec<bool>, path: &std::path::Path) -> bool {
    assert!(flags.iter().next().unwrap());
    ensure!(Some(path.exists()))
}

fn is_send<T: Send>(value: T) -> T {
    value
}

fn main() {
    let service = Service(1);
    drop(is_send(service.by_ref()));
    drop(is_send(recursive(3)));
    drop(is_send(generic("a", [1])));
    drop(is_send(inferred("a")));
}

#[no_block]
pub fn ready(value: u8) -> impl Future<Output = u8> {
    std::future::ready(value)
}

#[no_block]
pub fn borrowed<'a>(
    text: &'a str,
    empty: bool,
) -> std::pin::Pin<Box<dyn Future<Output = &'a str> + Send + 'a>> {
    if empty {
        return Box::pin(async { "" });
    }
    let len = text.len();
    Box::pin(std::future::ready(&text[..len]))
}

#[no_block]
pub fn of_futures(value: u8) -> futures::future::BoxFuture<'static, u8> {
    use futures::FutureExt;
    std::future::ready(value).map(|value| value + 1).boxed()
}

#[no_block]
pub fn opaque_output(value: u8) -> std::pin::Pin<Box<dyn Future<Output = impl std::fmt::Debug>>> {
    let future = Box::pin(async move { value });
    future
}

#[no_block]
pub async fn spawns(set: &mut tokio::task::JoinSet<u8>) -> u8 {
    set.spawn(async { 1 });
    let task: tokio::task::JoinHandle<u8> = tokio::spawn(async move { 2 });
    let local = 3;
    let nested = async || local;
    task.await.unwrap() + nested().await
}
