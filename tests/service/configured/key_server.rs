//! A small server for key sets that counts its connections and can be switched off.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Answers every request with its body, or hangs up when it is down.
pub(crate) struct KeyServer {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) down: Arc<AtomicBool>,
    pub(crate) body: Arc<Mutex<String>>,
}

impl KeyServer {
    pub(crate) fn start(body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            down: Arc::default(),
            body: Arc::new(Mutex::new(body)),
        };
        let (connections, down, body) =
            (Arc::clone(&server.connections), Arc::clone(&server.down), Arc::clone(&server.body));
        // Ends with the test program.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                if down.load(Ordering::SeqCst) {
                    continue;
                }
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let body = body.lock().unwrap().clone();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
                let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            }
        });
        server
    }

    pub(crate) fn count(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
