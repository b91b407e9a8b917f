// What a fn returns keeps its type, and expects of its body what it did.
#![deny(warnings)]

use futures::FutureExt;
use futures::future::{BoxFuture, LocalBoxFuture};
use guard_runtime::no_block;
use std::fmt::Debug;
use std::pin::Pin;

pub struct User {
    pub name: String,
    pub age: u8,
}

#[no_block]
pub async fn longer_than(min: usize) -> impl Fn(&User) -> bool {
    move |u| u.name.len() > min
}

#[no_block]
pub async fn by_arm(by_age: bool) -> impl Fn(&User, &User) -> bool {
    move |a, b| if by_age { a.age < b.age } else { a.name < b.name }
}

#[no_block]
pub async fn lends() -> impl Fn(&str) -> &str {
    |text| text.trim()
}

pub struct Counted<T>(T);

impl<T: Debug + 'static> Counted<T> {
    #[no_block]
    pub async fn both(self) -> (u8, impl for<'a> FnMut(&'a T) -> Box<dyn Debug>) {
        let mut count = 0;
        (1, move |value| {
            count += 1;
            Box::new(format!("{value:?} {count}"))
        })
    }
}

pub trait Conn {
    type Item;
    fn fetch(&self) -> BoxFuture<'static, Self::Item>;
    fn local(&self) -> LocalBoxFuture<'_, Self::Item>;
}

pub struct Client<C>(C);

impl<C: Conn> Client<C> {
    #[no_block]
    pub fn get(&self) -> BoxFuture<'static, C::Item> {
        self.0.fetch()
    }

    #[no_block]
    pub fn early(&self, early: bool) -> Pin<Box<dyn Future<Output = C::Item> + '_>> {
        if early {
            return self.0.local();
        }
        let later = self.0.local();
        Box::pin(async move { later.await })
    }

    #[no_block]
    pub fn arms(&self, n: u8) -> Pin<Box<dyn Future<Output = Option<C::Item>> + '_>> {
        match n {
            0 => Box::pin(async { None }),
            1 => {
                let one = async { Some(self.0.local().await) };
                Box::pin(one)
            }
            _ => todo!(),
        }
    }

    #[no_block]
    pub fn given<T>(future: BoxFuture<'static, T>) -> BoxFuture<'static, T> {
        future
    }
}

pub trait Service<R> {
    type Future;
    fn call(&mut self, request: R) -> Self::Future;
}

pub struct Layer<S>(S);

#[no_block]
impl<S, R> Service<R> for Layer<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Future + Send,
    R: Send + 'static,
{
    type Future = BoxFuture<'static, <S::Future as Future>::Output>;

    fn call(&mut self, request: R) -> Self::Future {
        let mut inner = self.0.clone();
        async move { inner.call(request).await }.boxed()
    }
}

type Reply = Pin<Box<dyn Future<Output = u8> + Send>>;

#[no_block]
pub fn aliased(n: u8) -> Reply {
    let reply = async move { n };
    Box::pin(reply)
}

macro_rules! info {
    ($f:ident($a:expr)) => {
        $f($a)
    };
}

mod own {
    macro_rules! select {
        ($($name:ident = $f:ident($a:expr)),*) => {{ $(let $name = $f($a);)* ($($name),*) }};
    }
    pub(crate) use select;
}

fn read(n: u8) -> u8 {
    n
}

#[no_block]
pub async fn own_macros() -> u8 {
    use own::select;
    let (a, b) = select!(a = read(1), b = read(2));
    info!(read(3)) + a + b
}

fn main() {
    let user = User { name: "Ada".into(), age: 36 };
    futures::executor::block_on(async {
        assert!(longer_than(2).await(&user));
        assert!(!by_arm(true).await(&user, &user));
        assert_eq!(lends().await(" a "), "a");
        let (one, mut both) = Counted(7).both().await;
        assert_eq!((one, format!("{:?}", both(&7))), (1, "\"7 1\"".into()));
        assert_eq!(aliased(4).await, 4);
        assert_eq!(Client::<Never>::given(async { 5 }.boxed()).await, 5);
        assert_eq!(own_macros().await, 6);
    });
}

pub enum Never {}

impl Conn for Never {
    type Item = u8;
    fn fetch(&self) -> BoxFuture<'static, u8> {
        match *self {}
    }
    fn local(&self) -> LocalBoxFuture<'_, u8> {
        match *self {}
    }
}
