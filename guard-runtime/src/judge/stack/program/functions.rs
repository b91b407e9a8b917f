//! Which functions were inlined at an address, by a unit's entries.
//!
//! Entries have no size: whoever looks for one has to step over all before it. gimli does that in some thousand
//! instructions each where nothing is optimised, so here is a walk that looks only at what decides.

use super::units::{Unit, Units};
use gimli::{AttributeValue, DebugAddrIndex, UnitOffset, constants as dw};
use std::sync::Arc;

/// A function that was inlined, and where.
pub(super) struct Inlined {
    /// As the linker would know it: mangled.
    pub(super) name: Option<String>,
    /// Not so, but as it is written.
    pub(super) is_plain: bool,
    pub(super) file: Option<u64>,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// For each address, in order, the functions that were inlined there, the outermost first.
pub(super) fn find(units: &mut Units, unit: &Arc<Unit>, addresses: &[u64]) -> Vec<Vec<Inlined>> {
    let sites = Walk::new(units, unit, addresses).map(Walk::run).unwrap_or_default();
    let mut found: Vec<Vec<Inlined>> = addresses.iter().map(|_| Vec::new()).collect();
    for (address, site) in sites {
        found[address].extend(inlined(units, unit, site));
    }
    found
}

/// What an entry's abbreviation says of it, as far as the walk needs it.
struct Plan {
    what: What,
    has_children: bool,
    /// Up to the last one that says where its code is, each with what it takes; none if it is nowhere.
    attributes: Vec<(dw::DwAt, dw::DwForm, Step)>,
    /// How to step over all of them.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Function,
    Inlined,
    Other,
}

/// What a value takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Bytes(usize),
    /// A LEB128 number.
    Leb,
    /// A block, after its length in so many bytes; 0: as a LEB128 number.
    Block(usize),
    Text,
}

/// Where an entry's code is.
enum Extent {
    Nowhere,
    Range(u64, u64),
    /// In several places, or told in a way that gimli is asked about.
    List,
}

/// An entry that the walk is in, and which addresses lie in it.
struct Around {
    depth: usize,
    inside: Vec<usize>,
}

struct Walk<'a> {
    units: &'a Units,
    unit: &'a Unit,
    addresses: &'a [u64],
    /// The unit's bytes.
    bytes: &'a [u8],
    at: usize,
    /// By the abbreviation's code.
    plans: Vec<Option<Plan>>,
}

