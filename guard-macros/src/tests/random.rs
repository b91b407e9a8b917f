//! Random functions and tokens, and what has to hold of their expansion. Shared by a test and by `fuzz/`.

use crate::attribute::{Args, expand, parse};
use crate::input::Errors;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

/// Where choices come from.
pub(crate) enum Random<'a> {
    /// xorshift: the same choices in each run.
    Seeded(u64),
    /// A fuzzer's: the first choice there is once they are used up.
    Bytes(&'a [u8]),
}

impl Random<'_> {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        match self {
            Random::Seeded(state) => {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                (*state % n as u64) as usize
            }
            Random::Bytes(bytes) => {
                let Some((first, rest)) = bytes.split_first() else { return 0 };
                *bytes = rest;
                usize::from(*first) % n
            }
        }
    }

    fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

const NAMES: &[&str] = &[
    "read", "lock", "self", "path", "metadata", "exists", "x", "fs", "open", "wait", "join", "block_on",
    "r#match",
];
const WORDS: &[&str] =
    &["async", "move", "await", "return", "break", "let", "mut", "if", "match", "unsafe", "const", "fn"];

fn name(random: &mut Random<'_>) -> Ident {
    let name = *random.of::<&str>(NAMES);
    match name.strip_prefix("r#") {
        Some(name) => Ident::new_raw(name, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// An expression of the grammar.
pub(crate) fn expr(random: &mut Random<'_>, depth: usize) -> TokenStream {
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
    match random.below(40) {
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
        23 => quote!(write!(#a, "{}", #b)),
        24 => quote!({ for #x in #a { #b; } }),
        25 => quote!(std::io::copy(&mut #a, &mut #b)),
        26 => quote!(Read::#x(&mut #y, #b)),
        27 => quote!((|#x| #a)(#b)),
        28 => quote!(dbg!(#a, #b)),
        29 => quote!({ let #x = File::open(#a)?; #x.#y() }),
        30 => quote!(#a.par_iter().#x(#b)),
        31 => quote!({ #x.spawn(#y(#a)); tokio::spawn(#y(#b)); }),
        32 => quote!(json!({ "key": #a, #x: [null, #b] })),
        33 => quote!(info!(target: "t", #x.part = %#a, ?#y, "{}", #b)),
        34 => quote!(assert_eq!(#a, 1, "{x} {}", #b)),
        35 => quote!(match #a { #x => for #y in #x.flatten() { #b; }, }),
        36 => quote!(io::read_to_string(BufReader::new(File::open(#a).map_err(#x)?))),
        37 => quote!({ let #x = read_dir(#a)?; #x.map(#y).count() }),
        38 => quote!(thread::scope(|#x| { #x.spawn(|| #a); #b })),
        _ => quote!(vec![#a; #b]),
    }
}

/// Any tokens.
pub(crate) fn soup(random: &mut Random<'_>, depth: usize) -> TokenStream {
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

pub(crate) fn expanded(item: &TokenStream) -> TokenStream {
    let args = Args::parse(quote!(warn(all)), &mut Errors::default());
    match parse(item.clone()) {
        Ok(target) => expand(&args, &quote!(::guard_runtime::__private), target, item.clone()),
        // The attribute puts the item behind the error.
        Err(_) => item.clone(),
    }
}

/// A function of a random body; none where the body is no Rust (`let` in the middle of an expression).
pub(crate) fn function(random: &mut Random<'_>, name: &str) -> Option<TokenStream> {
    let name = Ident::new(name, Span::call_site());
    let depth = 1 + random.below(4);
    let body = expr(random, depth);
    let item = quote!(pub async fn #name(&self, #[cfg(x)] x: u8, (path, _): (A, B), _: C) -> R { #body });
    syn::parse2::<syn::ItemFn>(item.clone()).is_ok().then_some(item)
}

/// The expansion of a function is Rust: the function, once for each configuration.
pub(crate) fn assert_kept(item: &TokenStream, name: &str) {
    let output = expanded(item);
    let parsed = syn::parse2::<syn::File>(output.clone());
    let parsed = parsed.unwrap_or_else(|error| panic!("{error}: {item}\n{output}"));
    assert_eq!(parsed.items.len(), if cfg!(feature = "always") { 2 } else { 3 }, "{item}");
    for item in &parsed.items {
        let syn::Item::Fn(function) = item else { panic!("{output}") };
        assert_eq!(function.sig.ident, name);
    }
}

/// A function of any tokens keeps its name; what is no item, and options of any form, are survived.
pub(crate) fn assert_survived(random: &mut Random<'_>, name: &str) {
    let (ident, body) = (Ident::new(name, Span::call_site()), soup(random, 4));
    let item = quote!(async fn #ident(x: u8) { #body });
    let output = expanded(&item).to_string();
    assert!(output.contains(name), "{item}\n{output}");
    drop(expanded(&soup(random, 3)));
    drop(Args::parse(soup(random, 3), &mut Errors::default()));
}
