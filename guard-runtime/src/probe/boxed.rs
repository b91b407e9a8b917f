//! What a fn returns, guarded in a box of the same type where it is a boxed future. Asked by its type, never by its name.

use super::never;
use crate::guarded::guarded;
use crate::model::Site;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::transmute;
use std::pin::Pin;

/// A boxed future.
pub trait Boxed: Sized {
    /// Guarded, and boxed once more.
    fn guarded(self, site: &'static Site) -> Self;
}

macro_rules! boxed {
    ($($more:ident)*) => {
        impl<'a, T> Boxed for Pin<Box<dyn Future<Output = T> $(+ $more)* + 'a>> {
            fn guarded(self, site: &'static Site) -> Self {
                let guarded: Pin<Box<dyn Future<Output = T> $(+ $more)* + '_>> = Box::pin(guarded(self, site));
                // SAFETY: only the lifetime changes. What the box holds is the one that was handed in, which is good for
                // 'a; rustc takes it for shorter, because of its output, which the user's own type asks nothing of.
                unsafe { transmute::<Pin<Box<dyn Future<Output = T> $(+ $more)* + '_>>, Self>(guarded) }
            }
        }
    };
}

boxed!();
boxed!(Send);
boxed!(Sync);
boxed!(Send Sync);

/// What becomes of what a fn returns.
pub trait Returned<B> {
    /// Makes it.
    fn given(value: B, site: &'static Site) -> B;
}

/// The verdict on a boxed future.
#[derive(Clone, Copy, Debug)]
pub struct IsBoxed;

impl<B: Boxed> Returned<B> for IsBoxed {
    fn given(value: B, site: &'static Site) -> B {
        value.guarded(site)
    }
}

/// The verdict on a future of another type, which has no room for a guard.
#[derive(Clone, Copy, Debug)]
pub struct Unguarded;

impl<B> Returned<B> for Unguarded {
    fn given(value: B, _: &'static Site) -> B {
        value
    }
}

impl IsBoxed {
    /// Says nothing.
    pub fn told(self) -> Self {
        self
    }

    /// Says nothing.
    pub fn asked(self) -> Self {
        self
    }
}

impl Unguarded {
    /// Says so.
    #[deprecated(
        note = "`#[no_block]` cannot guard the future of this fn, the type of which has to stay what it is: return a boxed \
                future or `impl Future`, or annotate the async fn that awaits it"
    )]
    pub fn told(self) -> Self {
        self
    }

    /// Says so.
    #[deprecated(
        note = "`#[no_block]` cannot guard the future of this fn, the type of which has to stay what it is: return a boxed \
                future or `impl Future`, or annotate the async fn that awaits it"
    )]
    pub fn asked(self) -> Self {
        self
    }
}

/// The verdict on anything else.
#[derive(Clone, Copy, Debug)]
pub struct NoFuture;

impl NoFuture {
    /// Says nothing.
    pub fn told(self) -> Self {
        self
    }

    /// Says that it is no future.
    #[deprecated(note = "`#[no_block]` has nothing to guard: this fn returns no future")]
    pub fn asked(self) -> Self {
        self
    }
}

impl<B> Returned<B> for NoFuture {
    fn given(value: B, _: &'static Site) -> B {
        value
    }
}

/// Stands for what a fn returns; never constructed.
#[derive(Debug)]
pub struct Return<B>(PhantomData<B>);

/// Asks what a fn returns: of `&&Return` first the impl for `&Return`, then that for `&&Return`, then that for `Return`.
pub trait ClassifyReturn {
    /// [`IsBoxed`], [`Unguarded`] or [`NoFuture`].
    type Verdict;

    /// Only its type is used; never runs.
    fn no_block_return(&self) -> Self::Verdict;
}

impl<B: Boxed> ClassifyReturn for &Return<B> {
    type Verdict = IsBoxed;

    fn no_block_return(&self) -> IsBoxed {
        never()
    }
}

impl<B: Future> ClassifyReturn for &&Return<B> {
    type Verdict = Unguarded;

    fn no_block_return(&self) -> Unguarded {
        never()
    }
}

impl<B> ClassifyReturn for Return<B> {
    type Verdict = NoFuture;

    fn no_block_return(&self) -> NoFuture {
        never()
    }
}

/// The probe of what a fn returns. Only its type is used; never runs.
pub fn return_of<'a, B>(_: &B) -> &'a &'a Return<B> {
    never()
}

/// Hands through what a fn returns: a boxed future guarded, anything else as it is.
#[inline]
pub fn returned<B, V: Returned<B>>(value: B, site: &'static Site, _: impl FnOnce(&B) -> V) -> B {
    V::given(value, site)
}
