//! Questions about expressions that their tokens alone can answer.

use crate::catalog::{POOL_METHODS, POOL_TYPES, PoolMethod};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, FnArg, Ident, Pat, Token};

/// `pool.map(items, |item| ..)`, which no iterator has.
pub(crate) fn is_pool_method(call: &ExprMethodCall) -> bool {
    let is_static = || match &*call.receiver {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
        }),
        _ => false,
    };
    let hands_over =
        |method: &PoolMethod| takes(method, &call.args) && !(method.not_on_a_static && is_static());
    POOL_METHODS.iter().filter(|method| call.method == method.name).any(hands_over)
}

/// `Pool::map(&pool, items, |item| ..)`
pub(crate) fn is_pool_function(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else { return false };
    let mut from_the_end = path.path.segments.iter().rev();
    let (Some(name), Some(owner)) = (from_the_end.next(), from_the_end.next()) else { return false };
    POOL_TYPES.iter().any(|pool| owner.ident == pool)
        && POOL_METHODS.iter().any(|method| name.ident == method.name)
}

/// Whether a callee makes a value, which keeps the closure that it is given: `Box::new(|| ..)`, `Some(|| ..)`.
pub(crate) fn keeps(callee: &Expr) -> bool {
    let Expr::Path(path) = callee else { return false };
    let is_upper = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
    path.path
        .segments
        .last()
        .is_some_and(|last| is_upper(&last.ident) || last.ident == "new" && owner(path).is_some_and(is_upper))
}

/// What stands before the last name of a path: a module, a trait, a type (`<File>::open`).
pub(crate) fn owner(path: &syn::ExprPath) -> Option<&Ident> {
    let before = path.path.segments.iter().rev().nth(1);
    before.map(|segment| &segment.ident).or_else(|| match &*path.qself.as_ref()?.ty {
        syn::Type::Path(ty) => ty.path.segments.last().map(|last| &last.ident),
        _ => None,
    })
}

/// `thread::scope(|scope| ..)`, of std's or crossbeam's.
pub(crate) fn is_thread_scope(callee: &Expr) -> bool {
    let Expr::Path(path) = callee else { return false };
    let mut from_the_end = path.path.segments.iter().rev();
    let (Some(name), Some(owner)) = (from_the_end.next(), from_the_end.next()) else { return false };
    name.ident == "scope" && ["thread", "crossbeam"].iter().any(|known| owner.ident == known)
}

/// Whether the arguments are as this method has them.
fn takes(method: &PoolMethod, args: &Punctuated<Expr, Token![,]>) -> bool {
    let fits = |last: &Expr| matches!(last, Expr::Closure(last) if last.inputs.len() == method.parameters);
    args.len() == method.arguments && args.last().is_some_and(fits)
}

/// Whether a statement is compiled with the tests alone: `#[cfg(test)]`.
pub(crate) fn is_for_tests(stmt: &syn::Stmt) -> bool {
    let attrs = match stmt {
        syn::Stmt::Local(local) => &local.attrs,
        syn::Stmt::Macro(mac) => &mac.attrs,
        syn::Stmt::Expr(expr, _) => match expr {
            Expr::Block(expr) => &expr.attrs,
            Expr::Call(expr) => &expr.attrs,
            Expr::ForLoop(expr) => &expr.attrs,
            Expr::If(expr) => &expr.attrs,
            Expr::Loop(expr) => &expr.attrs,
            Expr::Match(expr) => &expr.attrs,
            Expr::MethodCall(expr) => &expr.attrs,
            Expr::Unsafe(expr) => &expr.attrs,
            Expr::While(expr) => &expr.attrs,
            _ => return false,
        },
        syn::Stmt::Item(_) => return false,
    };
    let test = |attr: &syn::Attribute| match &attr.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    };
    attrs.iter().any(test)
}

/// `(|| value)`, where it is called at once.
pub(crate) fn called_closure(callee: &mut Expr) -> Option<&mut syn::ExprClosure> {
    match callee {
        Expr::Paren(paren) => called_closure(&mut paren.expr),
        Expr::Closure(closure) if closure.asyncness.is_none() => Some(closure),
        _ => None,
    }
}

