//! What is said of a name that nobody knows: the nearest one that is known, and all of them.

pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    match nearest(name, known) {
        Some(nearest) => format!("unknown {what} `{name}`, did you mean `{nearest}`? (known: {list})"),
        None => format!("unknown {what} `{name}` (known: {list})"),
    }
}

/// The known name that is at most a third of its letters away.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (best.0 <= best.1.len().max(name.len()).div_ceil(3)).then_some(best.1)
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (above + 1).min(row[j] + 1).min(diagonal + usize::from(ca != *cb));
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn far_names_are_not_suggested() {
        assert_eq!(nearest("quux", &["warn", "deny"]), None);
        assert_eq!(nearest("threadjoin", &["thread_join", "init"]), Some("thread_join"));
    }
}
