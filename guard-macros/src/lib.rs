//! The attributes of guard-runtime. Depend on `guard-runtime`, which re-exports them: expansions name its items.

mod attribute;
mod catalog;
mod entry;
mod expressions;
mod input;
mod macros;
mod marks;
mod offload;
mod probes;
mod project;
mod rows;
mod rustc;
mod scan;
#[cfg(test)]
mod tests;
mod tokens;

use input::or_item;
use proc_macro::TokenStream;

/// Warns about blocking calls in an async fn while it is compiled, and panics on those below it while it runs.
///
/// Annotating one `async fn` covers everything that its future polls. In builds with `debug_assertions` (of the crate
/// that the attribute is used in):
///
/// - known blocking calls written in the body are warned about, by the **type** of what is called: `lock()` of std's
///   mutex and of tokio's are told apart. The warning is rustc's `deprecated`, so `#[allow(deprecated)]` silences it;
/// - while the future is polled, its thread is watched for blocking calls, wherever below they are made.
///
/// In other builds the body is left as it is, unless guard-runtime's feature `always` is on.
///
/// ```
/// use guard_runtime::no_block;
///
/// #[no_block]
/// async fn index(path: &std::path::Path) -> std::io::Result<String> {
///     tokio::fs::read_to_string(path).await // `std::fs::read_to_string` would be warned about, and panic
/// }
/// ```
///
/// # Where it goes
///
/// On async fns: free ones, methods, provided methods of traits; on fns that return `impl Future`, `Pin<Box<dyn Future>>` or
/// `BoxFuture`, which includes what `#[async_trait]` makes of a method; and on an impl block, a trait or an inline module,
/// for every such fn inside, where an attribute inside wins. Above `#[tokio::main]` and `#[tokio::test]`, not below.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `warn(KINDS…)` | warn about these kinds |
/// | `deny(KINDS…)` | make them errors |
/// | `allow(KINDS…)` | say nothing about them at compile time; the run time still sees them |
/// | `skip` | leave this fn as it is |
/// | `crate = ::path` | where guard-runtime is re-exported, when it is no direct dependency |
///
/// Kinds are those of [`guard_runtime::Kind`](https://docs.rs/guard-runtime/latest/guard_runtime/enum.Kind.html), and
/// `all`. `lock`, `stdio` (writing; reading standard input is warned about), `compression` and `cpu` are allowed by default,
/// the others are warned about.
///
/// # What it cannot see
///
/// At compile time: calls in helpers and dependencies, in the arguments of macros that are not well known, through a
/// function pointer or another name (`use std::fs::read as get`), in closures that are stored. The run time sees those.
#[proc_macro_attribute]
pub fn no_block(args: TokenStream, item: TokenStream) -> TokenStream {
    if cfg!(no_block_build_off) {
        return item;
    }
    attribute::no_block(args.into(), item.into()).into()
}

/// Marks a sync fn that blocks by design: calling it below an armed poll is a violation that is named after it.
///
/// For the edges of a codebase: the wrapper around a C library, a computation that takes long, which no hook can see. It
/// costs nothing in builds without `debug_assertions`; elsewhere a look at a thread-local, and a clock while armed.
///
/// ```
/// use guard_runtime::{blocking, no_block, offload};
///
/// #[blocking(kind = "crypto", instead = "use `hash_later`")]
/// fn hash(password: &str) -> u64 {
///     password.bytes().map(u64::from).sum()
/// }
///
/// #[no_block]
/// async fn hash_later(password: String) -> u64 {
///     offload(move || hash(&password)).await // `hash(&password)` here would panic in a debug run
/// }
/// ```
///
/// # Options
///
/// `kind = "db"`, one of the kinds that [`macro@no_block`] knows (`other` when left out); `instead = "use .."`, for
/// reports; `crate = ::path`.
///
/// # What it cannot do
///
/// The call is not warned about while it is typed: a macro on the caller does not know what stands on the callee. List
/// the fn in `no-block.toml` for that.
#[proc_macro_attribute]
pub fn blocking(args: TokenStream, item: TokenStream) -> TokenStream {
    if cfg!(no_block_build_off) {
        return item;
    }
    or_item(marks::blocking(args.into(), item.clone().into()), item.into()).into()
}