/// Whether an expression may stand a second time in a branch that never runs.
pub(crate) fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_simple(&field.base),
        Expr::Unary(unary) => is_simple(&unary.expr),
        Expr::Binary(binary) => is_simple(&binary.left) && is_simple(&binary.right),
        Expr::Paren(paren) => is_simple(&paren.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && is_simple(&reference.expr),
        Expr::Cast(cast) => is_simple(&cast.expr),
        Expr::Index(index) => is_simple(&index.expr) && is_simple(&index.index),
        Expr::MethodCall(call) => is_simple(&call.receiver) && call.args.iter().all(is_simple),
        Expr::Call(call) => is_simple(&call.func) && call.args.iter().all(is_simple),
        _ => false,
    }
}

/// Whether a place is a variable, or a part of one that no value of another names.
pub(crate) fn moves_nothing(place: &Expr) -> bool {
    match place {
        Expr::Path(_) => true,
        Expr::Field(field) => moves_nothing(&field.base),
        Expr::Paren(paren) => moves_nothing(&paren.expr),
        Expr::Unary(unary) => moves_nothing(&unary.expr),
        Expr::Index(index) => moves_nothing(&index.expr) && matches!(*index.index, Expr::Lit(_)),
        _ => false,
    }
}

/// The variable that a place goes back to.
pub(crate) fn base(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Field(field) => base(&field.base),
        Expr::Index(index) => base(&index.expr),
        Expr::Unary(unary) => base(&unary.expr),
        Expr::Paren(paren) => base(&paren.expr),
        _ => None,
    }
}

/// The pattern of an arm, and its guard: `pattern if guard`.
pub(crate) fn guarded(pat: &Pat) -> (&Pat, Option<&Expr>) {
    match pat {
        Pat::Guard(guarded) => (&guarded.pat, Some(&guarded.guard)),
        pat => (pat, None),
    }
}

/// The path that a chain of calls begins with.
pub(crate) fn first_path(expr: &Expr) -> Option<&syn::ExprPath> {
    match expr {
        Expr::Call(call) => first_path(&call.func),
        Expr::MethodCall(call) => first_path(&call.receiver),
        Expr::Path(path) => Some(path),
        _ => None,
    }
}

/// Whether an expression is one of the standard streams, or the lock of one: no call in it has arguments.
pub(crate) fn is_standard_stream(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return false };
            let name = path.path.segments.last().map(|last| &last.ident);
            call.args.is_empty()
                && name.is_some_and(|name| ["stderr", "stdin", "stdout"].iter().any(|known| name == known))
        }
        Expr::MethodCall(call) => {
            call.method == "lock" && call.args.is_empty() && is_standard_stream(&call.receiver)
        }
        _ => false,
    }
}

/// Whether an argument says that the call does not wait: a time-out of zero, `WNOHANG` and the like.
pub(crate) fn at_once(args: &Punctuated<Expr, Token![,]>) -> bool {
    args.iter().any(says_at_once)
}

fn says_at_once(arg: &Expr) -> bool {
    const FLAGS: &[&str] = &["LOCK_NB", "WNOHANG", "LockExclusiveNonblock", "LockSharedNonblock"];
    let of_duration =
        |path: &syn::Path| path.segments.iter().rev().nth(1).is_some_and(|owner| owner.ident == "Duration");
    let is_zero = |arg: &Expr| matches!(arg, Expr::Lit(lit) if lit.lit.to_token_stream().to_string() == "0");
    match arg {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            FLAGS.iter().any(|flag| last.ident == flag) || last.ident == "ZERO" && of_duration(&path.path)
        }),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if of_duration(&path.path) => call.args.iter().all(is_zero),
            Expr::Path(path) if path.path.is_ident("Some") => call.args.iter().any(says_at_once),
            _ => false,
        },
        Expr::Binary(syn::ExprBinary { left, op: syn::BinOp::BitOr(_), right, .. }) => {
            says_at_once(left) || says_at_once(right)
        }
        Expr::Paren(paren) => says_at_once(&paren.expr),
        _ => false,
    }
}

