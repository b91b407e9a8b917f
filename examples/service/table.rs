//! Prints the findings and the latencies.

use std::time::Duration;

use crate::findings::{self, Findings};
use crate::load::Outcome;
use crate::routes::ROUTES;

/// Each route with its mistake and the places that the guard found below it.
pub(crate) fn print_findings(findings: &Findings) {
    println!(
        "What the guard found, with the time spent in the blocking calls themselves, or waiting for a pool:"
    );
    for route in &ROUTES {
        println!("\n  {} {}: {}", route.method, route.path, route.mistake);
        let mut any = false;
        for (place, seen) in findings::below(findings, route) {
            any = true;
            let at = if place.location.is_empty() { "an unknown place" } else { &place.location };
            println!("    {:<8} {} at {at}", place.kind, place.api);
            println!("             {} times, {} at most", seen.times, milliseconds(seen.longest));
        }
        match route.kind {
            Some(kind) if !findings::is_found(findings, route) => {
                println!("    MISSED: nothing of kind {kind}")
            }
            None if !any => println!(
                "    not seen: it is written in a helper, where the typed warnings do not look, and it only computes:\n    \
                 no libc function is called that a hook could see. That takes a watchdog over the length of polls,\n    \
                 which this version does not have."
            ),
            _ => {}
        }
    }
}

/// The latencies of the cheap route on both servers.
pub(crate) fn print_latencies(mistakes: &Outcome, repaired: &Outcome) {
    println!("\nLatency of GET /ping, {} and {} answers:\n", mistakes.pings.len(), repaired.pings.len());
    println!("  {:<6}{:>16}{:>16}", "", "with mistakes", "repaired");
    for (name, permille) in [("p50", 500), ("p99", 990), ("max", 1000)] {
        let [before, after] = [mistakes, repaired].map(|side| milliseconds(quantile(&side.pings, permille)));
        println!("  {name:<6}{before:>16}{after:>16}");
    }
}

/// The value that `permille` of the sorted values do not exceed.
fn quantile(sorted: &[Duration], permille: usize) -> Duration {
    let rank = (sorted.len() * permille).div_ceil(1000);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