/// Makes of a sync fn an async one that runs it on a pool, off the executor. The sync one stays beside it.
///
/// ```
/// use guard_runtime::{Pool, offload};
/// use std::sync::LazyLock;
///
/// static FILES: LazyLock<Pool> = LazyLock::new(|| Pool::builder("files").threads(4).build());
///
/// /// The lines of a file.
/// #[offload(pool = FILES, deadline = "2s")]
/// fn lines(path: std::path::PathBuf) -> std::io::Result<usize> {
///     Ok(std::fs::read_to_string(path)?.lines().count())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let later = lines("Cargo.toml".into()).await??;
/// let now = lines_blocking("Cargo.toml".into())?;
/// assert_eq!(later, now);
/// # Ok(())
/// # }
/// ```
///
/// Without `pool` and `deadline` it is [`offload(..)`](https://docs.rs/guard-runtime/latest/guard_runtime/fn.offload.html):
/// the async fn gives what the sync one gives, and a panic is resumed. With either of them it gives a
/// `Result<_, OffloadError>`, because it may be refused, or too late.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `pool = EXPR` | the `Pool` to run on: a static, a `LazyLock<Pool>`, a field of `self`; the default pool when left out |
/// | `deadline = "2s"` | as `Pool::run_with_deadline`: `us`, `ms`, `s`, `m`, or an expression of type `Duration` |
/// | `sync = NAME` | the name of the sync fn; the name with `_blocking` when left out. In an impl also `sync = Self::NAME` |
/// | `crate = ::path` | where guard-runtime is re-exported, when it is no direct dependency |
///
/// # Where it goes
///
/// On free fns, and on methods that take `self`, `self: Arc<Self>` or `self: Box<Self>`. Nothing may be borrowed, because the
/// closure runs later and on another thread; each argument has to be `Send`. Attributes below it go to the sync fn, but
/// for documentation, lints and `cfg`, which go to both: `#[blocking]` there has the sync one reported where it is
/// called on an executor.
///
/// Not in an `impl Trait for ..`: of the two fns the trait declares none, or another one, which rustc says (E0407, E0053). Put
/// them into an `impl` of the type itself, and call them from there.
///
/// An associated fn that neither takes `self` nor mentions `Self` looks like a free one: there the option says which it is.
///
/// ```
/// use guard_runtime::offload;
///
/// struct Config(String);
///
/// impl Config {
///     #[offload(sync = Self::read_now)]
///     fn read(path: std::path::PathBuf) -> std::io::Result<String> {
///         std::fs::read_to_string(path)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let config = Config(Config::read("Cargo.toml".into()).await?);
/// assert_eq!(config.0, Config::read_now("Cargo.toml".into())?);
/// # Ok(())
/// # }
/// ```
///
/// # What it cannot do
///
/// Methods of a trait and of a trait's impl, which have no room for a second one: put it on a method of the type, and call
/// that. A fn that never returns, `-> !`: it would keep its thread for ever.
#[proc_macro_attribute]
pub fn offload(args: TokenStream, item: TokenStream) -> TokenStream {
    or_item(offload::offload(args.into(), item.clone().into()), item.into()).into()
}

