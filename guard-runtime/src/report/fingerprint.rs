//! The identity of a finding in every net: what of its function's name stays the same, and the hash.

/// FNV-1a of 64 bits over the texts, each followed by a byte 0. Written down here, because it must never change.
pub(super) fn hash(texts: [&str; 4]) -> u64 {
    let bytes = texts.into_iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A function's name without closures and generic arguments, and the same in both manglings: `a::b::<u8>::{closure#0}`
/// is `a::b`, `<a::B<T> as c::D<u8>>::f` is `<a::B as c::D>::f`, `<a::B>::f` is `a::B::f`.
pub(super) fn plain(function: &str) -> String {
    let mut name = String::with_capacity(function.len());
    let mut rest = function;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("::{") {
            // A closure, or what else has no name.
            rest = &rest[2 + group(&rest[2..], '{', '}')..];
        } else if c == '<' {
            let end = group(rest, '<', '>');
            let inner = rest[1..end].strip_suffix('>').unwrap_or(&rest[1..end]);
            rest = &rest[end..];
            // Behind a name they are arguments; at the beginning of a path, or of a part of it, a type.
            let is_type =
                name.is_empty() || name.ends_with("::") && (inner.starts_with("impl ") || has_as(inner));
            if is_type {
                push_type(&mut name, inner);
            } else if name.ends_with("::") {
                name.truncate(name.len() - 2);
            }
        } else {
            name.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    name
}

/// The type that a method belongs to.
fn push_type(name: &mut String, inner: &str) {
    // Legacy symbols name the module of the impl; v0 ones do not.
    if let Some(of) = inner.strip_prefix("impl ") {
        name.clear();
        match split(of, " for ") {
            Some((of, on)) => *name = format!("<{} as {}>", plain(on), plain(of)),
            None => name.push_str(&plain(of)),
        }
        return;
    }
    match split(inner, " as ") {
        Some((on, of)) => name.push_str(&format!("<{} as {}>", plain(on), plain(of))),
        None => name.push_str(&plain(inner)),
    }
}

fn has_as(inner: &str) -> bool {
    split(inner, " as ").is_some()
}

/// Splits at a word that stands outside of all brackets.
fn split<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            // The arrow of a function's type closes nothing.
            '>' if text[..at].ends_with('-') => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && text[at..].starts_with(word) => {
                return Some((&text[..at], &text[at + word.len()..]));
            }
            _ => {}
        }
    }
    None
}

/// The length of the group that `text` begins with, inner groups included.
fn group(text: &str, open: char, close: char) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close && !text[..at].ends_with('-') {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_whatever_mangled_it_and_whatever_it_was_made_for() {
        for (function, expected) in [
            ("a::b::{{closure}}::{{closure}}", "a::b"),
            ("a::b::{closure#0}::c", "a::b::c"),
            ("a::load<u32>::{{closure}}", "a::load"),
            ("a::load::<alloc::vec::Vec<u8>>::{async_fn#0}", "a::load"),
            ("<a::B as c::D>::load::{{closure}}", "<a::B as c::D>::load"),
            ("<a::B<T> as c::D<u8>>::load::<fn(u8) -> u8>", "<a::B as c::D>::load"),
            ("<a::B<T>>::load", "a::B::load"),
            ("a::B<T>::load", "a::B::load"),
            ("a::m::<impl c::D for a::B>::load", "<a::B as c::D>::load"),
            ("a::m::<impl a::B>::load", "a::B::load"),
            ("a::Map<fn(u8) -> u8>::load", "a::Map::load"),
            ("a::{unclosed", "a"),
            ("a<unclosed", "a"),
            ("", ""),
        ] {
            assert_eq!(plain(function), expected, "{function}");
        }
    }

    /// What other tools compute, and what is kept in files.
    #[test]
    fn the_hash_is_written_down() {
        assert_eq!(hash(["", "", "", ""]), 0x4d25_767f_9dce_13f5);
        assert_eq!(hash(["fs", "std::fs::read", "app::load", "app"]), 0x488c_9189_d58b_abbc);
        assert_ne!(hash(["fs", "ab", "c", ""]), hash(["fs", "a", "bc", ""]));
    }
}
