//! Test: whatever the body, the expander does not panic, and the item is still there. `RANDOM_BODIES=n` makes it longer.

use crate::args::Args;
use crate::{expand, target};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

/// xorshift: the same bodies in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const NAMES: &[&str] = &[
    "read", "lock", "self", "path", "metadata", "exists", "x", "fs", "open", "wait", "join", "block_on",
    "r#match",
];
const WORDS: &[&str] =
    &["async", "move", "await", "return", "break", "let", "mut", "if", "match", "unsafe", "const", "fn"];

fn name(random: &mut Random) -> Ident {
    let name = *random.of::<&str>(NAMES);
    match name.strip_prefix("r#") {
        Some(name) => Ident::new_raw(name, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// An expression of the grammar.
fn expr(random: &mut Random, depth: usize) -> TokenStream {
    let x = name(random);
    if depth == 0 {
        return match random.below(3) {
            0 => quote!(1),
            1 => quote!("text {x}"),
            _ => quote!(#x),
        };
    }
    let (a, b) = (expr(random, depth - 1), expr(random, depth - 1));
    let y = name(random);
    match random.below(24) {
        0 => quote!(#a.#x(#b)),
        1 => quote!(std::fs::#x(#a)),
        2 => quote!(#x(#a, #b)),
        3 => quote!(#a.#x().await),
        4 => quote!((#a)?),
        5 => quote!(|#x| #a),
        6 => quote!(#y(move |#x| { #a })),
        7 => quote!(async { #a }),
        8 => quote!(tokio::spawn(async move { #a })),
        9 => quote!(if let Some(#x) = #a { #b } else { return #b }),
        10 => quote!(match #a { #x if #b => #a, _ => #b }),
        11 => quote!((#a).field.#x()),
        12 => quote!(#x[#a].#y()),
        13 => quote!((*#a).#x()),
        14 => quote!([#a, #b].#x()),
        15 => quote!(println!("{} {x}", #a, x = #b)),
        16 => quote!(assert!(#a, "{}", #b)),
        17 => quote!(tokio::select! { #x = #a, if #b => #a, else => { #b } }),
        18 => quote!({ #a; let #x = #b; #x }),
        19 => quote!(loop { break #a; }),
        20 => quote!(unsafe #b),
        21 => quote!(<#x as Trait>::#y(#a)),
        22 => quote!(matches!(#a, #x if #b)),
        _ => quote!(vec![#a; #b]),
    }
}

/// Any tokens.
fn soup(random: &mut Random, depth: usize) -> TokenStream {
    (0..random.below(8))
        .map(|_| -> TokenTree {
            match random.below(if depth == 0 { 4 } else { 5 }) {
                0 => name(random).into(),
                1 => Ident::new(random.of::<&str>(WORDS), Span::call_site()).into(),
                2 => Punct::new(
                    *random.of(&['.', ':', ';', ',', '=', '>', '|', '&', '?', '!', '#', '*']),
                    *random.of(&[Spacing::Alone, Spacing::Joint]),
                )
                .into(),
                3 => Literal::u8_suffixed(1).into(),
                _ => {
                    let delimiter =
                        *random.of(&[Delimiter::Brace, Delimiter::Parenthesis, Delimiter::Bracket]);
                    Group::new(delimiter, soup(random, depth - 1)).into()
                }
            }
        })
        .collect()
}

fn expanded(item: &TokenStream) -> TokenStream {
    let (args, _) = Args::parse(quote!(warn(all)));
    match target::parse(item.clone()) {
        Ok(target) => expand::expand(&args, &quote!(::guard_runtime::__private), target, item.clone()),
        // The attribute puts the item behind the error.
        Err(_) => item.clone(),
    }
}

#[test]
fn any_body_keeps_its_item() {
    let count = std::env::var("RANDOM_BODIES").ok().and_then(|n| n.parse().ok()).unwrap_or(1500);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut survived = 0;
    for i in 0..count {
        let handler = format_ident!("handler_{i}");
        let depth = 1 + random.below(4);
        let body = expr(&mut random, depth);
        let item =
            quote!(pub async fn #handler(&self, #[cfg(x)] x: u8, (path, _): (A, B), _: C) -> R { #body });
        if syn::parse2::<syn::ItemFn>(item.clone()).is_err() {
            continue;
        }
        let output = expanded(&item);
        let parsed = syn::parse2::<syn::File>(output.clone());
        survived += 1;
        let parsed = parsed.unwrap_or_else(|error| panic!("{error}: {item}\n{output}"));
        assert_eq!(parsed.items.len(), if cfg!(feature = "always") { 2 } else { 3 }, "{item}");
        for item in &parsed.items {
            let syn::Item::Fn(function) = item else { panic!("{output}") };
            assert_eq!(function.sig.ident, handler);
        }
    }
    assert!(survived > count / 2, "only {survived} of {count} bodies were Rust");
}

#[test]
fn any_tokens_are_survived() {
    let count = std::env::var("RANDOM_BODIES").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for i in 0..count {
        let handler = format_ident!("handler_{i}");
        let body = soup(&mut random, 4);
        let item = quote!(async fn #handler(x: u8) { #body });
        let output = expanded(&item).to_string();
        assert!(output.contains(&handler.to_string()), "{item}\n{output}");
        // Not even items: options and attributes of any form.
        drop(expanded(&soup(&mut random, 3)));
        drop(Args::parse(soup(&mut random, 3)));
    }
}
