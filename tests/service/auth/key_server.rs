//! A server of key sets that does as it is told, good or bad, and counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Answers with this status line, these headers and this body.
    Answer(&'static str, String, String),
    /// Answers with this body and entity tag, or 304 when it was sent this tag.
    Tagged(&'static str, String),
    /// Answers as the first, but only once [`KeyServer::release`] has been called.
    Held(String),
    /// Never answers.
    Silent,
    /// Sends a byte of the body now and then, without an end.
    Trickle,
    /// Sends as fast as it can, without an end.
    Endless,
    /// Hangs up.
    HangUp,
}

impl Behaviour {
    /// A key set and nothing special.
    pub(crate) fn set(body: &str) -> Self {
        Self::Answer("200 OK", String::new(), body.to_owned())
    }

    /// A key set that says how long it is fresh.
    pub(crate) fn fresh_for(body: &str, seconds: u32) -> Self {
        Self::Answer("200 OK", format!("Cache-Control: public, max-age={seconds}\r\n"), body.to_owned())
    }

    pub(crate) fn status(line: &'static str) -> Self {
        Self::Answer(line, String::new(), "no keys here".to_owned())
    }
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
    unchanged: AtomicUsize,
}

/// The server; it ends with the test, or when it is stopped.
pub(crate) struct KeyServer {
    pub(crate) url: Url,
    behaviour: Arc<Mutex<Behaviour>>,
    counts: Arc<Counts>,
    asked: Arc<Notify>,
    released: Arc<Notify>,
    task: JoinHandle<()>,
}

impl KeyServer {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap()).parse().unwrap();
        let behaviour = Arc::new(Mutex::new(behaviour));
        let (counts, asked, released) = (Arc::default(), Arc::default(), Arc::default());
        let parts = (Arc::clone(&behaviour), Arc::clone(&counts), Arc::clone(&asked), Arc::clone(&released));
        let task = tokio::spawn(async move {
            let (behaviour, counts, asked, released): (_, Arc<Counts>, _, _) = parts;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counts.connections.fetch_add(1, Ordering::SeqCst);
                let answering = answer(
                    stream,
                    Arc::clone(&behaviour),
                    Arc::clone(&counts),
                    Arc::clone(&asked),
                    Arc::clone(&released),
                );
                tokio::spawn(async move { drop(answering.await) });
            }
        });
        Self { url, behaviour, counts, asked, released, task }
    }

    pub(crate) fn now_does(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// Refuses connections from now on.
    pub(crate) fn stop(&self) {
        self.task.abort();
    }

    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// Answers with status 304.
    pub(crate) fn unchanged(&self) -> usize {
        self.counts.unchanged.load(Ordering::SeqCst)
    }

    /// Waits for a request to come in.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Lets a held answer go.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }
}

async fn answer(
    mut stream: TcpStream,
    behaviour: Arc<Mutex<Behaviour>>,
    counts: Arc<Counts>,
    asked: Arc<Notify>,
    released: Arc<Notify>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    counts.requests.fetch_add(1, Ordering::SeqCst);
    asked.notify_one();
    let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
    let behaviour = behaviour.lock().unwrap().clone();
    match behaviour {
        Behaviour::Answer(status, headers, body) => send(&mut stream, status, &headers, &body).await,
        Behaviour::Tagged(tag, body) => {
            let tagged = format!("ETag: {tag}\r\n");
            if request.contains(&format!("if-none-match: {}", tag.to_ascii_lowercase())) {
                counts.unchanged.fetch_add(1, Ordering::SeqCst);
                send(&mut stream, "304 Not Modified", &tagged, "").await
            } else {
                send(&mut stream, "200 OK", &tagged, &body).await
            }
        }
        Behaviour::Held(body) => {
            released.notified().await;
            send(&mut stream, "200 OK", "", &body).await
        }
        Behaviour::Silent => std::future::pending().await,
        Behaviour::Trickle => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Behaviour::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(&[b' '; 16 * 1024]).await?;
            }
        }
        Behaviour::HangUp => Ok(()),
    }
}

async fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
