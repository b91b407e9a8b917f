//! The table of hooks, part four: sockets, waiting for descriptors, names.

use super::files::fresh_pair;
use crate::engines::hooks::descriptor::forget;
use crate::engines::hooks::filter::{
    always, connects, message, reads, resolve, selects, unless_flag, waits_for,
};
use crate::engines::hooks::hook::{hand_over_first, hooks, unparked};
use crate::engines::hooks::time::{is_zero, is_zero_micros};
use crate::model::Kind;
use libc::{
    addrinfo, c_char, c_int, c_uint, c_void, epoll_event, fd_set, group, hostent, mmsghdr, msghdr, nfds_t,
    passwd, servent,
};
use libc::{pollfd, sigset_t, size_t, sockaddr, socklen_t, ssize_t, timespec, timeval, uid_t};

hooks! {
    fn connect(fd: c_int, to: *const sockaddr, len: socklen_t) -> c_int { blocks connects(fd); }
    fn accept(fd: c_int, from: *mut sockaddr, len: *mut socklen_t) -> c_int { blocks reads(fd); then forget; }
    fn accept4(fd: c_int, from: *mut sockaddr, len: *mut socklen_t, flags: c_int) -> c_int { blocks reads(fd); then forget; }
    fn recv(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t { blocks message(fd, flags); }
    fn recvfrom(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int, from: *mut sockaddr, from_len: *mut socklen_t) -> ssize_t { blocks message(fd, flags); }
    fn recvmsg(fd: c_int, out: *mut msghdr, flags: c_int) -> ssize_t { blocks message(fd, flags); }
    fn recvmmsg(fd: c_int, out: *mut mmsghdr, count: c_uint, flags: c_int, limit: *mut timespec) -> c_int { blocks message(fd, flags); }
    fn __recv_chk(fd: c_int, buf: *mut c_void, len: size_t, size: size_t, flags: c_int) -> ssize_t { blocks message(fd, flags); }
    fn __recvfrom_chk(fd: c_int, buf: *mut c_void, len: size_t, size: size_t, flags: c_int, from: *mut sockaddr, from_len: *mut socklen_t) -> ssize_t { blocks message(fd, flags); }
    fn send(fd: c_int, buf: *const c_void, len: size_t, flags: c_int) -> ssize_t { blocks message(fd, flags); }
    fn sendto(fd: c_int, buf: *const c_void, len: size_t, flags: c_int, to: *const sockaddr, to_len: socklen_t) -> ssize_t { blocks message(fd, flags); }
    fn sendmsg(fd: c_int, what: *const msghdr, flags: c_int) -> ssize_t { blocks message(fd, flags); }
    fn sendmmsg(fd: c_int, what: *mut mmsghdr, count: c_uint, flags: c_int) -> c_int { blocks message(fd, flags); }

    fn poll(fds: *mut pollfd, count: nfds_t, millis: c_int) -> c_int { blocks waits_for(fds, count, millis == 0); }
    fn __poll_chk(fds: *mut pollfd, count: nfds_t, millis: c_int, size: size_t) -> c_int { blocks waits_for(fds, count, millis == 0); }
    fn ppoll(fds: *mut pollfd, count: nfds_t, limit: *const timespec, mask: *const sigset_t) -> c_int { blocks waits_for(fds, count, is_zero(limit)); }
    fn __ppoll_chk(fds: *mut pollfd, count: nfds_t, limit: *const timespec, mask: *const sigset_t, size: size_t) -> c_int { blocks waits_for(fds, count, is_zero(limit)); }
    fn select(count: c_int, r: *mut fd_set, w: *mut fd_set, e: *mut fd_set, limit: *mut timeval) -> c_int { blocks selects(count, is_zero_micros(limit)); }
    fn pselect(count: c_int, r: *mut fd_set, w: *mut fd_set, e: *mut fd_set, limit: *const timespec, mask: *const sigset_t) -> c_int { blocks selects(count, is_zero(limit)); }
    fn epoll_wait(fd: c_int, events: *mut epoll_event, count: c_int, millis: c_int) -> c_int {
        first hand_over_first(|| libc::epoll_wait(fd, events, count, 0)); blocks selects(1, millis == 0); then |_| unparked();
    }
    fn epoll_pwait(fd: c_int, events: *mut epoll_event, count: c_int, millis: c_int, mask: *const sigset_t) -> c_int {
        first hand_over_first(|| libc::epoll_pwait(fd, events, count, 0, mask)); blocks selects(1, millis == 0); then |_| unparked();
    }
    fn epoll_pwait2(fd: c_int, events: *mut epoll_event, count: c_int, limit: *const timespec, mask: *const sigset_t) -> c_int {
        first hand_over_first(|| libc::epoll_pwait(fd, events, count, 0, mask)); blocks selects(1, is_zero(limit)); then |_| unparked();
    }

    fn getaddrinfo(node: *const c_char, service: *const c_char, hints: *const addrinfo, out: *mut *mut addrinfo) -> c_int { blocks resolve(node, hints); }
    fn getnameinfo(of: *const sockaddr, len: socklen_t, host: *mut c_char, host_len: socklen_t, service: *mut c_char, service_len: socklen_t, flags: c_int) -> c_int {
        blocks unless_flag(Kind::Dns, flags, libc::NI_NUMERICHOST);
    }
    fn gethostbyname(name: *const c_char) -> *mut hostent { blocks always(Kind::Dns); }
    fn gethostbyname2(name: *const c_char, family: c_int) -> *mut hostent { blocks always(Kind::Dns); }
    fn gethostbyaddr(of: *const c_void, len: socklen_t, family: c_int) -> *mut hostent { blocks always(Kind::Dns); }
    fn gethostbyname_r(name: *const c_char, ret: *mut hostent, buf: *mut c_char, len: size_t, out: *mut *mut hostent, error: *mut c_int) -> c_int { blocks always(Kind::Dns); }
    fn gethostbyname2_r(name: *const c_char, family: c_int, ret: *mut hostent, buf: *mut c_char, len: size_t, out: *mut *mut hostent, error: *mut c_int) -> c_int { blocks always(Kind::Dns); }
    fn gethostbyaddr_r(of: *const c_void, of_len: socklen_t, family: c_int, ret: *mut hostent, buf: *mut c_char, len: size_t, out: *mut *mut hostent, error: *mut c_int) -> c_int { blocks always(Kind::Dns); }

    // The name service: files at best, a directory server at worst.
    fn getpwnam(name: *const c_char) -> *mut passwd { blocks always(Kind::Other); }
    fn getpwuid(id: uid_t) -> *mut passwd { blocks always(Kind::Other); }
    fn getpwnam_r(name: *const c_char, ret: *mut passwd, buf: *mut c_char, len: size_t, out: *mut *mut passwd) -> c_int { blocks always(Kind::Other); }
    fn getpwuid_r(id: uid_t, ret: *mut passwd, buf: *mut c_char, len: size_t, out: *mut *mut passwd) -> c_int { blocks always(Kind::Other); }
    fn getgrnam(name: *const c_char) -> *mut group { blocks always(Kind::Other); }
    fn getgrgid(id: libc::gid_t) -> *mut group { blocks always(Kind::Other); }
    fn getgrouplist(user: *const c_char, group: libc::gid_t, out: *mut libc::gid_t, count: *mut c_int) -> c_int { blocks always(Kind::Other); }
    fn initgroups(user: *const c_char, group: libc::gid_t) -> c_int { blocks always(Kind::Other); }
    fn getservbyname(name: *const c_char, protocol: *const c_char) -> *mut servent { blocks always(Kind::Other); }
    fn getservbyport(port: c_int, protocol: *const c_char) -> *mut servent { blocks always(Kind::Other); }
    fn getspnam(name: *const c_char) -> *mut libc::spwd { blocks always(Kind::Other); }
    fn getgrnam_r(name: *const c_char, ret: *mut group, buf: *mut c_char, len: size_t, out: *mut *mut group) -> c_int { blocks always(Kind::Other); }
    fn getgrgid_r(id: libc::gid_t, ret: *mut group, buf: *mut c_char, len: size_t, out: *mut *mut group) -> c_int { blocks always(Kind::Other); }

    // Numbers that are given out: never a violation, but the cache must know.
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int { then forget; }
    fn socketpair(domain: c_int, kind: c_int, protocol: c_int, fds: *mut c_int) -> c_int { then |out| fresh_pair(out, fds); }
}
