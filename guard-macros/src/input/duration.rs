//! Times as users write them, `"2s"` or `"250ms"`, in attributes and in the project's file.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// What an error shows of the form.
pub(crate) const EXAMPLES: &str = "`\"2s\"`, `\"250ms\"` or `\"1m\"`";

/// `2s`, `1.5ms`, `200us`; nothing below a nanosecond, and no more than thirty years.
pub(crate) fn parse(text: &str) -> Option<std::time::Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 60e9,
        _ => return None,
    };
    let nanos = number.parse::<f64>().ok()? * unit;
    (1.0..1e18).contains(&nanos).then(|| std::time::Duration::from_nanos(nanos.round() as u64))
}

/// The expression that makes it.
pub(crate) fn tokens(duration: std::time::Duration, span: Span) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(span=> ::core::time::Duration::new(#seconds, #nanos))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn a_number_and_a_unit() {
        assert_eq!(parse("1.5ms"), Some(Duration::from_micros(1500)));
        assert_eq!(parse("200 us"), Some(Duration::from_micros(200)));
        assert_eq!(parse("1m"), Some(Duration::from_secs(60)));
        for wrong in ["", "5", "ms", "1.2.3s", "5 days", "0s", "-1s", "99999999999s"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