/// Whether a receiver is a constant that borrowing makes a static, and that nothing else would keep alive.
pub(crate) fn is_promoted(receiver: &Expr) -> bool {
    fn is_made_of_constants(expr: &Expr) -> bool {
        match expr {
            Expr::Lit(_) => true,
            Expr::Path(path) => is_upper(&path.path),
            Expr::Paren(paren) => is_made_of_constants(&paren.expr),
            Expr::Reference(reference) => is_made_of_constants(&reference.expr),
            Expr::Unary(unary) => {
                !matches!(unary.op, syn::UnOp::Deref(_)) && is_made_of_constants(&unary.expr)
            }
            Expr::Array(array) => array.elems.iter().all(is_made_of_constants),
            Expr::Tuple(tuple) => tuple.elems.iter().all(is_made_of_constants),
            Expr::Call(call) => makes(call),
            _ => false,
        }
    }
    /// `Some(..)`, no function.
    fn makes(call: &ExprCall) -> bool {
        matches!(&*call.func, Expr::Path(path) if is_upper(&path.path))
            && call.args.iter().all(is_made_of_constants)
    }
    /// A constant or a constructor, no variable.
    fn is_upper(path: &syn::Path) -> bool {
        let last = path.segments.last().map(|last| last.ident.unraw().to_string());
        last.is_some_and(|name| name.starts_with(char::is_uppercase))
    }
    match receiver {
        Expr::Paren(paren) => is_promoted(&paren.expr),
        Expr::Field(field) => is_promoted(&field.base),
        Expr::Reference(reference) => {
            !matches!(*reference.expr, Expr::Path(_)) && is_made_of_constants(&reference.expr)
        }
        // Text is a static wherever it stands.
        Expr::Lit(lit) => !matches!(lit.lit, syn::Lit::Str(_) | syn::Lit::ByteStr(_) | syn::Lit::CStr(_)),
        Expr::Tuple(_) => is_made_of_constants(receiver),
        Expr::Call(call) => makes(call),
        _ => false,
    }
}

/// Whether an address is written in digits, so that no name is looked up: `"127.0.0.1:80"`, `("::1", port)`.
pub(crate) fn is_address(expr: &Expr) -> bool {
    let text = |expr: &Expr| match expr {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => text.value(),
        _ => String::new(),
    };
    match expr {
        Expr::Paren(paren) => is_address(&paren.expr),
        Expr::Reference(reference) => is_address(&reference.expr),
        Expr::Tuple(pair) => {
            pair.elems.first().is_some_and(|host| text(host).parse::<std::net::IpAddr>().is_ok())
        }
        expr => text(expr).parse::<std::net::SocketAddr>().is_ok(),
    }
}

/// Whether control can leave the arguments: then nothing may be entered before them.
pub(crate) fn may_leave(args: &impl ToTokens) -> bool {
    fn leaves(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => leaves(group.stream()),
            TokenTree::Ident(ident) => {
                ["await", "return", "break", "continue", "yield"].iter().any(|keyword| ident == keyword)
            }
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Literal(_) => false,
        })
    }
    leaves(args.to_token_stream())
}

/// The first `.await` of an expression that this poll would reach.
pub(crate) fn find_await(expr: &Expr) -> Option<Span> {
    struct Awaits(Option<Span>);
    impl Visit<'_> for Awaits {
        fn visit_expr_await(&mut self, awaited: &syn::ExprAwait) {
            self.0.get_or_insert(awaited.await_token.span);
            visit::visit_expr_await(self, awaited);
        }
        fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
        fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
            if closure.asyncness.is_none() {
                visit::visit_expr_closure(self, closure);
            }
        }
        fn visit_item(&mut self, _: &syn::Item) {}
        fn visit_macro(&mut self, mac: &syn::Macro) {
            let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let awaits = matches!(name.as_str(), "join" | "try_join" | "select");
            let hidden =
                find_ident(mac.tokens.clone(), &|ident| ident == "await").or(awaits.then(|| mac.path.span()));
            self.0 = self.0.or(hidden);
        }
    }
    let mut awaits = Awaits(None);
    awaits.visit_expr(expr);
    awaits.0
}

/// The first such name among the tokens.
pub(crate) fn find_ident(tokens: TokenStream, is_it: &dyn Fn(&Ident) -> bool) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_ident(group.stream(), is_it),
        TokenTree::Ident(ident) if is_it(&ident) => Some(ident.span()),
        _ => None,
    })
}

/// The names that patterns bind.
#[derive(Default)]
pub(crate) struct Bound(pub(crate) HashSet<String>);

