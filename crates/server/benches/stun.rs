//! STUN requests in a second: the answer alone, and over loopback with the whole of the server's side on one thread.
//! The aim is 10,000 in a second on one core.
#![expect(clippy::expect_used, reason = "a measurement that fails is worth nothing")]

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::mpsc,
    thread,
    time::Duration,
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

// The parts of the binary that are measured, which is no library.
#[path = "../src/stun/answer.rs"]
mod answer;
#[path = "../src/stun/limit.rs"]
mod limit;
#[path = "../src/stun/message.rs"]
mod message;
#[path = "../src/stun/socket.rs"]
mod socket;

use answer::answer;
use limit::Limit;
use socket::Socket;

/// Requests on their way at once: few enough that the system drops none.
const WINDOW: u64 = 32;

fn request() -> Vec<u8> {
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend([7; 12]);
    request
}

fn bench_answer(criterion: &mut Criterion) {
    let (request, source) = (request(), SocketAddr::from(([192, 0, 2, 1], 40_000)));
    let limit = Limit::new(true);
    let mut group = criterion.benchmark_group("stun");
    group.throughput(Throughput::Elements(1));
    group.bench_function("answer", |bencher| {
        bencher.iter(|| (limit.allows(source.ip()), answer(&request, source).expect("an answer")));
    });
    group.finish();
}

fn bench_socket(criterion: &mut Criterion) {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let socket = Socket::open((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
            tell.send(socket.address()).expect("the measurement listens");
            socket.serve(Limit::new(false)).await;
        });
    });
    let server = told.recv().expect("an address");
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    client.connect(server).expect("loopback");
    client.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out");
    let (request, mut reply) = (request(), [0; 64]);
    let mut group = criterion.benchmark_group("stun");
    group.throughput(Throughput::Elements(WINDOW));
    group.bench_function("over loopback", |bencher| {
        bencher.iter(|| {
            for _ in 0..WINDOW {
                client.send(&request).expect("sent");
            }
            for _ in 0..WINDOW {
                assert_eq!(client.recv(&mut reply).expect("an answer"), 32);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, bench_answer, bench_socket);
criterion_main!(benches);
