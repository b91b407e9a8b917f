//! Nothing to ask: without hooks every sleep would be one that no hook saw.

pub(crate) struct Absence {
    pub(crate) waited: bool,
    pub(crate) elapsed_ns: u64,
}

impl Absence {
    pub(crate) fn is_long(&self) -> bool {
        self.waited && self.elapsed_ns > 0
    }

    pub(crate) fn is_page_reads(&self) -> bool {
        false
    }
}

#[inline(always)]
pub(crate) fn may_have_left() -> bool {
    false
}

#[inline(always)]
pub(crate) fn begin() {}

pub(crate) fn absence() -> Option<Absence> {
    None
}

pub(crate) fn status() -> Result<(), String> {
    Err("only where there are hooks: every sleep would be one that no hook saw".to_owned())
}

pub(crate) fn in_child() {}
