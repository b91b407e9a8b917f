//! Arguments that say that a call does not wait: a time-out of zero, a flag, an address in digits.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// Whether an argument says that the call does not wait: a time-out of zero, `WNOHANG` and the like.
pub(super) fn at_once(args: &Punctuated<Expr, Token![,]>) -> bool {
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

/// Whether an address is written in digits, so that no name is looked up: `"127.0.0.1:80"`, `("::1", port)`.
pub(super) fn is_address(expr: &Expr) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use syn::{ExprCall, parse_quote};

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