impl Visit<'_> for Bound {
    fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
        self.0.insert(pat.ident.unraw().to_string());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_fn_arg(&mut self, arg: &FnArg) {
        if let FnArg::Typed(arg) = arg {
            self.visit_pat(&arg.pat);
        }
    }
}

/// The expression with the value that it goes back to replaced.
pub(crate) fn with_root(expr: &Expr, replace: &mut dyn FnMut(&Expr) -> TokenStream) -> TokenStream {
    let mut copy = expr.clone();
    match &mut copy {
        Expr::Paren(syn::ExprParen { expr: base, .. })
        | Expr::Group(syn::ExprGroup { expr: base, .. })
        | Expr::Field(syn::ExprField { base, .. })
        | Expr::Index(syn::ExprIndex { expr: base, .. })
        | Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr: base, .. }) => {
            **base = Expr::Verbatim(with_root(base, replace));
            copy.into_token_stream()
        }
        _ => replace(expr),
    }
}

/// Whether the arguments call anything of the user's: the call guard would give that this call's name.
pub(crate) fn calls_others<'a>(args: impl Iterator<Item = &'a Expr>) -> bool {
    struct Calls(bool);
    impl Visit<'_> for Calls {
        fn visit_expr_call(&mut self, call: &ExprCall) {
            let constructs =
                match &*call.func {
                    // `Some(..)`, `Duration::from_millis(..)`
                    Expr::Path(path) => path.path.segments.iter().rev().take(2).any(|segment| {
                        segment.ident.to_string().starts_with(|first: char| first.is_uppercase())
                    }),
                    _ => false,
                };
            self.0 |= !constructs;
            visit::visit_expr_call(self, call);
        }

        fn visit_expr_method_call(&mut self, _: &ExprMethodCall) {
            self.0 = true;
        }

        fn visit_expr(&mut self, expr: &Expr) {
            // What was replaced before, and blocks that may hold anything.
            self.0 |= matches!(expr, Expr::Verbatim(_) | Expr::Block(_) | Expr::Unsafe(_) | Expr::Index(_));
            visit::visit_expr(self, expr);
        }

        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}

        fn visit_macro(&mut self, mac: &syn::Macro) {
            self.0 |= !mac.path.is_ident("format");
        }
    }
    let mut calls = Calls(false);
    args.for_each(|arg| calls.visit_expr(arg));
    calls.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn what_is_compiled_with_the_tests_alone_is_known() {
        let yes: [syn::Stmt; 3] = [
            parse_quote!(#[cfg(test)] std::fs::write(path, "a");),
            parse_quote!(
                #[cfg(test)]
                {
                    path.exists();
                }
            ),
            parse_quote!(#[cfg(test)] let x = path.exists();),
        ];
        let no: [syn::Stmt; 2] = [
            parse_quote!(#[cfg(not(test))] path.exists();),
            parse_quote!(#[allow(deprecated)] path.exists();),
        ];
        assert!(yes.iter().all(is_for_tests) && !no.iter().any(is_for_tests));
    }

    #[test]
    fn an_address_in_digits_is_known() {
        let yes: [Expr; 4] = [
            parse_quote!("127.0.0.1:80"),
            parse_quote!("[::1]:80"),
            parse_quote!(("::1", port)),
            parse_quote!(&"1.2.3.4:5"),
        ];
        let no: [Expr; 3] = [parse_quote!("localhost:80"), parse_quote!((host, 80)), parse_quote!(())];
        assert!(yes.iter().all(is_address) && !no.iter().any(is_address));
    }

    #[test]
    fn a_time_out_of_zero_is_known() {
        let at_once = |text: &str| {
            let call: ExprCall = syn::parse_str(text).unwrap();
            at_once(&call.args)
        };
        assert!(at_once("poll(Duration::ZERO)") && at_once("recv(Duration::from_millis(0))"));
        assert!(at_once("waitpid(pid, Some(WaitPidFlag::WNOHANG))"));
        assert!(at_once("flock(fd, LOCK_EX | libc::LOCK_NB)"));
        assert!(!at_once("sleep(limit.unwrap_or(Duration::ZERO))") && !at_once("f(show(Duration::ZERO))"));
        assert!(
            !at_once("poll(Duration::from_millis(10))")
                && !at_once("f(0, ZERO)")
                && !at_once("f(|| Duration::ZERO)")
        );
    }
}
