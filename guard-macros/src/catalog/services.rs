//! DATA ONLY: other crates' requests, processes and computations.

use super::row::Receiver::{Mut, Shared, Value};
use super::row::{Row, Types, function, method, taking, yields};
use super::std_fs::FILE;

const FLATE2_WRITE: Types = &[
    ("<W: ::std::io::Write>", "flate2::write::GzEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::GzDecoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::ZlibEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::ZlibDecoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::DeflateEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::DeflateDecoder<W>"),
];
const FLATE2_READ: Types = &[
    ("<R>", "flate2::read::GzEncoder<R>"),
    ("<R>", "flate2::read::GzDecoder<R>"),
    ("<R>", "flate2::read::MultiGzDecoder<R>"),
    ("<R>", "flate2::read::ZlibEncoder<R>"),
    ("<R>", "flate2::read::ZlibDecoder<R>"),
    ("<R>", "flate2::read::DeflateEncoder<R>"),
    ("<R>", "flate2::read::DeflateDecoder<R>"),
    ("<R>", "flate2::bufread::GzEncoder<R>"),
    ("<R>", "flate2::bufread::GzDecoder<R>"),
    ("<R>", "flate2::bufread::MultiGzDecoder<R>"),
    ("<R>", "flate2::bufread::ZlibEncoder<R>"),
    ("<R>", "flate2::bufread::ZlibDecoder<R>"),
    ("<R>", "flate2::bufread::DeflateEncoder<R>"),
    ("<R>", "flate2::bufread::DeflateDecoder<R>"),
];
const ARGON2: Types = &[("<'k>", "argon2::Argon2<'k>")];
const PBKDF2: Types = &[("", "pbkdf2::Pbkdf2")];
const SCRYPT: Types = &[("", "scrypt::Scrypt")];
const RESPONSE: Types = &[("", "reqwest::blocking::Response")];
const UREQ: Types = &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")];
const TCP: Types = &[("", "::std::net::TcpStream")];
const SLICE: Types = &[("<T>", "[T]"), ("<T>", "::std::vec::Vec<T>")];

const PARALLEL: &str = "iter::ParallelIterator";

const USE_TOKIO_PROCESS: &str = "use `tokio::process::Child::wait`, which is awaited";
const USE_REQWEST: &str = "use `reqwest::Client`, whose methods are awaited";
const USE_CLIENT: &str = "use an asynchronous client such as `reqwest`";
const USE_TIME: &str = "write `tokio::time::sleep(..).await`";
const OFFLOAD_CPU: &str = "compute it inside `guard_runtime::offload(..)`";
const READ_FIRST: &str = "read the file with `tokio::fs::read(..).await` first, or do all of it inside `guard_runtime::offload(..)`";
const WRITE_LATER: &str = "serialize to memory and write that with `tokio::fs::write(..).await`, or do all of it inside `guard_runtime::offload(..)`";
const RECEIVE_FIRST: &str = "receive the message with a socket of `tokio::net` first";
const SEND_LATER: &str = "serialize to memory and send that with a socket of `tokio::net`";
const OFFLOAD_RAYON: &str =
    "start it inside `guard_runtime::offload(..)`, or hand the result back through a oneshot channel";

