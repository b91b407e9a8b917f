//! What a value of the file has to be, and what is said of one that is something else.

use crate::catalog::{Kind, kind_named, kind_names};
use crate::input::unknown;
use toml_span::{Span, Value};

/// What a part of the file says, or what is wrong with it, and where.
pub(super) type Parsed<T> = Result<T, (Span, String)>;

pub(super) fn known_kind(name: &str, span: Span) -> Parsed<&'static Kind> {
    kind_named(name).ok_or_else(|| (span, unknown("kind", name, &kind_names())))
}

pub(super) fn fields<'a, const N: usize>(
    value: &'a Value<'_>,
    keys: [&str; N],
) -> Parsed<[Option<&'a str>; N]> {
    let mut fields = [None; N];
    for (key, value) in table(value)? {
        match keys.iter().position(|known| *known == key.name) {
            Some(i) => fields[i] = Some(text(value)?),
            None => return Err((key.span, unknown("key", &key.name, &keys))),
        }
    }
    Ok(fields)
}

pub(super) fn required<'a>(value: &Value<'_>, key: &str, field: Option<&'a str>) -> Parsed<&'a str> {
    field.ok_or_else(|| (value.span, format!("`{key}` is missing")))
}

pub(super) fn table<'a, 'de>(value: &'a Value<'de>) -> Parsed<&'a toml_span::value::Table<'de>> {
    value.as_table().ok_or_else(|| (value.span, "a table is expected here".to_owned()))
}

pub(super) fn array<'a, 'de>(value: &'a Value<'de>) -> Parsed<&'a Vec<Value<'de>>> {
    value.as_array().ok_or_else(|| {
        (value.span, "a list of tables is expected here: write the name in double brackets".to_owned())
    })
}

pub(super) fn text<'a>(value: &'a Value<'_>) -> Parsed<&'a str> {
    value.as_str().ok_or_else(|| (value.span, "a text is expected here".to_owned()))
}
