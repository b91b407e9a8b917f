//! Which function an address is in, by the symbol table.

use super::elf::{Elf, Symbol, Table};
use super::units::PASSES;
use super::wanted::Wanted;
use std::cell::OnceCell;

/// The functions of one file. Names are looked up last: there may be a million, and a handful is asked for.
#[derive(Default)]
pub(super) struct Symbols {
    table: Table,
    /// How often the whole table was looked through.
    passes: u32,
    /// The functions' rows by address, once that pays.
    sorted: OnceCell<Vec<u32>>,
}

/// The functions that begin last before an address.
#[derive(Clone, Default)]
struct Nearest {
    start: u64,
    rows: Vec<u32>,
}

impl Symbols {
    /// The full table if the file was not stripped, else the one for dynamic linking.
    pub(super) fn of(elf: &Elf) -> Symbols {
        let full = elf.symbols();
        let table = if full.rows.is_empty() { elf.dynamic_symbols() } else { full };
        Symbols { table, ..Symbols::default() }
    }

    /// The names of the functions that hold these addresses, mangled.
    pub(super) fn find(&mut self, wanted: &Wanted) -> Vec<Option<&'static str>> {
        let nearest = if self.passes < PASSES {
            self.passes += 1;
            self.pass(wanted)
        } else {
            wanted.addresses.iter().map(|address| self.search(*address)).collect()
        };
        wanted.addresses.iter().zip(&nearest).map(|(address, nearest)| self.best(*address, nearest)).collect()
    }

    /// Looks at each row once.
    fn pass(&self, wanted: &Wanted) -> Vec<Nearest> {
        let rows = self.table.rows;
        let mut nearest = vec![Nearest::default(); wanted.addresses.len()];
        let mut at = 0;
        // As few calls as may be: in the dev profile nothing is inlined.
        while at < rows.len() {
            let row = &rows[at];
            if is_function(row) {
                let start = row.start;
                let next = wanted.from(start);
                if next < nearest.len() && start >= nearest[next].start {
                    let nearest = &mut nearest[next];
                    if start > nearest.start {
                        nearest.start = start;
                        nearest.rows.clear();
                    }
                    nearest.rows.push(at as u32);
                }
            }
            at += 1;
        }
        // What begins before one address and is the nearest there may be so for the next one.
        for at in 1..nearest.len() {
            if nearest[at].start < nearest[at - 1].start {
                nearest[at] = nearest[at - 1].clone();
            }
        }
        nearest
    }

    fn search(&self, address: u64) -> Nearest {
        let rows = self.table.rows;
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Vec<u32> =
                (0..rows.len() as u32).filter(|at| is_function(&rows[*at as usize])).collect();
            sorted.sort_unstable_by_key(|at| rows[*at as usize].start);
            sorted
        });
        let start = |at: &u32| rows[*at as usize].start;
        let end = sorted.partition_point(|at| start(at) <= address);
        let Some(last) = sorted[..end].last().map(start) else { return Nearest::default() };
        let alike = sorted[..end].iter().rev().take_while(|at| start(at) == last);
        Nearest { start: last, rows: alike.copied().collect() }
    }

    fn best(&self, address: u64, nearest: &Nearest) -> Option<&'static str> {
        let rows = nearest.rows.iter().map(|at| &self.table.rows[*at as usize]);
        let holds = rows.filter(|row| row.size == 0 || address - row.start < row.size);
        let mut names: Vec<&str> = holds.filter_map(|row| self.table.name(row)).collect();
        if names.len() < 2 {
            return names.pop();
        }
        // The compiler gives equal functions one address: `UdpSocket::send` is `TcpStream::write`. A trait's method is
        // the likelier one to have been meant; beyond that any order will do, but always the same.
        names.into_iter().max_by_key(|name| (is_trait_method(name), *name))
    }
}

/// A function that is defined in this file.
#[inline]
fn is_function(row: &Symbol) -> bool {
    const FUNCTION: u8 = 2;
    row.info & 0xf == FUNCTION && row.section != 0
}

fn is_trait_method(symbol: &str) -> bool {
    format!("{:#}", rustc_demangle::demangle(symbol))
        .split_once('>')
        .is_some_and(|(of, _)| of.contains(" as "))
}
