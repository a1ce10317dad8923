//! Connections of callers: how many there may be, and how long one may leave its answer unread.
//!
//! Each needs a file descriptor, and so do the store, key sets and FHIR servers: the limit of the process is raised as far
//! as it goes, and a part of it is kept from callers.

use crate::config::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// Descriptors for files, the store, key sets and the process itself.
const RESERVE: u64 = 256;
/// Connections when nobody says how many, where descriptors allow more.
const USUAL: usize = 10_000;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 2_048;
/// How long a caller may take nothing of an answer that waits for it.
const UNREAD: Duration = Duration::from_secs(15);

/// Bytes of answers that the system holds for one caller. Left to itself it takes some megabytes for each that does not read,
/// and the copying delays the others; this much carries 2 MB/s to a caller 50 ms away.
const SEND_BUFFER: usize = 128 << 10;

/// Raises the limit of descriptors as far as it may be; gives what holds then. `None`: no limit is known.
pub(super) fn raise_descriptors() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}

/// How many connections callers may have, with so many descriptors.
pub(super) fn most(descriptors: Option<u64>, limits: &Limits) -> usize {
    let wanted = limits.connections.unwrap_or(USUAL);
    let Some(descriptors) = descriptors else { return wanted };
    // A call may have a FHIR server of its own to ask. Where there are few descriptors at all, callers get half of them.
    let reserve = RESERVE.saturating_add(u64::try_from(limits.in_flight).unwrap_or(u64::MAX));
    let left = descriptors.saturating_sub(reserve).max(descriptors / 2);
    wanted.min(usize::try_from(left).unwrap_or(usize::MAX)).max(1)
}

/// A socket for callers. What it says about unread answers and buffers holds for each connection that comes in by it.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    give_up_unread(&listener, UNREAD)?;
    Ok(listener)
}

/// Lets the system end a connection whose peer takes nothing of what waits for it: the server below has a time limit for
/// reading and none for writing.
fn give_up_unread(listener: &TcpListener, after: Duration) -> io::Result<()> {
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    SockRef::from(listener).set_tcp_user_timeout(Some(after))?;
    #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
    let _ = (SockRef::from(listener), after);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[test]
    fn a_part_of_the_descriptors_is_kept_from_callers() {
        let limits = |connections| Limits { in_flight: 512, connections, ..Limits::default() };
        for (descriptors, configured, expected) in [
            (Some(1_024), None, 512),
            (Some(4_096), None, 4_096 - 768),
            (Some(4_096), Some(100), 100),
            (Some(4_096), Some(1_000_000), 4_096 - 768),
            (Some(1_000_000), None, USUAL),
            (None, None, USUAL),
            (None, Some(50_000), 50_000),
            (Some(0), None, 1),
        ] {
            assert_eq!(most(descriptors, &limits(configured)), expected, "{descriptors:?} {configured:?}");
        }
    }

    #[test]
    fn descriptors_are_raised_to_what_the_process_may_have() {
        let raised = raise_descriptors();
        assert_eq!(raised, getrlimit(Resource::Nofile).maximum);
        assert_eq!(raised, getrlimit(Resource::Nofile).current);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_whose_peer_never_reads_ends_by_itself() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_eq!(SockRef::from(&listener).tcp_user_timeout().unwrap(), Some(UNREAD));
        give_up_unread(&listener, Duration::from_millis(200)).unwrap();
        let mut caller = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut accepted, _) = listener.accept().unwrap();
        // The system counts twice what it is told.
        assert!(SockRef::from(&accepted).send_buffer_size().unwrap() <= 2 * SEND_BUFFER);
        // Far more than the buffers of both sides hold; without an end this would stand still for ever.
        let error = accepted.write_all(&vec![0; 64 << 20]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        drop(accepted);
        let mut rest = Vec::new();
        drop(caller.read_to_end(&mut rest));
        assert!(rest.len() < 64 << 20);
    }
}
