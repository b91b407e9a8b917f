//! DATA ONLY: the macros that are known, and how each treats its arguments.

use syn::Macro;

/// How a macro treats its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Evaluates them, once each and in place.
    Values,
    /// Evaluates them and shows their text in a panic, which must stay the user's.
    Shown,
    /// Awaits them.
    Awaited,
    /// `matches!(value, pattern)`
    Matches,
    /// `select! { pattern = future, if condition => handler, .. }`
    Select,
    /// `write!(to, "..", ..)`, which calls `to.write_fmt(..)`
    Write,
    /// `stream! { statements }`
    Body,
    /// `json!({ "key": value, .. })`
    Json,
}

pub(super) const MACROS: &[(&str, Form)] = &[
    ("anyhow", Form::Values),
    ("assert", Form::Shown),
    ("assert_eq", Form::Shown),
    ("assert_ne", Form::Shown),
    ("debug_assert", Form::Shown),
    ("debug_assert_eq", Form::Shown),
    ("debug_assert_ne", Form::Shown),
    ("bail", Form::Values),
    ("dbg", Form::Shown),
    ("debug", Form::Values),
    ("debug_span", Form::Values),
    ("ensure", Form::Shown),
    ("eprint", Form::Values),
    ("eprintln", Form::Values),
    ("error", Form::Values),
    ("error_span", Form::Values),
    ("event", Form::Values),
    ("format", Form::Values),
    ("format_args", Form::Values),
    ("info", Form::Values),
    ("info_span", Form::Values),
    ("join", Form::Awaited),
    ("json", Form::Json),
    ("matches", Form::Matches),
    ("panic", Form::Values),
    ("pin", Form::Values),
    ("print", Form::Values),
    ("println", Form::Values),
    ("select", Form::Select),
    ("span", Form::Values),
    ("stream", Form::Body),
    ("todo", Form::Values),
    ("trace", Form::Values),
    ("trace_span", Form::Values),
    ("try_join", Form::Awaited),
    ("try_stream", Form::Body),
    ("unimplemented", Form::Values),
    ("unreachable", Form::Values),
    ("vec", Form::Values),
    ("warn", Form::Values),
    ("warn_span", Form::Values),
    ("write", Form::Write),
    ("writeln", Form::Write),
];

/// Whether a macro gives a value, as opposed to a place.
pub(crate) fn makes_value(mac: &Macro) -> bool {
    const VALUES: &[&str] = &["concat", "env", "format", "include_str", "vec"];
    mac.path.segments.last().is_some_and(|last| VALUES.iter().any(|known| last.ident == known))
}