impl<'a> Walk<'a> {
    fn new(units: &'a Units, unit: &'a Unit, addresses: &'a [u64]) -> Option<Walk<'a>> {
        let header = &unit.header;
        let start = header.offset().as_debug_info_offset()?.0;
        let bytes = units.info().get(start..start.checked_add(header.length_including_self())?)?;
        Some(Walk { units, unit, addresses, bytes, at: header.header_size(), plans: Vec::new() })
    }

    /// Addresses by their place in the list, with the entries that were inlined there, from the outermost on.
    fn run(mut self) -> Vec<(usize, usize)> {
        let mut sites = Vec::new();
        let mut around: Vec<Around> = Vec::new();
        let (mut depth, mut left) = (0_usize, self.addresses.len());
        while self.at < self.bytes.len() && (left > 0 || !around.is_empty()) {
            let entry = self.at;
            let code = self.uleb();
            if code == 0 {
                depth = depth.saturating_sub(1);
                if around.last().is_some_and(|around| around.depth >= depth) {
                    around.pop();
                }
                continue;
            }
            let Some(plan) = self.plan(code) else { break };
            let (what, has_children) = (plan.what, plan.has_children);
            let found = match what {
                What::Other => None,
                What::Function => {
                    let inside = self.inside(entry, code, None);
                    left = left.saturating_sub(inside.len());
                    // One that nothing was found in matters within another one alone.
                    (!inside.is_empty() || !around.is_empty()).then_some(inside)
                }
                What::Inlined => around.last().map(|around| self.inside(entry, code, Some(&around.inside))),
            };
            if let Some(inside) = found {
                if what == What::Inlined {
                    sites.extend(inside.iter().map(|address| (*address, entry)));
                }
                if has_children {
                    around.push(Around { depth, inside });
                }
            }
            self.step_over(code);
            depth += usize::from(has_children);
        }
        sites
    }

    /// Which addresses an entry holds, of those that the entry around it does.
    fn inside(&self, entry: usize, code: usize, around: Option<&[usize]>) -> Vec<usize> {
        if around.is_some_and(<[usize]>::is_empty) {
            return Vec::new();
        }
        let pick = |holds: &dyn Fn(u64) -> bool| match around {
            Some(around) => around.iter().copied().filter(|at| holds(self.addresses[*at])).collect(),
            None => (0..self.addresses.len()).filter(|at| holds(self.addresses[*at])).collect(),
        };
        match self.extent(code) {
            Extent::Nowhere => Vec::new(),
            Extent::Range(start, end) => {
                let (first, last) = (self.addresses[0], self.addresses[self.addresses.len() - 1]);
                if end <= first || start > last {
                    return Vec::new();
                }
                pick(&|address| start <= address && address < end)
            }
            Extent::List => {
                let mut ranges = Vec::new();
                if let Ok(entry) = self.unit.entry(UnitOffset(entry)) {
                    if let Ok(mut list) = self.units.dwarf.die_ranges(self.unit, &entry) {
                        while let Ok(Some(range)) = list.next() {
                            ranges.push(range);
                        }
                    }
                }
                pick(&|address| ranges.iter().any(|range| range.begin <= address && address < range.end))
            }
        }
    }

    /// Of the entry whose values begin here.
    fn extent(&self, code: usize) -> Extent {
        let Some(Some(plan)) = self.plans.get(code) else { return Extent::Nowhere };
        let (mut low, mut high) = (None, None);
        let mut at = self.at;
        for (name, form, step) in &plan.attributes {
            let (name, form) = (*name, *form);
            match name {
                dw::DW_AT_ranges => return Extent::List,
                dw::DW_AT_low_pc => low = self.address(form, at),
                dw::DW_AT_high_pc => {
                    high = match form {
                        dw::DW_FORM_data4 => self.fixed(at, 4).map(High::Len),
                        dw::DW_FORM_addr => self.fixed(at, 8).map(High::End),
                        // `udata` and other ways of old compilers.
                        _ => return Extent::List,
                    };
                }
                _ => {}
            }
            match after(self.bytes, at, *step) {
                Some(next) => at = next,
                None => return Extent::Nowhere,
            }
        }
        match (low, high) {
            (Some(low), Some(High::Len(len))) => Extent::Range(low, low.saturating_add(len)),
            (Some(low), Some(High::End(end))) => Extent::Range(low, end),
            _ => Extent::Nowhere,
        }
    }

    fn address(&self, form: dw::DwForm, at: usize) -> Option<u64> {
        let index = match form {
            dw::DW_FORM_addr => return self.fixed(at, 8),
            dw::DW_FORM_addrx | dw::DW_FORM_GNU_addr_index => leb(self.bytes, at).0,
            dw::DW_FORM_addrx1 => self.fixed(at, 1)? as usize,
            dw::DW_FORM_addrx2 => self.fixed(at, 2)? as usize,
            dw::DW_FORM_addrx4 => self.fixed(at, 4)? as usize,
            _ => return None,
        };
        self.units.dwarf.address(self.unit, DebugAddrIndex(index)).ok()
    }

    fn fixed(&self, at: usize, len: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(len)?)?;
        let mut number = 0;
        let mut byte = len;
        while byte > 0 {
            byte -= 1;
            number = number << 8 | u64::from(bytes[byte]);
        }
        Some(number)
    }

    fn plan(&mut self, code: usize) -> Option<&Plan> {
        // Codes are small: they are numbered from 1 on.
        const MOST: usize = 1 << 16;
        if code >= self.plans.len() {
            if code >= MOST {
                return None;
            }
            self.plans.resize_with(code + 1, || None);
        }
        if self.plans[code].is_none() {
            self.plans[code] = Some(Plan::of(self.unit, code)?);
        }
        self.plans[code].as_ref()
    }

