//! Which unit of the debug information an address is in, and what of a unit is read once.

use super::elf::{Elf, Plain, table};
use super::wanted::Wanted;
use gimli::{DebugInfoOffset, Dwarf, EndianSlice, LittleEndian};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) type Bytes = EndianSlice<'static, LittleEndian>;
pub(super) type Unit = gimli::Unit<Bytes>;

/// The debug information of one file.
pub(super) struct Units {
    pub(super) dwarf: Dwarf<Bytes>,
    info: &'static [u8],
    arranged: &'static [u8],
    /// How often the whole table of ranges was looked through.
    passes: u32,
    /// It by address, once that pays.
    sorted: Vec<(u64, u64, usize)>,
    /// The units that say themselves where their code is, and no table does.
    unlisted: Option<Vec<(u64, u64, usize)>>,
    /// Where units begin, once somebody refers from one into another.
    starts: Vec<usize>,
    read: HashMap<usize, Option<Arc<Unit>>>,
}

/// How many units are kept: the code that blocks is in few.
const MOST: usize = 128;

/// Sorting takes about as long as this many passes.
pub(super) const PASSES: u32 = 12;

#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Arrangement {
    start: u64,
    len: u64,
}

// SAFETY: numbers, packed.
unsafe impl Plain for Arrangement {}

impl Units {
    pub(super) fn of(elf: &Elf) -> Option<Units> {
        let section = |id: gimli::SectionId| {
            Ok::<_, gimli::Error>(EndianSlice::new(elf.section(id.name()), LittleEndian))
        };
        let dwarf = Dwarf::load(section).ok()?;
        let info = elf.section(".debug_info");
        (!info.is_empty()).then(|| Units {
            dwarf,
            info,
            arranged: elf.section(".debug_aranges"),
            passes: 0,
            sorted: Vec::new(),
            unlisted: None,
            starts: Vec::new(),
            read: HashMap::new(),
        })
    }

    /// For each address the unit that it is in, by where that begins.
    pub(super) fn find(&mut self, wanted: &Wanted) -> Vec<Option<usize>> {
        let mut found = if self.passes < PASSES {
            self.passes += 1;
            self.pass(wanted)
        } else {
            self.search(wanted)
        };
        if found.iter().any(Option::is_none) {
            if self.unlisted.is_none() {
                self.unlisted = Some(self.read_unlisted());
            }
            let ranges = self.unlisted.as_deref().unwrap_or_default();
            for (address, found) in wanted.addresses.iter().zip(&mut found) {
                let holds = |(start, end, _): &&(u64, u64, usize)| (*start..*end).contains(address);
                *found = found.or_else(|| ranges.iter().find(holds).map(|range| range.2));
            }
        }
        found
    }

    /// Looks at each row of the table once.
    fn pass(&self, wanted: &Wanted) -> Vec<Option<usize>> {
        let mut found = vec![None; wanted.addresses.len()];
        arrangements(self.arranged, |unit, rows| {
            let mut at = 0;
            while at < rows.len() {
                let start = rows[at].start;
                let mut next = wanted.from(start);
                while next < found.len() && wanted.addresses[next] - start < rows[at].len {
                    found[next] = Some(unit);
                    next += 1;
                }
                at += 1;
            }
        });
        found
    }

    fn search(&mut self, wanted: &Wanted) -> Vec<Option<usize>> {
        if self.sorted.is_empty() {
            let sorted = &mut self.sorted;
            arrangements(self.arranged, |unit, rows| {
                // Functions that were left out of the program begin at 0.
                let rows = rows.iter().filter(|row| row.len > 0 && row.start > 0);
                sorted.extend(rows.map(|row| (row.start, row.start.saturating_add(row.len), unit)));
            });
            sorted.sort_unstable();
        }
        let find = |address: &u64| {
            let end = self.sorted.partition_point(|(start, ..)| start <= address);
            let (_, end, unit) = *self.sorted[..end].last()?;
            (*address < end).then_some(unit)
        };
        wanted.addresses.iter().map(find).collect()
    }

    /// The ranges of the units that the table of ranges leaves out: some compilers write none.
    fn read_unlisted(&self) -> Vec<(u64, u64, usize)> {
        let mut listed = Vec::new();
        arrangements(self.arranged, |unit, _| listed.push(unit));
        listed.sort_unstable();
        let mut ranges = Vec::new();
        for start in starts(self.info) {
            if listed.binary_search(&start).is_ok() {
                continue;
            }
            let Some(unit) = self.parse(start) else { continue };
            let Ok(mut own) = self.dwarf.unit_ranges(&unit) else { continue };
            while let Ok(Some(range)) = own.next() {
                if range.begin < range.end {
                    ranges.push((range.begin, range.end, start));
                }
            }
        }
        ranges
    }

    /// The unit that begins at an offset.
    pub(super) fn unit(&mut self, start: usize) -> Option<Arc<Unit>> {
        if !self.read.contains_key(&start) {
            if self.read.len() >= MOST {
                self.read.clear();
            }
            let unit = self.parse(start).map(Arc::new);
            self.read.insert(start, unit);
        }
        self.read.get(&start)?.clone()
    }

    fn parse(&self, start: usize) -> Option<Unit> {
        let header = self.dwarf.debug_info.header_from_offset(DebugInfoOffset(start)).ok()?;
        self.dwarf.unit(header).ok()
    }

    /// The unit that an offset of the section lies in.
    pub(super) fn unit_around(&mut self, offset: usize) -> Option<Arc<Unit>> {
        if self.starts.is_empty() {
            self.starts = starts(self.info).collect();
        }
        let at = self.starts.partition_point(|start| *start <= offset).checked_sub(1)?;
        self.unit(self.starts[at])
    }

    /// The bytes of the section.
    pub(super) fn info(&self) -> &'static [u8] {
        self.info
    }
}

/// Calls `each` with the sets of `.debug_aranges`: a unit, and where its code is.
fn arrangements(mut section: &'static [u8], mut each: impl FnMut(usize, &'static [Arrangement])) {
    // Length, version, unit, the sizes of an address and of a segment; 32-bit DWARF, which is all that compilers write.
    const HEADER: usize = 12;
    while section.len() > HEADER {
        let len = number(section, 0, 4);
        let Some(end) = len.checked_add(4).filter(|end| *end <= section.len() && len < 0xffff_fff0) else {
            return;
        };
        let (set, rest) = section.split_at(end);
        section = rest;
        let (version, unit) = (number(set, 4, 2), number(set, 6, 4));
        if version == 2 && set.get(10..12) == Some(&[8, 0]) && set.len() >= 16 {
            each(unit, table(&set[16..]));
        }
    }
}

/// Where units begin.
fn starts(info: &'static [u8]) -> impl Iterator<Item = usize> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next;
        let rest = info.get(start..).filter(|rest| rest.len() > 12)?;
        next += match number(rest, 0, 4) {
            // 64-bit DWARF.
            0xffff_ffff => number(rest, 4, 8).saturating_add(12),
            len => len + 4,
        };
        Some(start)
    })
}

/// A number of some bytes, the low one first; those that are not there are zeros.
pub(super) fn number(bytes: &[u8], at: usize, len: usize) -> usize {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    (0..len).rev().fold(0, |number, byte_at| number << 8 | usize::from(byte(at + byte_at)))
}
