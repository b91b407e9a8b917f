//! The kinds of blocking, by the names that attributes, variables and reports use.

use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// How a call blocks. The names are the same in attributes, environment variables and reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Kind {
            $(#[doc = $doc] $variant,)*
        }

        impl Kind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name used in attributes, environment variables and reports.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Kind::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    Sleep "sleep" "`std::thread::sleep` and its like.",
    Fs "fs" "Files and directories.",
    Net "net" "Sockets in blocking mode.",
    Dns "dns" "Name resolution.",
    Process "process" "Starting child processes and waiting for them.",
    Lock "lock" "Mutexes, read-write locks, semaphores.",
    Channel "channel" "Blocking channels, and whatever else waits until another thread acts: condition variables, barriers, `park`.",
    ThreadJoin "thread_join" "Waiting for another thread to end.",
    BlockOn "block_on" "An event loop inside an event loop.",
    Stdio "stdio" "Standard input, output and error.",
    Db "db" "Databases.",
    Crypto "crypto" "Password hashing and other deliberately slow cryptography.",
    Compression "compression" "Compressing and decompressing.",
    Cpu "cpu" "Long computation.",
    Init "init" "One-time initialisation.",
    Pool "pool" "Waiting for a place in an undersized pool.",
    Other "other" "Everything else.",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is no kind's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseKindError(pub(crate) String);

impl fmt::Display for ParseKindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown kind `{}`, expected one of:", self.0)?;
        Kind::ALL.iter().try_for_each(|kind| write!(f, " {kind}"))
    }
}

impl std::error::Error for ParseKindError {}

impl FromStr for Kind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| ParseKindError(text.to_owned()))
    }
}
