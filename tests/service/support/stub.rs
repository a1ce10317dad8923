//! A FHIR server of our own that can do everything wrong, and remembers every request.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// 200 with a resource.
    Json(Value),
    /// This status, with headers and a body.
    Plain(u16, &'static [(&'static str, &'static str)], String),
    /// A redirect.
    Redirect(String),
    /// Nothing, with the connection open.
    Silence,
    /// A beginning, then a byte now and then.
    Drip,
    /// A body that never ends.
    Endless,
    /// Half of what was announced.
    Truncated(Value),
    /// The connection is closed without a word.
    Close,
    /// After so many milliseconds.
    After(u64, Box<Self>),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The same, as it came.
    #[allow(dead_code, reason = "most servers are sent text alone")]
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct Memory {
    connections: AtomicUsize,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
}

/// A running server on a free port; its threads end with the test program.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    memory: Arc<Memory>,
}

impl Stub {
    pub(crate) fn start(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (memory, reply) = (Arc::new(Memory::default()), Arc::new(reply));
        let shared = Arc::clone(&memory);
        std::thread::spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (memory, reply) = (Arc::clone(&shared), Arc::clone(&reply));
                std::thread::spawn(move || {
                    let at_once = memory.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                    memory.most_at_once.fetch_max(at_once, Ordering::SeqCst);
                    if let Some(seen) = read(&stream) {
                        memory.seen.lock().unwrap().push(seen.clone());
                        // The other side may have gone: then there is nobody to tell.
                        drop(write(&stream, &reply(&seen)));
                    }
                    memory.under_way.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, memory }
    }

    /// A server that nobody should call.
    pub(crate) fn elsewhere() -> Self {
        Self::start(|_| Reply::Close)
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}/fhir", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.memory.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.memory.most_at_once.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.memory.seen.lock().unwrap().clone()
    }

    /// The targets that were asked for, below the base, sorted.
    pub(crate) fn targets(&self) -> Vec<String> {
        let below = |seen: Seen| seen.target.strip_prefix("/fhir/").unwrap_or(&seen.target).to_owned();
        let mut targets: Vec<String> = self.seen().into_iter().map(below).collect();
        targets.sort();
        targets
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, target, headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body })
}

fn write(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    const FHIR: (&str, &str) = ("content-type", "application/fhir+json");
    let head = |status: u16, headers: &[(&str, &str)], length: usize| {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n")
    };
    match reply {
        Reply::Json(body) => {
            let body = body.to_string();
            stream.write_all(format!("{}{body}", head(200, &[FHIR], body.len())).as_bytes())
        }
        Reply::Plain(status, headers, body) => {
            stream.write_all(format!("{}{body}", head(*status, headers, body.len())).as_bytes())
        }
        Reply::Redirect(to) => stream.write_all(head(302, &[("location", to)], 0).as_bytes()),
        Reply::Silence => wait_for_the_end(stream),
        Reply::Drip => {
            stream.write_all(head(200, &[FHIR], 1_000_000).as_bytes())?;
            loop {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Reply::Endless => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\nconnection: close\r\n\r\n[",
            )?;
            let chunk = "0,".repeat(32_768);
            loop {
                stream.write_all(chunk.as_bytes())?;
            }
        }
        Reply::Truncated(body) => {
            let body = body.to_string();
            let half = body.get(..body.len() / 2).unwrap();
            stream.write_all(format!("{}{half}", head(200, &[FHIR], body.len())).as_bytes())
        }
        Reply::Close => Ok(()),
        Reply::After(milliseconds, then) => {
            std::thread::sleep(Duration::from_millis(*milliseconds));
            write(stream, then)
        }
    }
}

fn wait_for_the_end(mut stream: &TcpStream) -> std::io::Result<()> {
    while stream.read(&mut [0; 64])? > 0 {}
    Ok(())
}
