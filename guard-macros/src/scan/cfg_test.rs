//! Statements that are compiled with the tests alone.

use syn::Expr;

/// Whether a statement is compiled with the tests alone: `#[cfg(test)]`.
pub(super) fn is_for_tests(stmt: &syn::Stmt) -> bool {
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
}
