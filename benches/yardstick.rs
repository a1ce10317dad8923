//! A server that does less than ours with the same bodies, for load tests beside it.
//!
//! `yardstick ADDRESS WORKERS`. `/value` parses the body as `serde_json::Value`, `/views` splits it into resources and
//! reads a borrowed view of each, `/bytes` only takes it in; all three answer the same 2 KB. Version, settings and
//! allocator are those of the service.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a yardstick that meets a surprise stops")]

mod support;

use actix_web::{App, HttpResponse, HttpServer, web};
use std::hint::black_box;
use std::time::Duration;

fn answer() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body("x".repeat(2048))
}

async fn value(body: web::Bytes) -> HttpResponse {
    black_box(support::as_value(&body));
    answer()
}

async fn views(body: web::Bytes) -> HttpResponse {
    black_box(support::as_views(&body));
    answer()
}

async fn bytes(body: web::Bytes) -> HttpResponse {
    black_box(body.len());
    answer()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, workers] = arguments.as_slice() else { panic!("yardstick ADDRESS WORKERS") };
    HttpServer::new(|| {
        App::new()
            .app_data(web::PayloadConfig::new(8 * 1024 * 1024))
            .route("/value", web::post().to(value))
            .route("/views", web::post().to(views))
            .route("/bytes", web::post().to(bytes))
    })
    .workers(workers.parse().unwrap())
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .keep_alive(Duration::from_secs(60))
    .bind(address)?
    .run()
    .await
}
