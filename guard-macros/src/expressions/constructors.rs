//! DATA ONLY: what names alone tell of the type of a call's result.

/// The types whose functions open something, and make a value of that one type whatever they are given.
const OPENED: &[&str] = &["File", "NamedTempFile", "TcpStream", "UnixStream"];

/// Functions and methods whose result has a type that they fix by themselves; and, where such a function opens something,
/// of which types it does so: that may be written once more.
const CONSTRUCTORS: &[(&str, &[&str])] = &[
    ("accept", &[]),
    ("connect", OPENED),
    ("connect_timeout", OPENED),
    ("create", OPENED),
    ("create_new", OPENED),
    ("establish", &[]),
    ("finish", &[]),
    ("into_std", &[]),
    ("open", OPENED),
    ("options", &[]),
    ("read_dir", &[]),
    ("read_dir_utf8", &[]),
    ("stderr", &[]),
    ("stdin", &[]),
    ("stdout", &[]),
    ("tempfile", OPENED),
    ("try_clone", &[]),
];

/// Those whose result has a type that is known as soon as that of what they are given.
const TAKES_ON: &[&str] = &[
    "as_mut",
    "as_ref",
    "by_ref",
    "get_mut",
    "get_ref",
    "into_inner",
    "into_iter",
    "lock",
    "new",
    "take",
    "with_capacity",
];

/// Those whose result is what its use makes of it.
const SETTLED_LATER: &[&str] = &[
    "collect",
    "default",
    "from",
    "from_str",
    "into",
    "parse",
    "product",
    "sum",
    "try_from",
    "try_into",
    "unwrap_or_default",
];

/// Methods whose result holds what the receiver does.
const PASSES_ON: &[&str] =
    &["context", "expect", "inspect_err", "map_err", "unwrap", "with_context", "wrap_err", "wrap_err_with"];

/// Types that have one parameter, which is the type of what they hold.
const HOLDERS: &[&str] = &[
    "BufReader",
    "BufWriter",
    "Box",
    "Cursor",
    "DeflateDecoder",
    "GzDecoder",
    "LineWriter",
    "MultiGzDecoder",
    "ZlibDecoder",
];

/// Whether a function or method fixes the type of its result.
pub(super) fn is_constructor(name: &str) -> bool {
    CONSTRUCTORS.iter().any(|(known, _)| *known == name)
}

/// Whether the type of a result is known as soon as that of what the call is given.
pub(super) fn takes_on(name: &str) -> bool {
    TAKES_ON.contains(&name)
}

/// Whether a result is what its use makes of it.
pub(super) fn is_settled_later(name: &str) -> bool {
    SETTLED_LATER.contains(&name)
}

/// Whether the result of a method holds what its receiver does.
pub(crate) fn passes_on(method: &str) -> bool {
    PASSES_ON.contains(&method)
}

/// Whether `owner::name(..)` opens something of the type `owner`, whatever it is given.
pub(crate) fn fixes_its_type(owner: &str, name: &str) -> bool {
    CONSTRUCTORS.iter().any(|(known, opened)| *known == name && opened.contains(&owner))
}

/// Whether `owner::name(..)` makes a value whose one type parameter is the type of its argument.
pub(crate) fn holds_its_argument(owner: &str, name: &str) -> bool {
    HOLDERS.contains(&owner) && ["new", "with_capacity"].contains(&name)
}