pub(super) const ROWS: &[Row] = &[
    // network
    function("reqwest::blocking::get", "net", "<&str>", "write `reqwest::get(..).await`"),
    method(
        "reqwest::blocking::ClientBuilder::build",
        "net",
        Value,
        &[("", "reqwest::blocking::ClientBuilder")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::RequestBuilder::send",
        "net",
        Value,
        &[("", "reqwest::blocking::RequestBuilder")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::Client::execute",
        "net",
        Shared,
        &[("", "reqwest::blocking::Client")],
        USE_REQWEST,
    ),
    method("reqwest::blocking::Response::text", "net", Value, RESPONSE, USE_REQWEST),
    method("reqwest::blocking::Response::json", "net", Value, RESPONSE, USE_REQWEST),
    method("reqwest::blocking::Response::bytes", "net", Value, RESPONSE, USE_REQWEST),
    method("ureq::Request::call", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send_string", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send_json", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send_form", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send_bytes", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send", "net", Value, UREQ, USE_CLIENT),
    method("ureq::Request::send_empty", "net", Value, UREQ, USE_CLIENT),
    method(
        "url::Url::socket_addrs",
        "dns",
        Shared,
        &[("", "url::Url")],
        "write `tokio::net::lookup_host(..).await` with its host and port",
    ),
    function("reqwest::blocking::Client::new", "net", "", USE_REQWEST),
    method("reqwest::blocking::Response::copy_to", "net", Mut, RESPONSE, USE_REQWEST),
    method("reqwest::blocking::Response::read_to_end", "net", Mut, RESPONSE, USE_REQWEST),
    method("reqwest::blocking::Response::read_to_string", "net", Mut, RESPONSE, USE_REQWEST),
    method("reqwest::blocking::Response::text_with_charset", "net", Value, RESPONSE, USE_REQWEST),
    function("libc::getaddrinfo", "dns", "", "write `tokio::net::lookup_host(..).await`"),
    // processes and terminals
    function("libc::sleep", "sleep", "", USE_TIME),
    function("libc::usleep", "sleep", "", USE_TIME),
    function("libc::nanosleep", "sleep", "", USE_TIME),
    function("libc::pause", "sleep", "", "wait for `tokio::signal`"),
    function("libc::system", "process", "", "write `tokio::process::Command::status().await`"),
    function("libc::fsync", "fs", "", "write `sync_all().await` on a `tokio::fs::File`"),
    function("libc::fdatasync", "fs", "", "write `sync_data().await` on a `tokio::fs::File`"),
    function("nix::sys::wait::waitpid", "process", "<unistd::Pid>", USE_TOKIO_PROCESS),
    function("crossterm::event::read", "stdio", "", "use `crossterm::event::EventStream`"),
    function("crossterm::event::poll", "stdio", "", "use `crossterm::event::EventStream`"),
    // formats, by what they read or write
    taking("serde_json::from_reader", "fs", "<&[u8], ()>", FILE, READ_FIRST),
    taking("serde_json::from_reader", "net", "<&[u8], ()>", TCP, RECEIVE_FIRST),
    taking("serde_json::to_writer", "fs", "<::std::vec::Vec<u8>, ()>", FILE, WRITE_LATER),
    taking("serde_json::to_writer", "net", "<::std::vec::Vec<u8>, ()>", TCP, SEND_LATER),
    taking("serde_json::to_writer_pretty", "fs", "<::std::vec::Vec<u8>, ()>", FILE, WRITE_LATER),
    taking("serde_json::to_writer_pretty", "net", "<::std::vec::Vec<u8>, ()>", TCP, SEND_LATER),
    taking("serde_yaml::from_reader", "fs", "<&[u8], ()>", FILE, READ_FIRST),
    taking("serde_yaml::to_writer", "fs", "<::std::vec::Vec<u8>, ()>", FILE, WRITE_LATER),
    taking("ciborium::from_reader", "fs", "<(), &[u8]>", FILE, READ_FIRST),
    // computation
    function("bcrypt::hash", "crypto", "<&str>", OFFLOAD_CPU),
    function("bcrypt::verify", "crypto", "<&str>", OFFLOAD_CPU),
    method("argon2::Argon2::hash_password", "crypto", Shared, ARGON2, OFFLOAD_CPU),
    method("argon2::Argon2::hash_password_into", "crypto", Shared, ARGON2, OFFLOAD_CPU),
    method("argon2::Argon2::verify_password", "crypto", Shared, ARGON2, OFFLOAD_CPU),
    function("argon2::hash_encoded", "crypto", "", OFFLOAD_CPU),
    function("argon2::hash_raw", "crypto", "", OFFLOAD_CPU),
    function("argon2::verify_encoded", "crypto", "", OFFLOAD_CPU),
    function("argon2::verify_raw", "crypto", "", OFFLOAD_CPU),
    function("pbkdf2::pbkdf2", "crypto", "::<F>", OFFLOAD_CPU),
    function("pbkdf2::pbkdf2_array", "crypto", "::<F, const N: usize>", OFFLOAD_CPU),
    function("pbkdf2::pbkdf2_hmac", "crypto", "::<D>", OFFLOAD_CPU),
    function("pbkdf2::pbkdf2_hmac_array", "crypto", "::<D, const N: usize>", OFFLOAD_CPU),
    method("pbkdf2::Pbkdf2::hash_password", "crypto", Shared, PBKDF2, OFFLOAD_CPU),
    method("pbkdf2::Pbkdf2::verify_password", "crypto", Shared, PBKDF2, OFFLOAD_CPU),
    method("scrypt::Scrypt::hash_password", "crypto", Shared, SCRYPT, OFFLOAD_CPU),
    method("scrypt::Scrypt::verify_password", "crypto", Shared, SCRYPT, OFFLOAD_CPU),
    function("scrypt::scrypt", "crypto", "", OFFLOAD_CPU),
    function("zstd::encode_all", "compression", "<&[u8]>", OFFLOAD_CPU),
    function("zstd::decode_all", "compression", "<&[u8]>", OFFLOAD_CPU),
    method("flate2::write::GzEncoder::write_all", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::write", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::finish", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::try_finish", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_to_end", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_to_string", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_exact", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    function("zstd::bulk::compress", "compression", "", OFFLOAD_CPU),
    function("zstd::bulk::decompress", "compression", "", OFFLOAD_CPU),
    method("rayon::slice::ParallelSliceMut::par_sort", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    method("rayon::slice::ParallelSliceMut::par_sort_by", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    method("rayon::slice::ParallelSliceMut::par_sort_by_key", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    method("rayon::slice::ParallelSliceMut::par_sort_unstable", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    method("rayon::slice::ParallelSliceMut::par_sort_unstable_by", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    method("rayon::slice::ParallelSliceMut::par_sort_unstable_by_key", "cpu", Mut, SLICE, OFFLOAD_RAYON),
    yields("rayon::iter::IntoParallelIterator::into_par_iter", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::IntoParallelRefIterator::par_iter", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::IntoParallelRefMutIterator::par_iter_mut", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::ParallelBridge::par_bridge", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::ParallelSlice::par_chunks", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::ParallelSlice::par_chunks_exact", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::ParallelSliceMut::par_chunks_mut", "cpu", PARALLEL, OFFLOAD_RAYON),
    yields("rayon::iter::ParallelString::par_lines", "cpu", PARALLEL, OFFLOAD_RAYON),
    function("rayon::join", "cpu", "<fn(), fn(), (), ()>", OFFLOAD_RAYON),
    method("rayon::ThreadPool::install", "cpu", Shared, &[("", "rayon::ThreadPool")], OFFLOAD_RAYON),
];