    fn step_over(&mut self, code: usize) {
        let Some(Some(plan)) = self.plans.get(code) else { return };
        let steps = &plan.steps[..];
        let mut step = 0;
        while step < steps.len() {
            match after(self.bytes, self.at, steps[step]) {
                Some(next) => self.at = next,
                None => self.at = self.bytes.len(),
            }
            step += 1;
        }
    }

    fn uleb(&mut self) -> usize {
        let (value, next) = leb(self.bytes, self.at);
        self.at = next;
        value
    }
}

/// How `DW_AT_high_pc` says where code ends.
enum High {
    Len(u64),
    End(u64),
}

impl Plan {
    fn of(unit: &Unit, code: usize) -> Option<Plan> {
        let abbreviation = unit.abbreviations.get(code as u64)?;
        let mut steps: Vec<Step> = Vec::new();
        let mut attributes = Vec::new();
        for attribute in abbreviation.attributes() {
            let step = step(attribute.form(), unit)?;
            match (steps.last_mut(), step) {
                // Most are of fixed size, so most entries are one step.
                (Some(Step::Bytes(sum)), Step::Bytes(more)) => *sum += more,
                _ => steps.push(step),
            }
            attributes.push((attribute.name(), attribute.form(), step));
        }
        let tells = |name| matches!(name, dw::DW_AT_low_pc | dw::DW_AT_high_pc | dw::DW_AT_ranges);
        let end = attributes.iter().rposition(|(name, ..)| tells(*name)).map_or(0, |last| last + 1);
        attributes.truncate(end);
        let what = match abbreviation.tag() {
            dw::DW_TAG_subprogram => What::Function,
            dw::DW_TAG_inlined_subroutine => What::Inlined,
            _ => What::Other,
        };
        Some(Plan { what, has_children: abbreviation.has_children(), attributes, steps })
    }
}

/// What a value of a form takes; none if only gimli knows, or nobody.
fn step(form: dw::DwForm, unit: &Unit) -> Option<Step> {
    let encoding = unit.encoding();
    let word = usize::from(encoding.format.word_size());
    Some(match form {
        dw::DW_FORM_addr => Step::Bytes(encoding.address_size.into()),
        dw::DW_FORM_flag_present | dw::DW_FORM_implicit_const => Step::Bytes(0),
        dw::DW_FORM_data1 | dw::DW_FORM_flag | dw::DW_FORM_ref1 | dw::DW_FORM_strx1 | dw::DW_FORM_addrx1 => {
            Step::Bytes(1)
        }
        dw::DW_FORM_data2 | dw::DW_FORM_ref2 | dw::DW_FORM_strx2 | dw::DW_FORM_addrx2 => Step::Bytes(2),
        dw::DW_FORM_strx3 | dw::DW_FORM_addrx3 => Step::Bytes(3),
        dw::DW_FORM_data4
        | dw::DW_FORM_ref4
        | dw::DW_FORM_ref_sup4
        | dw::DW_FORM_strx4
        | dw::DW_FORM_addrx4 => Step::Bytes(4),
        dw::DW_FORM_data8 | dw::DW_FORM_ref8 | dw::DW_FORM_ref_sig8 | dw::DW_FORM_ref_sup8 => Step::Bytes(8),
        dw::DW_FORM_data16 => Step::Bytes(16),
        // Which was an address before DWARF 3.
        dw::DW_FORM_ref_addr if encoding.version < 3 => Step::Bytes(encoding.address_size.into()),
        dw::DW_FORM_ref_addr
        | dw::DW_FORM_strp
        | dw::DW_FORM_sec_offset
        | dw::DW_FORM_line_strp
        | dw::DW_FORM_strp_sup
        | dw::DW_FORM_GNU_ref_alt
        | dw::DW_FORM_GNU_strp_alt => Step::Bytes(word),
        dw::DW_FORM_sdata
        | dw::DW_FORM_udata
        | dw::DW_FORM_ref_udata
        | dw::DW_FORM_strx
        | dw::DW_FORM_addrx
        | dw::DW_FORM_loclistx
        | dw::DW_FORM_rnglistx
        | dw::DW_FORM_GNU_addr_index
        | dw::DW_FORM_GNU_str_index => Step::Leb,
        dw::DW_FORM_block | dw::DW_FORM_exprloc => Step::Block(0),
        dw::DW_FORM_block1 => Step::Block(1),
        dw::DW_FORM_block2 => Step::Block(2),
        dw::DW_FORM_block4 => Step::Block(4),
        dw::DW_FORM_string => Step::Text,
        _ => return None,
    })
}

