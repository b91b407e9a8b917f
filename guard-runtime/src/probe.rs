//! The type-level side of the catalogue: by which types the compiler tells a blocking call from a look-alike.
//!
//! A method call `recv.name(..)` asks for the verdict of [`Probe<R>`], a function call `path(..)` for that of
//! [`Pair<F, G>`]; both by autoref: the first impl answers where it holds, the second one everywhere else. The verdict
//! is a row's type, or [`Silent`]; expansions then call `in_async_code` (warns), `quiet` or `denied` on it.

mod boxed;
mod spawned;

pub use boxed::{Boxed, ClassifyReturn, IsBoxed, NoFuture, Return, Returned, Unguarded, return_of, returned};
pub use spawned::{MakesTasks, Spawner, Spawns, fill_spawner, spawned, spawned_by_tokio};

use crate::engines::call;
use crate::model::{Api, Role};
use std::borrow::Cow;
use std::cell::LazyCell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, MutexGuard, RwLockReadGuard, RwLockWriteGuard};

/// The rows of the catalogue as types.
#[allow(non_camel_case_types, missing_docs, clippy::module_name_repetitions)]
pub mod blocking {
    guard_macros::__catalog!(types);

    /// What `denied` asks about.
    #[derive(Clone, Copy, Debug)]
    pub struct AsyncCode;
}

/// A verdict: a row of the catalogue, nothing, or several of these.
pub trait Row {
    /// The row, where there is one.
    const API: Option<&'static Api>;
}

/// The verdict on a look-alike.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Silent {
    /// Says nothing.
    pub fn in_async_code(self) -> Self {
        self
    }

    /// Says nothing.
    pub fn quiet(self) -> Self {
        self
    }

    /// Says nothing.
    pub fn denied<C>(self, _: C) -> Self {
        self
    }
}

impl Row for Silent {
    const API: Option<&'static Api> = None;
}

/// Several rows have the same name: the first that is one counts.
impl<A: Row, B: Row> Row for (A, B) {
    const API: Option<&'static Api> = match A::API {
        Some(api) => Some(api),
        None => B::API,
    };
}

/// `Self` is a type whose method `Tag` blocks.
pub trait Receiver<Tag> {
    /// The row of that method.
    type Row;
}

macro_rules! forward {
    ($([$($generics:tt)*] $type:ty => $target:ty;)*) => {
        $(impl<$($generics)*, Tag> Receiver<Tag> for $type
        where
            $target: Receiver<Tag>,
        {
            type Row = <$target as Receiver<Tag>>::Row;
        })*
    };
}

// What method resolution looks through.
forward! {
    [R: ?Sized] &R => R;
    [R: ?Sized] &mut R => R;
    [R: ?Sized] Box<R> => R;
    [R: ?Sized] Rc<R> => R;
    [R: ?Sized] Arc<R> => R;
    [R] Pin<R> => R;
    [R, F] LazyLock<R, F> => R;
    [R, F] LazyCell<R, F> => R;
    [R] ManuallyDrop<R> => R;
    [R] AssertUnwindSafe<R> => R;
    [R: ?Sized] MutexGuard<'_, R> => R;
    [R: ?Sized] RwLockReadGuard<'_, R> => R;
    [R: ?Sized] RwLockWriteGuard<'_, R> => R;
    [R: ?Sized] std::cell::Ref<'_, R> => R;
    [R: ?Sized] std::cell::RefMut<'_, R> => R;
    [R: ?Sized + ToOwned] Cow<'_, R> => R;
}

impl<Tag> Receiver<Tag> for PathBuf
where
    Path: Receiver<Tag>,
{
    type Row = <Path as Receiver<Tag>>::Row;
}

/// A tag of std's I/O traits: a buffer over a file reads the file.
pub trait ThroughBuffers {}

macro_rules! forward_buffers {
    ($([$($generics:tt)*] $type:ty => $target:ty;)*) => {
        $(impl<$($generics)*, Tag: ThroughBuffers> Receiver<Tag> for $type
        where
            $target: Receiver<Tag>,
        {
            type Row = <$target as Receiver<Tag>>::Row;
        })*
    };
}

forward_buffers! {
    [R: ?Sized] std::io::BufReader<R> => R;
    [W: ?Sized + std::io::Write] std::io::BufWriter<W> => W;
    [W: ?Sized + std::io::Write] std::io::LineWriter<W> => W;
    [R] std::io::Take<R> => R;
    [R, S] std::io::Chain<R, S> => R;
}

#[cfg(feature = "tokio")]
mod tokio_guards {
    use super::Receiver;
    use tokio::sync::{
        MappedMutexGuard, MutexGuard, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard,
        RwLockReadGuard, RwLockWriteGuard,
    };

