//! The `async` blocks of a fn that returns a future, each scanned as a body.

use crate::probes::Probes;
use crate::scan::scan_block;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Item, ItemFn, Signature};

/// Probes in the `async` blocks of a fn that returns a future; `but_last`: not in the one that it ends in.
pub(super) fn scan_blocks(function: &mut ItemFn, but_last: bool, probes: &Probes<'_>) {
    struct Blocks<'a> {
        sig: &'a Signature,
        probes: &'a Probes<'a>,
    }
    impl VisitMut for Blocks<'_> {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            match expr {
                Expr::Async(block) => scan_block(self.sig, block, self.probes),
                // Who knows where it is called.
                Expr::Closure(_) => {}
                // That is an event loop of its own.
                Expr::Call(call) if names_block_on(&call.func) => {}
                Expr::MethodCall(call) if call.method == "block_on" => {}
                _ => visit_mut::visit_expr_mut(self, expr),
            }
        }
        fn visit_item_mut(&mut self, _: &mut Item) {}
    }
    let mut blocks = Blocks { sig: &function.sig, probes };
    let upto = function.block.stmts.len() - usize::from(but_last);
    function.block.stmts[..upto].iter_mut().for_each(|stmt| blocks.visit_stmt_mut(stmt));
}

fn names_block_on(callee: &Expr) -> bool {
    matches!(callee, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "block_on"))
}
