//! `[[api]]`: a row of the project's own.

use super::values::{Parsed, fields, known_kind, required};
use crate::catalog::{Receiver, Row, Shape};
use crate::input::unknown;
use toml_span::Value;

pub(super) fn api(value: &Value<'_>) -> Parsed<Row> {
    let keys = ["path", "kind", "instead", "arguments", "receiver", "generics"];
    let [path, kind, instead, arguments, receiver, generics] = fields(value, keys)?;
    let path = required(value, "path", path)?;
    if path.split("::").count() < 2 || syn::parse_str::<syn::Path>(path).is_err() {
        let message =
            format!("`path` is a path from the crate's name on, as in `service::config::load`, not `{path}`");
        return Err((value.span, message));
    }
    let kind = known_kind(required(value, "kind", kind)?, value.span)?;
    let is_arguments = |text: &str| {
        syn::parse_str::<syn::AngleBracketedGenericArguments>(text).is_ok()
            || matches!(syn::parse_str(text), Ok(syn::Expr::Paren(_) | syn::Expr::Tuple(_)))
    };
    if let Some(wrong) = arguments.filter(|text| !is_arguments(text)) {
        let message =
            "`arguments` makes a generic function concrete: `<&str>`, or a call's arguments, `(\"\")`";
        return Err((value.span, format!("{message}, not `{wrong}`")));
    }
    if let Some(wrong) = generics.filter(|text| syn::parse_str::<syn::Generics>(text).is_err()) {
        return Err((
            value.span,
            format!("`generics` are those of an impl, as in `<T: Send>`, not `{wrong}`"),
        ));
    }
    let shape = match receiver {
        None => Shape::Function { arguments: leak(arguments.unwrap_or("")) },
        Some(receiver) => {
            let receiver = match receiver {
                "ref" => Receiver::Shared,
                "mut" => Receiver::Mut,
                "value" => Receiver::Value,
                other => return Err((value.span, unknown("receiver", other, &["ref", "mut", "value"]))),
            };
            let ty = path.rsplit_once("::").map_or(path, |(ty, _)| ty);
            let generics = generics.unwrap_or("");
            let types: &[(&str, &str)] =
                Box::leak(Box::new([(leak(generics), leak(&with_arguments(ty, generics)))]));
            Shape::Method { receiver, types }
        }
    };
    let instead = instead.unwrap_or("move the call off the executor with `guard_runtime::offload(..).await`");
    Ok(Row { path: leak(path), kind: kind.name, shape, remedy: leak(instead), own: true })
}

/// `Client<T>` of `Client` and `<T: Send>`.
fn with_arguments(ty: &str, generics: &str) -> String {
    let parsed: syn::Generics = syn::parse_str(generics).unwrap_or_default();
    let (_, arguments, _) = parsed.split_for_impl();
    format!("{ty}{}", quote::quote!(#arguments))
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