    forward! {
        [R: ?Sized] MutexGuard<'_, R> => R;
        [R: ?Sized] MappedMutexGuard<'_, R> => R;
        [R: ?Sized] OwnedMutexGuard<R> => R;
        [R: ?Sized] RwLockReadGuard<'_, R> => R;
        [R: ?Sized] RwLockWriteGuard<'_, R> => R;
        [R: ?Sized] OwnedRwLockReadGuard<R> => R;
        [R: ?Sized] OwnedRwLockWriteGuard<R> => R;
    }
}

/// Stands for a receiver of type `R` whose method `Tag` is called; never constructed. The tag is part of the type,
/// because a method is chosen before its arguments are looked at.
#[derive(Debug)]
pub struct Probe<R: ?Sized, Tag>(PhantomData<(Tag, *const R)>);

/// Asks a receiver's type.
pub trait ClassifyReceiver {
    /// A row, or [`Silent`].
    type Verdict;

    /// Only its type is used; never runs.
    fn no_block_receiver(&self) -> Self::Verdict;
}

impl<Tag, R: ?Sized + Receiver<Tag>> ClassifyReceiver for Probe<R, Tag> {
    type Verdict = R::Row;

    fn no_block_receiver(&self) -> R::Row {
        never()
    }
}

impl<Tag, R: ?Sized> ClassifyReceiver for &Probe<R, Tag> {
    type Verdict = Silent;

    fn no_block_receiver(&self) -> Silent {
        never()
    }
}

/// The probe of a place. Only its type is used; never runs.
pub fn place<'a, R: ?Sized, Tag>(_: *const R, _: Tag) -> &'a Probe<R, Tag> {
    never()
}

/// A place in a closure that captures by reference: a method call captures what a reference points to, as the user's own
/// method call does, and not the reference.
pub trait Place {
    /// What `&raw const` gives elsewhere. Only its type is used; never runs.
    fn no_block_place(&self) -> *const Self {
        never()
    }
}

impl<R: ?Sized> Place for R {}

/// `Of<R>`, where `R` is a value that works in parallel once it is asked for a result: said of a trait's implementors.
pub trait Yields<Tag> {
    /// The row of the method that made it.
    type Row;
}

/// Stands for a value of type `R`; never constructed.
#[derive(Debug)]
pub struct Of<R>(PhantomData<*const R>);

/// Stands for a value of type `R` that a method `Tag` gave; never constructed.
#[derive(Debug)]
pub struct Yielded<R, Tag>(PhantomData<(Tag, *const R)>);

impl<Tag, R> ClassifyReceiver for Yielded<R, Tag>
where
    Of<R>: Yields<Tag>,
{
    type Verdict = <Of<R> as Yields<Tag>>::Row;

    fn no_block_receiver(&self) -> Self::Verdict {
        never()
    }
}

impl<Tag, R> ClassifyReceiver for &Yielded<R, Tag> {
    type Verdict = Silent;

    fn no_block_receiver(&self) -> Silent {
        never()
    }
}

/// The probe of a value. Only its type is used; never runs.
pub fn yielded<'a, R, Tag>(_: &R, _: Tag) -> &'a Yielded<R, Tag> {
    never()
}

/// Stands for two functions of types `F` and `G`; never constructed.
#[derive(Debug)]
pub struct Pair<F, G>(PhantomData<(F, G)>);

/// The probe of two functions. Only its type is used; never runs.
pub fn pair<'a, F, G>(_: &F, _: &G) -> &'a Pair<F, G> {
    never()
}

/// Asks whether two functions are the same one: a function item has a type of its own.
pub trait ClassifyFunction<R> {
    /// [`Same`] or [`Other`].
    type Verdict;

    /// Only its type is used; never runs.
    fn no_block_function(&self, row: R) -> Self::Verdict;
}

impl<F, R> ClassifyFunction<R> for Pair<F, F> {
    type Verdict = Same<R>;

    fn no_block_function(&self, _: R) -> Same<R> {
        never()
    }
}

impl<F, G, R> ClassifyFunction<R> for &Pair<F, G> {
    type Verdict = Other;

    fn no_block_function(&self, _: R) -> Other {
        never()
    }
}

/// Both functions are the row's.
#[derive(Debug)]
pub struct Same<R>(PhantomData<R>);

impl<R> Same<R> {
    /// The row. The types of the function's arguments are the user's to infer.
    pub fn settle<F, G>(self, _: &F, _: &G) -> R {
        never()
    }
}

/// The functions differ.
#[derive(Debug)]
pub struct Other(());

impl Other {
    /// Nothing. Without a user's call, the type arguments of the row's function are settled by a concrete one.
    pub fn settle<F>(self, _: &F, _: &F) -> Silent {
        never()
    }
}

