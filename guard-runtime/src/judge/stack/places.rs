//! What the addresses of a program mean, each told once: symbol, name, and, where a verdict wants them, the lines and the
//! functions that were inlined.

use super::items::Items;
use super::names::Name;
use super::program::{Line, Lines, Modules};
use crate::judge::owners::{foreign_name, is_foreign_path, is_own_crate};
use crate::judge::verdict::Frame;
use std::sync::{Arc, OnceLock};

/// The program's modules, and what is known of addresses in them.
#[derive(Default)]
pub(super) struct Places {
    modules: Modules,
    known: Known,
}

/// An address of code.
pub(super) struct Place {
    pub(super) ip: usize,
    /// As the linker knows it.
    pub(super) symbol: Option<&'static str>,
    /// What is not known of it may become known later.
    pub(super) is_unread: bool,
    /// The function as its symbol names it.
    pub(super) bare: Arc<Step>,
    /// The functions there, innermost first, once the lines were read.
    steps: OnceLock<Box<[Arc<Step>]>>,
}

/// A function at an address: the symbol's, or one that was inlined into it.
pub(super) struct Step {
    pub(super) ip: usize,
    pub(super) name: Arc<Name>,
    pub(super) file: Option<String>,
    pub(super) line: u32,
    pub(super) column: u32,
    /// The folder that the compiler was started in.
    pub(super) folder: Option<&'static str>,
    /// Whether the file is the user's; none where no file is known.
    is_own_file: Option<bool>,
    /// As reports show it, and below which folder its file was cut off.
    frame: OnceLock<(Option<&'static str>, Arc<Frame>)>,
}

/// More addresses than this are forgotten: a program has few that block.
const MOST: usize = 1 << 14;

impl Places {
    /// Forgets what may have changed since libraries were closed.
    pub(super) fn follow(&mut self, unloads: u32) {
        if self.modules.follow(unloads) {
            self.known = Known::default();
        }
    }

    pub(super) fn modules(&mut self) -> &mut Modules {
        &mut self.modules
    }

    /// Reads the symbols of these stacks, all in one go. What is known costs nothing.
    pub(super) fn read(&mut self, stacks: &[&[usize]]) {
        let mut new: Vec<usize> = Vec::new();
        for ip in stacks.iter().copied().flatten() {
            if self.known.get(*ip).is_none_or(|place| place.is_unread) {
                new.push(*ip);
            }
        }
        new.sort_unstable();
        new.dedup();
        if self.known.len + new.len() > MOST {
            self.known = Known::default();
        }
        for (ip, (symbol, is_unread)) in new.iter().zip(self.modules.symbols(&new)) {
            let name = Arc::new(Name::of(symbol.unwrap_or_default()));
            let bare = Arc::new(Step::new(*ip, name, Line::default(), None));
            self.known.insert(Arc::new(Place { ip: *ip, symbol, is_unread, bare, steps: OnceLock::new() }));
        }
    }

    /// What a stack consists of, if all of it is known.
    pub(super) fn known(&self, ips: &[usize]) -> Option<Vec<Arc<Place>>> {
        let mut places = Vec::with_capacity(ips.len());
        for ip in ips {
            places.push(self.known.get(*ip)?.clone());
        }
        Some(places)
    }

    /// What a stack consists of.
    pub(super) fn of(&mut self, ips: &[usize]) -> Vec<Arc<Place>> {
        let known = self.known(ips);
        known.unwrap_or_else(|| {
            // Others may have driven some of them out: with all of them there is room for these.
            self.known = Known::default();
            self.read(&[ips]);
            self.known(ips).unwrap_or_default()
        })
    }

    /// Reads the lines of these, all in one go.
    pub(super) fn read_lines<'p>(&mut self, places: impl Iterator<Item = &'p Arc<Place>>) {
        let mut new: Vec<&Arc<Place>> = places.collect();
        if new.is_empty() {
            return;
        }
        new.sort_unstable_by_key(|place| place.ip);
        new.dedup_by_key(|place| place.ip);
        let ips: Vec<usize> = new.iter().map(|place| place.ip).collect();
        for (place, lines) in new.into_iter().zip(self.modules.lines(&ips)) {
            let Lines { lines, folder } = lines;
            // The outermost one is the symbol itself; line tables may call it by a shorter name.
            let names: Vec<Arc<Name>> = (0..lines.len())
                .map(|at| match at + 1 < lines.len() {
                    true => name_of(&lines[at], &lines[at + 1..])
                        .map_or_else(|| place.bare.name.clone(), Arc::new),
                    false => place.bare.name.clone(),
                })
                .collect();
            let steps = lines.into_iter().zip(names);
            let steps = steps.map(|(line, name)| Arc::new(Step::new(place.ip, name, line, folder)));
            let _ = place.steps.set(steps.collect());
        }
    }
}

