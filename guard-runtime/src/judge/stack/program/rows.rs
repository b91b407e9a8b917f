//! Which line an address is in, by a unit's line program.

use super::units::{Bytes, Unit};
use gimli::LineProgramHeader;

/// Where code comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) file: u64,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// For each address, in order, the row that covers it.
///
/// gimli takes a thousand instructions for each row where nothing is optimised; this takes some fifty.
pub(super) fn find(unit: &Unit, addresses: &[u64]) -> Vec<Option<Row>> {
    let mut found = vec![None; addresses.len()];
    if let Some(program) = &unit.line_program {
        let header = program.header();
        // Not so on the machines that hooks are built for.
        if header.maximum_operations_per_instruction() <= 1 {
            Machine::new(header, addresses, &mut found).run();
        }
    }
    found
}

struct Machine<'a> {
    code: &'a [u8],
    at: usize,
    /// How many LEB128 numbers follow each standard opcode.
    operands: &'a [u8],
    addresses: &'a [u64],
    found: &'a mut [Option<Row>],
    /// The first address that the sequence may still reach.
    next: usize,
    min_len: u64,
    opcode_base: u8,
    line_base: i64,
    line_range: u8,
    address: u64,
    row: Row,
    /// The row before this one, and whether there is one in the sequence.
    last: Row,
    started: bool,
}

impl<'a> Machine<'a> {
    fn new(
        header: &'a LineProgramHeader<Bytes>,
        addresses: &'a [u64],
        found: &'a mut [Option<Row>],
    ) -> Machine<'a> {
        Machine {
            code: header.raw_program_buf().slice(),
            at: 0,
            operands: header.standard_opcode_lengths().slice(),
            addresses,
            found,
            next: 0,
            min_len: header.minimum_instruction_length().into(),
            opcode_base: header.opcode_base(),
            line_base: header.line_base().into(),
            // A broken one divides by nothing.
            line_range: header.line_range().max(1),
            address: 0,
            row: FIRST,
            last: FIRST,
            started: false,
        }
    }

    fn run(&mut self) {
        while self.at < self.code.len() {
            let opcode = self.code[self.at];
            self.at += 1;
            if opcode >= self.opcode_base {
                let adjusted = opcode - self.opcode_base;
                let step = u64::from(adjusted / self.line_range);
                self.address = self.address.wrapping_add(step.wrapping_mul(self.min_len));
                let line = i64::from(self.row.line) + self.line_base + i64::from(adjusted % self.line_range);
                self.row.line = line as u32;
                self.emit();
                continue;
            }
            match opcode {
                0 => self.extended(),
                COPY => self.emit(),
                ADVANCE_PC => {
                    let step = self.uleb().wrapping_mul(self.min_len);
                    self.address = self.address.wrapping_add(step);
                }
                ADVANCE_LINE => self.row.line = (i64::from(self.row.line).wrapping_add(self.sleb())) as u32,
                SET_FILE => self.row.file = self.uleb(),
                SET_COLUMN => self.row.column = self.uleb() as u32,
                CONST_ADD_PC => {
                    let step = u64::from((255 - self.opcode_base) / self.line_range);
                    self.address = self.address.wrapping_add(step.wrapping_mul(self.min_len));
                }
                FIXED_ADVANCE_PC => {
                    let step = u64::from(self.byte()) | u64::from(self.byte()) << 8;
                    self.address = self.address.wrapping_add(step);
                }
                opcode => {
                    for _ in 0..self.operands.get(usize::from(opcode) - 1).copied().unwrap_or(0) {
                        self.uleb();
                    }
                }
            }
        }
    }

    fn extended(&mut self) {
        let len = self.uleb();
        let end = self.at.saturating_add(usize::try_from(len).unwrap_or(usize::MAX)).min(self.code.len());
        if len > 0 {
            match self.byte() {
                END_SEQUENCE => {
                    self.cover();
                    (self.address, self.row, self.started) = (0, FIRST, false);
                }
                SET_ADDRESS => {
                    let mut address = 0;
                    let mut shift = 0;
                    while self.at < end && shift < 64 {
                        address |= u64::from(self.code[self.at]) << shift;
                        self.at += 1;
                        shift += 8;
                    }
                    self.address = address;
                }
                _ => {}
            }
        }
        self.at = end;
    }

    /// A row begins: the one before has ended.
    fn emit(&mut self) {
        if self.started {
            self.cover();
        } else {
            self.started = true;
            self.next = self.addresses.partition_point(|address| *address < self.address);
        }
        self.last = self.row;
    }

    /// The last row goes up to here.
    fn cover(&mut self) {
        while self.started && self.next < self.addresses.len() && self.addresses[self.next] < self.address {
            self.found[self.next] = Some(self.last);
            self.next += 1;
        }
    }

    fn byte(&mut self) -> u8 {
        if self.at >= self.code.len() {
            return 0;
        }
        self.at += 1;
        self.code[self.at - 1]
    }

    fn uleb(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }

    fn sleb(&mut self) -> i64 {
        let (mut value, mut shift) = (0_i64, 0);
        loop {
            let byte = self.byte();
            if shift < 64 {
                value |= i64::from(byte & 0x7f) << shift;
            }
            shift += 7;
            if byte < 0x80 {
                let is_negative = byte & 0x40 != 0 && shift < 64;
                return if is_negative { value | -1 << shift } else { value };
            }
        }
    }
}

/// What every sequence begins with.
const FIRST: Row = Row { file: 1, line: 1, column: 0 };

const COPY: u8 = 1;
const ADVANCE_PC: u8 = 2;
const ADVANCE_LINE: u8 = 3;
const SET_FILE: u8 = 4;
const SET_COLUMN: u8 = 5;
const CONST_ADD_PC: u8 = 8;
const FIXED_ADVANCE_PC: u8 = 9;
const END_SEQUENCE: u8 = 1;
const SET_ADDRESS: u8 = 2;

/// The path of a file by its number, as addr2line shows it.
pub(super) fn path(unit: &Unit, dwarf: &gimli::Dwarf<Bytes>, file: u64) -> Option<String> {
    let header = unit.line_program.as_ref()?.header();
    let file = header.file(file)?;
    let text = |value| Some(dwarf.attr_string(unit, value).ok()?.to_string_lossy().into_owned());
    let mut path = unit.comp_dir.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    // The folder of number 0 is the unit's.
    if file.directory_index() != 0 {
        if let Some(folder) = file.directory(header) {
            push(&mut path, &text(folder)?);
        }
    }
    push(&mut path, &text(file.path_name())?);
    Some(path)
}

fn push(path: &mut String, part: &str) {
    if part.starts_with('/') {
        path.clear();
    } else if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path.push_str(part);
}
