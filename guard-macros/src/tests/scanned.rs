//! Test: what of a body is looked into, and what is not.

use super::random::expanded;
use quote::quote;

/// Whether a probe is put beside this statement.
fn asks(stmt: proc_macro2::TokenStream) -> bool {
    expanded(&quote!(async fn f(path: &Path) { #stmt })).to_string().contains("in_async_code")
}

#[test]
fn only_what_runs_in_this_poll_is_asked() {
    assert!(asks(quote!(path.exists();)));
    assert!(asks(quote!(let x = async { path.exists() };)));
    assert!(asks(quote!(paths.filter(|path| path.exists());)));
    assert!(asks(quote!(each(|path| async move { path.exists() }).await;)));
    assert!(asks(quote!((|| path.exists())();)));
    assert!(!asks(quote!(#[cfg(test)] path.exists();)));
    assert!(!asks(quote!(
        #[cfg(test)]
        {
            path.exists();
        }
    )));
    assert!(!asks(quote!(
        fn inner() {
            path.exists();
        }
    )));
    assert!(!asks(quote!(
        const THERE: bool = path.exists();
    )));
    assert!(asks(quote!(let stored = async || path.exists();)));
    assert!(asks(quote!(let stored = |path: PathBuf| async move { path.exists() };)));
    assert!(!asks(quote!(let stored = || path.exists();)));
    assert!(asks(quote!({
        let kept = || path.exists();
        if kept() {}
    })));
    assert!(!asks(quote!({
        let kept = || path.exists();
        kept();
        keep(kept);
    })));
    assert!(!asks(quote!({
        let kept = || path.exists();
        spawn_blocking(move || kept());
    })));
    assert!(asks(quote!(cell.get_or_init(|| async { path.exists() }).await;)));
    assert!(!asks(quote!(cell.get_or_init(|| path.exists());)));
    assert!(!asks(quote!(let stored = Box::new(|| path.exists());)));
    assert!(!asks(quote!(let stored = Some(Handler(|| path.exists()));)));
    assert!(!asks(quote!(spawn_blocking(|| path.exists());)));
    assert!(!asks(quote!(on_a_pool(|| path.exists()).await;)));
    assert!(!asks(quote!(paths.filter(Path::exists);)));
    assert!(!asks(quote!(path.exists().await;)));
    // The scope itself is a row.
    let within = |stmt| expanded(&quote!(async fn f() { #stmt })).to_string().contains("method :: exists");
    assert!(within(quote!(std::thread::scope(|scope| path.exists());)));
    assert!(!within(quote!(crossbeam::thread::scope(|scope| drop(scope.spawn(|_| path.exists())));)));
    assert!(!within(quote!(rayon::scope(|scope| path.exists());)));
}

#[test]
fn a_variable_hides_a_function_where_it_is_in_scope() {
    assert!(asks(quote!(
        {
            let sleep = 1;
        }
        sleep(limit);
    )));
    assert!(asks(quote!(match x {
        1 => drop(|sleep| sleep(limit)),
        _ => sleep(limit),
    })));
    assert!(!asks(quote!(let sleep = |limit| limit; sleep(limit);)));
    assert!(!asks(quote!(if let Some(sleep) = found {
        sleep(limit)
    })));
    assert!(!asks(quote!(let sleep = |limit| limit; async { sleep(limit) }.await;)));
}