/// The name of an inlined function; `around`: what it was inlined into.
fn name_of(line: &Line, around: &[Line]) -> Option<Name> {
    let function = line.function.as_deref()?;
    let around = around.iter().filter(|line| line.is_plain).filter_map(|line| line.function.as_deref());
    Some(match line.file.as_deref() {
        Some(file) if line.is_plain => Name::in_file(function, file, around),
        _ => Name::of(function),
    })
}

/// Places by their address: a map that takes some ten steps for a look, where std's takes some hundred in the dev profile.
#[derive(Default)]
struct Known {
    /// A power of two of them, half of which are empty at least.
    slots: Vec<Option<Arc<Place>>>,
    len: usize,
}

impl Known {
    fn get(&self, ip: usize) -> Option<&Arc<Place>> {
        let slots = &self.slots[..];
        if slots.is_empty() {
            return None;
        }
        let mut at = spread(ip) & (slots.len() - 1);
        loop {
            match &slots[at] {
                Some(place) if place.ip == ip => return Some(place),
                Some(_) => at = (at + 1) & (slots.len() - 1),
                None => return None,
            }
        }
    }

    /// In place of what was known of its address.
    fn insert(&mut self, place: Arc<Place>) {
        if self.len * 2 >= self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![None; (old.len() * 2).max(256)];
            self.len = 0;
            for place in old.into_iter().flatten() {
                self.insert(place);
            }
        }
        let mask = self.slots.len() - 1;
        let mut at = spread(place.ip) & mask;
        while self.slots[at].as_ref().is_some_and(|known| known.ip != place.ip) {
            at = (at + 1) & mask;
        }
        self.len += usize::from(self.slots[at].is_none());
        self.slots[at] = Some(place);
    }
}

fn spread(ip: usize) -> usize {
    let mixed = (ip as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

impl Place {
    pub(super) fn name(&self) -> &Name {
        &self.bare.name
    }

    /// The functions there, innermost first; where no lines are known, the symbol's alone.
    pub(super) fn steps(&self) -> &[Arc<Step>] {
        match self.steps.get() {
            Some(steps) if !steps.is_empty() => steps,
            _ => std::slice::from_ref(&self.bare),
        }
    }

    /// Whether its lines are still to be read.
    pub(super) fn wants_lines(&self) -> bool {
        self.steps.get().is_none() && !self.name().is_precompiled()
    }

    /// Whether its lines were read, and there were some.
    pub(super) fn has_lines(&self) -> bool {
        self.steps.get().is_some_and(|steps| !steps.is_empty())
    }
}

impl Step {
    pub(super) fn new(ip: usize, name: Arc<Name>, line: Line, folder: Option<&'static str>) -> Step {
        let Line { file, line, column, .. } = line;
        // C that a build script has unpacked lies below the user's own target folder.
        let unpacked =
            |file: &str| name.krate().is_none() && file.contains("/build/") && file.contains("/out/");
        let is_own_file = file.as_deref().map(|file| !is_foreign_path(file) && !unpacked(file));
        Step { ip, name, file, line, column, folder, is_own_file, frame: OnceLock::new() }
    }

    pub(super) fn is_ours(&self) -> bool {
        self.name.is_in(Items::Ours)
    }

    /// Whether its source is the user's, rather than a dependency's or the toolchain's; without lines, its crate.
    pub(super) fn is_own(&self) -> bool {
        match self.is_own_file {
            Some(is_own) => is_own && !self.is_ours(),
            None if self.name.is_toolchain() || self.is_ours() => false,
            None => self.name.krate().is_some_and(is_own_crate),
        }
    }

    /// As reports show it; `root`: the folder that the user's file names start at.
    pub(super) fn frame(&self, root: Option<&'static str>) -> Arc<Frame> {
        let make = || Arc::new(self.make_frame(root));
        match self.frame.get_or_init(|| (root, make())) {
            (known, frame) if *known == root && frame.own == self.is_own() => frame.clone(),
            _ => make(),
        }
    }

    fn make_frame(&self, root: Option<&str>) -> Frame {
        Frame {
            function: self.name.public().to_owned(),
            file: self.file.as_deref().map(|file| shown(file, root)),
            line: self.line,
            column: self.column,
            krate: self.name.krate().map(str::to_owned),
            own: self.is_own(),
        }
    }
}

/// A file as the compiler would print it: relative to the workspace; a dependency's, from its package on.
fn shown(file: &str, root: Option<&str>) -> String {
    if let Some(name) = foreign_name(file) {
        return name.to_owned();
    }
    let below = |root: &str| Some(file.strip_prefix(root)?.strip_prefix('/')?.to_owned());
    root.and_then(below).unwrap_or_else(|| file.to_owned())
}
