//! The routes as data: how the load calls each, and which mistake its handler holds.

use axum::http::Method;
use guard_runtime::Kind;

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    /// How many clients call it at the same time.
    pub(crate) at_once: usize,
    /// The handler's function, in `mistakes` and in `repaired`.
    pub(crate) handler: &'static str,
    pub(crate) mistake: &'static str,
    /// What the guard has to call it; `None` where these nets cannot see it.
    pub(crate) kind: Option<Kind>,
}

/// The password that the load sends.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) static ROUTES: [Route; 6] = [
    Route {
        method: Method::GET,
        path: "/spent/7",
        body: "",
        at_once: 1,
        handler: "spent",
        mistake: "a query run in the handler",
        kind: Some(Kind::Db),
    },
    Route {
        method: Method::GET,
        path: "/welcome/Ada",
        body: "",
        at_once: 1,
        handler: "welcome",
        mistake: "a template read two helpers down",
        kind: Some(Kind::Fs),
    },
    Route {
        method: Method::POST,
        path: "/reserve",
        body: "",
        at_once: 1,
        handler: "reserve",
        mistake: "a retry that waits with thread::sleep",
        kind: Some(Kind::Sleep),
    },
    Route {
        method: Method::GET,
        path: "/statistics",
        body: "",
        at_once: 2,
        handler: "statistics",
        mistake: "a std mutex held over a query",
        kind: Some(Kind::Lock),
    },
    Route {
        method: Method::POST,
        path: "/archive",
        body: "order 7",
        at_once: 3,
        handler: "archive",
        mistake: "a pool that is too small: nothing is blocked, but callers wait for one another",
        kind: Some(Kind::Pool),
    },
    Route {
        method: Method::POST,
        path: "/login",
        body: PASSWORD,
        at_once: 1,
        handler: "login",
        mistake: "password hashing, a long computation",
        kind: None,
    },
];
