//! The report for people: what, where, from where, on what, and what to do.

use super::Violation;
use super::facts::{self, Guard};
use crate::judge::{Frame, Owner};
use crate::model::{Engine, Rule};
use std::fmt::Write;
use std::time::Duration;

/// More own frames than this are a listing, not a report; verbose shows them all.
const MAX_CALLERS: usize = 4;

/// One block of lines without a line break at its end.
pub(super) fn render(violation: &Violation, verbose: bool) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = render_into(&mut text, violation, verbose);
    text
}

fn render_into(text: &mut String, violation: &Violation, verbose: bool) -> std::fmt::Result {
    write!(text, "{} ({})", violation.headline(), violation.kind())?;
    // A headline of its own says how long, and no call was made.
    if violation.headline.is_none() {
        write!(text, ", {}", Shown(violation.elapsed()))?;
    }
    if violation.in_flight() {
        text.push_str(" so far");
    }
    if violation.times() > 1 {
        let polls = if violation.facts().guard == Guard::Worker { "" } else { " in one poll" };
        write!(text, ", {} times{polls}", violation.times())?;
    }

    let verdict = &violation.facts().verdict;
    let facts = violation.facts();
    let guard = match facts.guard {
        Guard::Attribute => "#[no_block] ",
        // What a pool saw where nothing was guarded.
        Guard::Call if facts.engine == Engine::Pool && facts.location.as_ref() == Some(&facts.guarded_at) => {
            ""
        }
        Guard::Call => "guarded ",
        Guard::Worker => "the task of ",
    };
    let own: Vec<&Frame> = verdict.chain.iter().filter(|frame| frame.own).collect();
    let guarded = own.iter().position(|frame| same_function(&frame.function, violation.guarded()));
    let shown = &own[..guarded.map_or(own.len(), |at| at + 1)];
    for (at, frame) in shown.iter().enumerate() {
        let last = at + 1 == shown.len();
        if at >= MAX_CALLERS && !last && !verbose {
            if at == MAX_CALLERS {
                write!(text, "\n  called through {} more", shown.len() - MAX_CALLERS - 1)?;
            }
            continue;
        }
        let lead = if at == 0 { "at" } else { "called from" };
        let guard = if guarded == Some(at) { guard } else { "" };
        // The call guard knows the place better than the line table, which leads into macros.
        let known = if at == 0 { violation.location().map(str::to_owned) } else { None };
        let place = known.or_else(|| facts::at(frame)).unwrap_or_else(|| "an unknown line".to_owned());
        write!(text, "\n  {lead} {place} in {guard}{}", without_closures(&frame.function))?;
    }
    if shown.is_empty() {
        let own = violation.location().zip(violation.function());
        let foreign = || verdict.chain.first().and_then(|frame| Some((facts::at(frame)?, &*frame.function)));
        let place = own.map(|(at, function)| (at.to_owned(), function)).or_else(foreign);
        match place {
            Some((at, function)) => write!(text, "\n  at {at} in {}", without_closures(function))?,
            None => write!(text, "\n  at an unknown place (no debug information)")?,
        }
    }
    match (guarded, violation.guarded(), violation.guarded_at()) {
        (Some(_), ..) => {}
        (None, "", _) => write!(text, "\n  in a task whose function is not known")?,
        (None, function, "") => write!(text, "\n  below {guard}{}", without_closures(function))?,
        (None, function, at) => write!(text, "\n  below {guard}{} ({at})", without_closures(function))?,
    }
    if verbose {
        for frame in violation.chain() {
            write!(text, "\n  | {frame}")?;
        }
    }

    match &verdict.owner {
        Owner::Workspace => {}
        Owner::Dependency { name, version } if version.is_empty() => {
            write!(text, "\n  in dependency {name}")?
        }
        Owner::Dependency { name, version } => write!(text, "\n  in dependency {name} {version}")?,
        Owner::Unknown => write!(text, "\n  in code whose package is unknown")?,
    }
    write!(text, "\n  on thread {}", violation.thread().unwrap_or("without a name"))?;
    write!(text, ", {}", violation.here())?;
    if let Some(task) = violation.task() {
        write!(text, ", task {task}")?;
    }
    match violation.slept() {
        Some(true) => write!(text, "; the thread slept")?,
        Some(false) => write!(text, "; the thread did not sleep")?,
        None => {}
    }
    if let Some(holder) = violation.holder() {
        write!(text, "\n  held by thread {holder}")?;
    }
    if let Some(rule) = verdict.rule {
        write_rule(text, rule)?;
    }
    write!(text, "\n  fix: {}", violation.remedy())
}

/// Why the project's own rule has let this through.
fn write_rule(text: &mut String, rule: &Rule) -> std::fmt::Result {
    match rule.up_to {
        Some(up_to) => {
            write!(text, "\n  no-block.toml allows {up_to:?} inside `{}`: {}", rule.inside, rule.reason)
        }
        None if rule.reason.is_empty() => {
            write!(text, "\n  no-block.toml denies it inside `{}`", rule.inside)
        }
        None => write!(text, "\n  no-block.toml denies it inside `{}`: {}", rule.inside, rule.reason),
    }
}

struct Shown(Duration);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_nanos() {
            0..10_000 => write!(f, "under 0.01 ms"),
            10_000..1_000_000_000 => write!(f, "{:.2} ms", self.0.as_secs_f64() * 1e3),
            _ => write!(f, "{:.2} s", self.0.as_secs_f64()),
        }
    }
}

/// A symbol's name and a type's name of the same function: the one may lack generic arguments.
fn same_function(symbol: &str, type_name: &str) -> bool {
    let (symbol, type_name) = (without_closures(symbol), without_closures(type_name));
    symbol == type_name || without_generics(&symbol) == without_generics(&type_name)
}

/// Without `::{{closure}}` and `::{closure#0}` segments.
fn without_closures(function: &str) -> String {
    let mut name = String::with_capacity(function.len());
    let mut rest = function;
    while let Some(at) = rest.find("::{") {
        name.push_str(&rest[..at]);
        rest = &rest[at + braces(&rest[at..])..];
    }
    name.push_str(rest);
    name
}

/// The length of the `::{..}` segment that `text` starts with, inner braces included.
fn braces(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn without_generics(function: &str) -> String {
    let mut depth = 0usize;
    let mut name = String::with_capacity(function.len());
    for c in function.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    name.replace("::::", "::").trim_end_matches("::").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_the_unit_that_fits() {
        let shown = |nanos| Shown(Duration::from_nanos(nanos)).to_string();
        assert_eq!(shown(9_999), "under 0.01 ms");
        assert_eq!(shown(80_000), "0.08 ms");
        assert_eq!(shown(12_345_678), "12.35 ms");
        assert_eq!(shown(1_250_000_000), "1.25 s");
    }

    #[test]
    fn closure_segments_are_dropped_in_both_manglings() {
        assert_eq!(without_closures("a::b::{{closure}}::{{closure}}"), "a::b");
        assert_eq!(without_closures("a::b::{closure#0}::c"), "a::b::c");
        assert_eq!(without_closures("a::b"), "a::b");
        assert_eq!(without_closures("a::{unclosed"), "a");
    }

    #[test]
    fn generic_arguments_do_not_hide_that_it_is_the_same_function() {
        assert!(same_function("a::load::{{closure}}", "a::load<u32>::{{closure}}"));
        assert!(same_function("a::load::<u32>::{closure#0}", "a::load<u32>::{{closure}}"));
        assert!(same_function("<a::B as c::D>::load::{{closure}}", "<a::B as c::D>::load"));
        assert!(!same_function("a::load", "a::store"));
    }
}