/// Runs an expression in which blocking is meant: silent at compile time and at run time.
///
/// ```
/// # use guard_runtime::{allow_blocking, no_block};
/// #[no_block]
/// async fn hostname() -> std::io::Result<String> {
///     let name = allow_blocking!("read once, at start", std::fs::read_to_string("/proc/sys/kernel/hostname")?);
///     Ok(name.trim().to_owned())
/// }
/// ```
///
/// The expression may borrow, and may leave with `?` or `return`. It must not hold an `.await`: nothing may stay allowed
/// while other tasks run on the thread.
///
/// ```compile_fail
/// # use guard_runtime::allow_blocking;
/// # async fn other() {}
/// async fn wrong() {
///     allow_blocking!("waits", other().await);
/// }
/// ```
#[proc_macro]
pub fn allow_blocking(input: TokenStream) -> TokenStream {
    marks::allow_blocking(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Puts the rules of `no-block.toml` in force for the whole process, for whatever watches: a statement for the start of
/// the program.
///
/// `#[guard_runtime::main]` and `#[guard_runtime::test]` do it by themselves, and what `#[no_block]` watches goes by the
/// rules of its own package anyway. This is for programs that have neither attribute, where all workers are armed by
/// the environment or by `build_armed`, and for futures that `guard(..)` watches.
///
/// # Errors
///
/// A file that cannot be read is a compile error, which names the line and what is allowed.
///
/// # Example
///
/// ```
/// guard_runtime::project_rules!();
/// // Builds its runtime..
/// ```
#[proc_macro]
pub fn project_rules(input: TokenStream) -> TokenStream {
    if cfg!(no_block_build_off) {
        return quote::quote!(()).into();
    }
    entry::project_rules(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// `#[tokio::main]`, with every worker armed and the body guarded.
///
/// While the program runs, each blocking call in a task of the runtime is a violation, wherever it is made: in tasks that
/// no attribute reaches, in those of dependencies, in a `LocalSet`. The body of the function is guarded as by
/// `#[no_block]`: blocking in it panics. Code in `spawn_blocking` and `block_in_place` may block.
///
/// A task that no guard covers has no poll that could panic. What it does wrong is reported as soon as its worker waits
/// for events. If the action is panic, the function panics at its end, once the runtime has been shut down, with a list
/// of the places; a `main` that returns an error has that shown before.
///
/// ```
/// #[guard_runtime::main(flavor = "multi_thread", worker_threads = 2)]
/// async fn main() {
///     let answer = tokio::spawn(async { 42 }).await; // in here `std::thread::sleep` would fail the program
///     assert_eq!(answer.unwrap(), 42);
/// }
/// ```
///
/// # Options
///
/// Those of `#[tokio::main]`, with the same defaults and limits: `flavor = "multi_thread"` (the default),
/// `"current_thread"` or `"local"`, `worker_threads = 4`, `start_paused = true` (needs tokio's feature `test-util`),
/// `name = ".."`, and under `tokio_unstable` `unhandled_panic = ".."`. `crate = ::path` says where guard-runtime is, when
/// it is no direct dependency; tokio is always the one that guard-runtime was built with.
///
/// # Cost
///
/// Without `debug_assertions`, of the crate that it is used in, it is `#[tokio::main]`. Else see
/// [`build_armed`](https://docs.rs/guard-runtime/latest/guard_runtime/fn.build_armed.html).
///
/// # What it cannot see
///
/// What hooks cannot see, and everything where there are none: there the body alone is guarded, at its typed calls.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Entry::Main, args.into(), item.into()).into()
}

/// `#[tokio::test]`, with every worker armed and the body guarded.
///
/// The test fails if its body blocks, or any task of its runtime. See [`macro@main`]: options and rules are the same, but
/// the default flavor is `current_thread`. What tests do at the same time in one process is told apart by their runtimes.
///
/// ```
/// #[guard_runtime::test]
/// async fn answers() {
///     let answer = tokio::spawn(async { 42 }).await; // `std::thread::sleep` in here would fail the test
///     assert_eq!(answer.unwrap(), 42);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Entry::Test, args.into(), item.into()).into()
}

/// Expands the catalogue: `data` into a table for reports, `types` into the types that rustc tells rows by. For
/// guard-runtime's own use, once each.
#[doc(hidden)]
#[proc_macro]
pub fn __catalog(what: TokenStream) -> TokenStream {
    match what.to_string().as_str() {
        "data" => rows::catalog_data().into(),
        _ => rows::catalog().into(),
    }
}
