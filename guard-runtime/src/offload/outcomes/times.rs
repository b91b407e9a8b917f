//! Sums of durations, and how they are distributed.

use std::fmt;
use std::time::Duration;

/// Durations, added up and sorted into classes.
///
/// # Cost
///
/// Fixed size: 1.2 KiB, whatever is added.
#[derive(Clone, PartialEq, Eq)]
pub struct Times {
    sum: Sum,
    classes: Classes,
}

/// A time for people: `1.8 s`, `20.1 ms`, `7.0 µs`.
pub(crate) struct Shown(pub(crate) Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        match self.0.as_micros() {
            0..1_000 => write!(f, "{:.1} µs", seconds * 1e6),
            1_000..1_000_000 => write!(f, "{:.1} ms", seconds * 1e3),
            _ => write!(f, "{seconds:.1} s"),
        }
    }
}

/// Durations in nanoseconds, added up. Beyond five centuries they are no longer told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    total: u64,
    longest: u64,
}

/// How many durations there were of which length, roughly.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Classes([u64; CLASSES]);

/// Classes in each doubling: a quantile is too long by a quarter at most.
const STEPS: u32 = 4;
/// Enough for the nanoseconds of twelve days.
const CLASSES: usize = 200;

/// What is added up.
#[inline]
pub(crate) fn nanos(time: Duration) -> u64 {
    time.as_secs().saturating_mul(1_000_000_000).saturating_add(time.subsec_nanos().into())
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, nanos: u64) {
        self.count += 1;
        self.total = self.total.saturating_add(nanos);
        self.longest = self.longest.max(nanos);
    }

    pub(crate) fn merge(&mut self, other: Sum) {
        self.count += other.count;
        self.total = self.total.saturating_add(other.total);
        self.longest = self.longest.max(other.longest);
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.total)
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest)
    }
}

impl Classes {
    pub(crate) const NONE: Classes = Classes([0; CLASSES]);

    #[inline]
    pub(crate) fn add(&mut self, nanos: u64) {
        self.0[class(nanos)] += 1;
    }

    pub(crate) fn merge(&mut self, other: &Classes) {
        for (class, more) in self.0.iter_mut().zip(other.0) {
            *class += more;
        }
    }
}

impl Times {
    pub(crate) const NONE: Times =
        Times { sum: Sum { count: 0, total: 0, longest: 0 }, classes: Classes::NONE };

    /// The same durations, added up and sorted.
    pub(crate) fn of(sum: Sum, classes: Classes) -> Times {
        Times { sum, classes }
    }

    pub(crate) fn add(&mut self, time: Duration) {
        let nanos = nanos(time);
        self.sum.add(nanos);
        self.classes.add(nanos);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.sum.count
    }

    /// All together.
    pub fn total(&self) -> Duration {
        self.sum.total()
    }

    /// The longest; zero if there was none.
    pub fn longest(&self) -> Duration {
        self.sum.longest()
    }

    /// The mean; zero if there was none.
    pub fn mean(&self) -> Duration {
        self.total().div_f64(self.count().max(1) as f64)
    }

    /// What the share `q` of them (0.5: the median) did not exceed. Too long by a quarter at most; zero if there was
    /// none.
    pub fn quantile(&self, q: f64) -> Duration {
        let rank = ((self.sum.count as f64 * q.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut seen = 0;
        for (class, count) in self.classes.0.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return upper_end(class).min(self.longest());
            }
        }
        self.longest()
    }
}

/// By the highest bit and the two after it.
#[inline]
fn class(nanos: u64) -> usize {
    if nanos < u64::from(STEPS) {
        return nanos as usize;
    }
    let octave = nanos.ilog2() - 2;
    let step = (nanos >> octave) as usize - STEPS as usize;
    ((octave as usize + 1) * STEPS as usize + step).min(CLASSES - 1)
}

/// The longest time of a class.
fn upper_end(class: usize) -> Duration {
    let (octave, step) = (class / STEPS as usize, class % STEPS as usize);
    if octave == 0 {
        return Duration::from_nanos(step as u64);
    }
    let first_of_next = (STEPS as u64 + step as u64 + 1) << (octave - 1);
    Duration::from_nanos(first_of_next - 1)
}

impl fmt::Debug for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Times")
            .field("count", &self.count())
            .field("mean", &self.mean())
            .field("p50", &self.quantile(0.5))
            .field("p99", &self.quantile(0.99))
            .field("longest", &self.longest())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_one_another_without_gaps() {
        let mut last = 0;
        for nanos in (0..5_000).chain((12..45).map(|bit| 1_u64 << bit)) {
            let class = class(nanos);
            assert!(class >= last, "{nanos}");
            assert!(class <= last + 1 || nanos > 5_000, "{nanos}");
            let end = upper_end(class).as_nanos() as u64;
            assert!(nanos <= end && end <= nanos + nanos / 4, "{nanos} ends at {end}");
            last = class;
        }
    }

    #[test]
    fn quantiles_are_right_to_a_quarter() {
        let mut times = Times::NONE;
        assert_eq!((times.quantile(0.5), times.mean()), (Duration::ZERO, Duration::ZERO));
        for micros in 1..=1000 {
            times.add(Duration::from_micros(micros));
        }
        assert_eq!((times.count(), times.longest()), (1000, Duration::from_millis(1)));
        assert_eq!(times.mean(), Duration::from_nanos(500_500));
        for (q, exact) in [(0.001, 1), (0.5, 500), (0.99, 990), (1.0, 1000)] {
            let (found, exact) = (times.quantile(q), Duration::from_micros(exact));
            assert!(found >= exact && found <= exact.mul_f64(1.25), "{q}: {found:?} for {exact:?}");
        }
    }

    #[test]
    fn times_are_shown_in_their_unit() {
        let shown = |nanos| Shown(Duration::from_nanos(nanos)).to_string();
        let all = [7_000, 999_900, 1_000_000, 20_140_000, 1_800_000_000].map(shown);
        assert_eq!(all, ["7.0 µs", "999.9 µs", "1.0 ms", "20.1 ms", "1.8 s"]);
    }

    #[test]
    fn times_beyond_the_last_class_are_kept() {
        let mut times = Times::NONE;
        times.add(Duration::MAX);
        times.add(Duration::MAX);
        assert_eq!(
            (times.count(), times.total(), times.quantile(0.5)),
            (2, Duration::from_nanos(u64::MAX), upper_end(CLASSES - 1))
        );
        assert!(times.longest() == Duration::from_nanos(u64::MAX));
    }
}
