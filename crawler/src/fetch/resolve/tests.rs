//! Answers of name servers, one of them our own.

use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::*;

fn check(addresses: &[&str], expected: &[&str]) {
    let parse = |list: &[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
    assert_eq!(permitted(parse(addresses), &Rules::default()).unwrap(), parse(expected));
}

#[test]
fn addresses_come_in_an_order_that_does_not_depend_on_the_answer() {
    check(&["2606:4700::1", "9.9.9.9", "1.1.1.1"], &["1.1.1.1", "9.9.9.9", "2606:4700::1"]);
    check(&["1.1.1.1", "9.9.9.9", "2606:4700::1", "1.1.1.1"], &["1.1.1.1", "9.9.9.9", "2606:4700::1"]);
}

#[test]
fn of_a_hundred_addresses_a_few_are_tried() {
    let many: Vec<IpAddr> = (0..100).map(|last| IpAddr::from([9, 9, 9, last])).collect();
    assert_eq!(permitted(many, &Rules::default()).unwrap().len(), ADDRESSES);
}

#[test]
fn private_addresses_of_a_public_name_are_left_out() {
    check(&["10.0.0.1", "1.1.1.1", "::1"], &["1.1.1.1"]);
    let error = permitted(vec![[127, 0, 0, 1].into()], &Rules::default()).unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }));
    let error = permitted(Vec::new(), &Rules::default()).unwrap_err();
    assert!(matches!(error, FetchError::NoAddress));
}

/// What a name server does with every question.
#[derive(Clone, Copy, Debug)]
enum Habit {
    /// Answers questions for IPv4 with this address, those for IPv6 with nothing.
    Says([u8; 4]),
    /// Answers with this code and nothing else.
    Fails(u8),
    /// Never answers.
    Silent,
}

/// Asks a name server with this habit.
async fn ask(habit: Habit) -> Result<Vec<IpAddr>, FetchError> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut server = NameServerConfig::udp([127, 0, 0, 1].into());
    for connection in &mut server.connections {
        connection.port = socket.local_addr().unwrap().port();
    }
    let config = ResolverConfig::from_name_servers(vec![server]);
    let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let names = Names::new(Ok(build(builder).unwrap()));
    let host = Host::parse("capsule.example.org").unwrap();
    let rules = Rules::default();
    let serve = async {
        let mut question = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut question).await.unwrap();
            if let Some(answer) = answer(habit, &question[..length]) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    };
    tokio::select! {
        found = names.lookup(&host, &rules) => found,
        () = serve => unreachable!("the server has no end"),
    }
}

fn answer(habit: Habit, question: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    // The name ends with an empty label, then come type and class.
    let end = HEADER + question[HEADER..].iter().position(|byte| *byte == 0)? + 5;
    let for_v4 = question[end - 3] == 1;
    let (code, address) = match habit {
        Habit::Silent => return None,
        Habit::Fails(code) => (code, None),
        Habit::Says(address) => (0, for_v4.then_some(address)),
    };
    let mut answer = question[..end].to_vec();
    answer[2..HEADER].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    if let Some(address) = address {
        answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
        answer.extend_from_slice(&address);
    }
    Some(answer)
}

#[tokio::test]
async fn a_name_is_resolved_by_what_its_server_says() {
    assert_eq!(ask(Habit::Says([9, 9, 9, 9])).await.unwrap(), [IpAddr::from([9, 9, 9, 9])]);
    let error = ask(Habit::Says([127, 0, 0, 1])).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn no_such_name_and_a_broken_server_are_told_apart() {
    let error = ask(Habit::Fails(3)).await.unwrap_err();
    assert!(matches!(error, FetchError::NoAddress), "{error:?}");
    let error = ask(Habit::Fails(2)).await.unwrap_err();
    assert!(matches!(error, FetchError::Resolve { .. }), "{error:?}");
}

/// A name server that never answers for names that begin with `dead`.
async fn serve(socket: UdpSocket) {
    let mut question = [0; 512];
    loop {
        let (length, from) = socket.recv_from(&mut question).await.unwrap();
        // The first label stands behind the header and its length.
        if question[13..length].starts_with(b"dead") {
            continue;
        }
        if let Some(answer) = answer(Habit::Says([9, 9, 9, 9]), &question[..length]) {
            socket.send_to(&answer, from).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_names_that_never_resolve_hold_up_none_of_five_hundred_that_do() {
    const NAMES: usize = 500;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut server = NameServerConfig::udp([127, 0, 0, 1].into());
    for connection in &mut server.connections {
        connection.port = socket.local_addr().unwrap().port();
    }
    let config = ResolverConfig::from_name_servers(vec![server]);
    let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let names = std::sync::Arc::new(Names::new(Ok(build(builder).unwrap())));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(serve(socket));
    let lookup = |name: String| {
        let names = std::sync::Arc::clone(&names);
        async move { names.lookup(&Host::parse(&name).unwrap(), &Rules::default()).await }
    };
    let mut dead = tokio::task::JoinSet::new();
    for number in 0..NAMES {
        // As many slots as the crawler has stay filled with names that hang; each is given up when its limit is over.
        dead.spawn(timeout(Duration::from_secs(5), lookup(format!("dead{number}.example.org"))));
    }
    let mut slowest = Duration::ZERO;
    for number in 0..NAMES {
        let began = Instant::now();
        let found = lookup(format!("live{number}.example.org")).await.unwrap();
        assert_eq!(found, [IpAddr::from([9, 9, 9, 9])]);
        slowest = slowest.max(began.elapsed());
        if dead.try_join_next().is_some() {
            dead.spawn(timeout(Duration::from_secs(5), lookup(format!("dead{number}.again.example.org"))));
        }
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?} for a name that resolves");
    assert!(dead.len() >= NAMES - 1, "they hang until their limit");
    tasks.shutdown().await;
    dead.shutdown().await;
}

#[tokio::test]
async fn a_lookup_that_is_given_up_ends_at_once() {
    let started = Instant::now();
    let given_up = timeout(Duration::from_millis(100), ask(Habit::Silent)).await;
    assert!(given_up.is_err() && started.elapsed() < Duration::from_secs(1));
}
