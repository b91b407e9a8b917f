//! Jumps that lead nowhere: rustc refuses the fn, and is to say so of the fn, not of a block that we make of it.

use syn::visit::{self, Visit};
use syn::{Block, Expr, Item, ReturnType, Type};

/// Whether a body of an async fn breaks out of no loop, or leaves by `?` though the fn's type, by its look, takes no error.
pub(crate) fn goes_astray(output: &ReturnType, body: &Block) -> bool {
    let mut jumps = Jumps { takes_errors: takes_errors(output), loops: 0, astray: false };
    jumps.visit_block(body);
    jumps.astray
}

fn takes_errors(output: &ReturnType) -> bool {
    const NONE: &[&str] = &[
        "String", "Vec", "bool", "char", "f32", "f64", "i16", "i32", "i64", "i8", "isize", "u16", "u32",
        "u64", "u8", "usize",
    ];
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(_) | Type::Reference(_) | Type::Array(_) => false,
            Type::Path(path) => {
                path.path.segments.len() > 1
                    || path.path.segments.last().is_none_or(|last| NONE.iter().all(|name| last.ident != name))
            }
            _ => true,
        },
    }
}

struct Jumps {
    takes_errors: bool,
    /// Loops, and blocks with labels, around this place.
    loops: usize,
    astray: bool,
}

impl Jumps {
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.loops += 1;
        visit(self);
        self.loops -= 1;
    }
}

impl Visit<'_> for Jumps {
    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Break(_) | Expr::Continue(_) => self.astray |= self.loops == 0,
            Expr::Try(_) => self.astray |= !self.takes_errors,
            _ => {}
        }
        match expr {
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
                self.inside(|jumps| visit::visit_expr(jumps, expr))
            }
            Expr::Block(block) if block.label.is_some() => {
                self.inside(|jumps| visit::visit_expr(jumps, expr))
            }
            // These are left for themselves; `try {}` is of another edition.
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_) | Expr::Verbatim(_) => {}
            expr => visit::visit_expr(self, expr),
        }
    }

    fn visit_item(&mut self, _: &Item) {}
}

#[cfg(test)]
mod tests {
    use super::goes_astray;

    #[test]
    fn what_leads_nowhere_is_known() {
        let astray = |text: &str| {
            let function: syn::ItemFn = syn::parse_str(text).unwrap();
            goes_astray(&function.sig.output, &function.block)
        };
        assert!(astray("async fn f() { a()?; }") && astray("async fn f() -> u8 { match a { _ => a()? } }"));
        assert!(astray("async fn f() { break; }") && astray("async fn f() { if a { continue } }"));
        assert!(
            !astray("async fn f() -> Result<(), E> { a()?; Ok(()) }")
                && !astray("async fn f() -> Option<u8> { a()? }")
        );
        assert!(!astray("async fn f() { loop { break } 'a: { break 'a; } while a() { continue; } }"));
        assert!(!astray("async fn f() { let g = || a()?; async { a()?; Ok(()) }.await; }"));
        assert!(!astray("async fn f() -> Mine { a()? }") && !astray("async fn f() -> my::String { a()? }"));
    }
}