/// Where the next value begins.
fn after(bytes: &[u8], at: usize, step: Step) -> Option<usize> {
    match step {
        Step::Bytes(len) => at.checked_add(len),
        Step::Leb => Some(leb(bytes, at).1),
        Step::Block(0) => {
            let (len, start) = leb(bytes, at);
            start.checked_add(len)
        }
        Step::Block(size) => at.checked_add(size)?.checked_add(super::units::number(bytes, at, size)),
        Step::Text => Some(at + bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1),
    }
}

/// A LEB128 number, and where the next value begins.
fn leb(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut value, mut shift) = (0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if shift < 64 {
            value |= ((byte & 0x7f) as usize) << shift;
        }
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    (value, at)
}

/// What an entry says of an inlined function.
fn inlined(units: &mut Units, unit: &Arc<Unit>, entry: usize) -> Option<Inlined> {
    let entry = unit.entry(UnitOffset(entry)).ok()?;
    let mut inlined = Inlined { name: None, is_plain: false, file: None, line: 0, column: 0 };
    let mut attributes = entry.attrs();
    while let Ok(Some(attribute)) = attributes.next() {
        match attribute.name() {
            dw::DW_AT_call_file => {
                inlined.file = match attribute.value() {
                    AttributeValue::FileIndex(file) => Some(file),
                    _ => attribute.udata_value(),
                };
            }
            dw::DW_AT_call_line => inlined.line = attribute.udata_value().unwrap_or(0) as u32,
            dw::DW_AT_call_column => inlined.column = attribute.udata_value().unwrap_or(0) as u32,
            _ => {}
        }
    }
    if let Some((name, is_plain)) = name(units, unit, entry.offset(), DEEPEST) {
        (inlined.name, inlined.is_plain) = (Some(name), is_plain);
    }
    Some(inlined)
}

/// How often an entry may refer to another one for its name.
const DEEPEST: usize = 16;

/// The mangled name, where an entry or what it refers to has one; else the plain one, and whether it is that.
fn name(units: &mut Units, unit: &Arc<Unit>, entry: UnitOffset, deepest: usize) -> Option<(String, bool)> {
    let entry = unit.entry(entry).ok()?;
    let (mut plain, mut origin) = (None, None);
    let mut attributes = entry.attrs();
    while let Ok(Some(attribute)) = attributes.next() {
        let text = || {
            let text = units.dwarf.attr_string(unit, attribute.value()).ok()?;
            Some(text.to_string_lossy().into_owned())
        };
        match attribute.name() {
            dw::DW_AT_linkage_name | dw::DW_AT_MIPS_linkage_name => {
                if let Some(name) = text() {
                    return Some((name, false));
                }
            }
            dw::DW_AT_name => plain = text(),
            dw::DW_AT_abstract_origin | dw::DW_AT_specification => origin = Some(attribute.value()),
            _ => {}
        }
    }
    if plain.is_some() || deepest == 0 {
        return plain.map(|name| (name, true));
    }
    match origin? {
        AttributeValue::UnitRef(entry) => name(units, unit, entry, deepest - 1),
        // Of another unit, as after optimising the whole program.
        AttributeValue::DebugInfoRef(offset) => {
            let other = units.unit_around(offset.0)?;
            let entry = offset.to_unit_offset(&other.header)?;
            name(units, &other, entry, deepest - 1)
        }
        _ => None,
    }
}