// What expansions wrap around a call. Those with `enter` announce the call to the run time, and `leave` ends that.

/// Announces a call on a place: the verdict comes as a type.
#[inline]
#[track_caller]
pub fn enter<V: Row>(_: Option<V>) {
    call::enter_call(V::API, Role::Typed);
}

/// The same for a call with calls in its arguments: what hooks see below it may be theirs.
#[inline]
#[track_caller]
pub fn enter_around<V: Row>(_: Option<V>) {
    call::enter_call(V::API, Role::Around);
}

/// Hands a callee through, and announces the call.
#[inline]
#[track_caller]
pub fn enter_callee<F, V: Row>(callee: F, _: impl FnOnce(&F) -> V) -> F {
    call::enter_call(V::API, Role::Typed);
    callee
}

/// The same for a call with calls in its arguments.
#[inline]
#[track_caller]
pub fn enter_around_callee<F, V: Row>(callee: F, _: impl FnOnce(&F) -> V) -> F {
    call::enter_call(V::API, Role::Around);
    callee
}

/// Hands a callee through whose arguments have verdicts of their own, and announces the call.
#[inline]
#[track_caller]
pub fn enter_callee_by<F, A, V: Row>(callee: F, _: Option<A>, _: impl FnOnce(&F, A) -> V) -> F {
    call::enter_call(V::API, Role::Typed);
    callee
}

/// The same for a call with calls in its arguments.
#[inline]
#[track_caller]
pub fn enter_around_callee_by<F, A, V: Row>(callee: F, _: Option<A>, _: impl FnOnce(&F, A) -> V) -> F {
    call::enter_call(V::API, Role::Around);
    callee
}

/// Hands a receiver through, and announces the call.
#[inline]
#[track_caller]
pub fn enter_value<R, V: Row>(receiver: R, _: impl FnOnce(&R) -> V) -> R {
    call::enter_call(V::API, Role::Typed);
    receiver
}

/// The same for a call with calls in its arguments.
#[inline]
#[track_caller]
pub fn enter_around_value<R, V: Row>(receiver: R, _: impl FnOnce(&R) -> V) -> R {
    call::enter_call(V::API, Role::Around);
    receiver
}

/// Ends what was announced last.
#[inline]
pub fn leave() {
    call::exit_call();
}

/// Functions that std has on some systems only: elsewhere what stands here is no one's.
pub mod unix {
    #[cfg(unix)]
    pub use std::os::unix::{fs::symlink, net::UnixStream};

    /// Stands in for std's.
    #[cfg(not(unix))]
    #[derive(Debug)]
    pub struct UnixStream;

    #[cfg(not(unix))]
    impl UnixStream {
        /// Stands in for std's.
        pub fn connect<P>(_: P) {}
    }

    /// Stands in for std's.
    #[cfg(not(unix))]
    pub fn symlink<P, Q>(_: P, _: Q) {}
}

/// What a fn marked `#[blocking]` holds while it runs.
#[derive(Debug)]
pub struct Blocking(PhantomData<*mut ()>);

/// Announces the body of a fn marked `#[blocking]`, which reports itself.
#[inline]
#[track_caller]
pub fn enter_blocking(api: &'static Api) -> Blocking {
    call::enter_marked(api);
    Blocking(PhantomData)
}

impl Drop for Blocking {
    #[inline]
    fn drop(&mut self) {
        call::exit_call();
    }
}

/// Hands a callee through.
#[inline]
pub fn callee<F, V: Row>(callee: F, _: impl FnOnce(&F) -> V) -> F {
    callee
}

/// Hands a callee through whose arguments have verdicts of their own.
#[inline]
pub fn callee_by<F, A, V: Row>(callee: F, _: Option<A>, _: impl FnOnce(&F, A) -> V) -> F {
    callee
}

/// Hands a receiver through.
#[inline]
pub fn value<R, V: Row>(receiver: R, _: impl FnOnce(&R) -> V) -> R {
    receiver
}

/// A call's value, and after it what ends the call.
#[inline]
pub fn first<T>(value: T, (): ()) -> T {
    value
}

/// Takes a verdict that only the compiler looks at.
pub fn ask<V: Row>(_: V) {}

/// Gives a variable the type of a verdict; never runs.
pub fn fill<V: Row>(_: &mut Option<V>, _: V) {}

/// Calls a closure once: so it may give away what it has captured.
#[inline]
pub fn once<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// A value of the type that an async body returns; never runs.
pub fn fake<R>() -> R {
    never()
}

/// Takes the probed copy of a body; never runs.
pub fn unrun<F: Future>(_: F) {}

/// Ends a branch that never runs: what is moved in it stays where it was.
#[cold]
pub fn never() -> ! {
    unreachable!("guard-runtime: probes are compiled, never run")
}
