//! Who comes in, who waits outside, and who is asked to come again.

use std::num::NonZeroU32;

use super::*;
use crate::config::BURST;

fn at(address: &str) -> IpAddr {
    address.parse().unwrap()
}

#[test]
fn a_pass_comes_back_when_it_is_dropped() {
    let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
    let gate = Gate::new(&limits);
    let (here, there, beside) = (at("192.0.2.1"), at("2001:db8::1"), at("2001:db8::2"));
    let first = gate.enter(here).unwrap();
    let _second = gate.enter(here).unwrap();
    assert_eq!(gate.enter(here).unwrap_err(), Full::ForThisAddress);
    let third = gate.enter(there).unwrap();
    assert_eq!(gate.enter(beside).unwrap_err(), Full::Everywhere);
    drop((first, third));
    let _one = gate.enter(there).unwrap();
    let _two = gate.enter(beside).unwrap();
    assert_eq!(gate.enter(there).unwrap_err(), Full::Everywhere);
}

#[test]
fn a_network_of_ipv6_holds_no_more_than_one_address_of_ipv4() {
    let gate = Gate::new(&Limits { connections: 9, connections_per_address: 1, ..Limits::default() });
    let _first = gate.enter(at("2001:db8:1:2::1")).unwrap();
    assert_eq!(gate.enter(at("2001:db8:1:2:ffff::9")).unwrap_err(), Full::ForThisAddress);
    let _beside = gate.enter(at("2001:db8:1:3::1")).unwrap();
    let _v4 = gate.enter(at("192.0.2.1")).unwrap();
    assert_eq!(
        gate.enter(at("::ffff:192.0.2.1")).unwrap_err(),
        Full::ForThisAddress,
        "however it is written"
    );
    let _next = gate.enter(at("192.0.2.2")).unwrap();
}

#[test]
fn this_machine_brings_many_only_where_no_proxy_is_named() {
    let limits = Limits { connections: 8, connections_per_address: 1, ..Limits::default() };
    let proxy: Network = "10.0.0.0/8".parse().unwrap();
    let [nobody, unnamed, named] =
        [Gate::new(&limits), Gate::behind(&[], &limits), Gate::behind(&[proxy], &limits)];
    for (gate, visitor, comes_in_twice) in [
        (&nobody, "127.0.0.1", false),
        (&unnamed, "127.0.0.1", true),
        (&unnamed, "::1", true),
        (&unnamed, "::ffff:127.0.0.1", true),
        (&unnamed, "127.0.0.2", false),
        (&unnamed, "10.1.2.3", false),
        (&named, "127.0.0.1", false),
        (&named, "10.1.2.3", true),
        (&named, "::ffff:10.1.2.3", true),
        (&named, "192.0.2.1", false),
    ] {
        let _first = gate.enter(at(visitor)).unwrap();
        assert_eq!(gate.enter(at(visitor)).is_ok(), comes_in_twice, "{visitor} at {:?}", gate.many);
    }
}

/// First the bare hits, then a word when to come again, then the door stays shut.
#[test]
fn as_the_house_fills_up_visitors_get_less() {
    let limits = Limits { connections: 16, connections_per_address: 16, ..Limits::default() };
    let gate = Gate::new(&limits);
    let mut inside = Vec::new();
    for count in 1..=16 {
        inside.push(gate.enter(at("192.0.2.1")).unwrap());
        let got = inside[0].gate.ask(at("127.0.0.1"));
        match count {
            ..12 => assert_eq!(got, Ok(Extras::Wanted), "{count}"),
            12..15 => assert_eq!(got, Ok(Extras::LeftOut), "{count}"),
            15.. => assert_eq!(got.unwrap_err().gemini_line(), "44 5", "{count}"),
        }
    }
    assert_eq!(gate.enter(at("192.0.2.2")).unwrap_err(), Full::Everywhere);
    drop(inside);
    assert_eq!(gate.ask(at("127.0.0.1")), Ok(Extras::Wanted));
}

#[test]
fn who_asks_too_often_waits_and_nobody_waits_for_them() {
    let requests_a_second = NonZeroU32::new(2).unwrap();
    let gate = Gate::new(&Limits { requests_a_second, ..Limits::default() });
    let answered = |visitor: &str| (0..100).take_while(|_| gate.ask(at(visitor)).is_ok()).count();
    let burst = usize::try_from(requests_a_second.get() * BURST).unwrap();
    // A new one may come back while we count.
    let all_of_it = burst..=burst + 2;
    assert!(all_of_it.contains(&answered("192.0.2.1")));
    assert_eq!(gate.ask(at("192.0.2.1")).unwrap_err().gemini_line(), "44 1");
    assert!(all_of_it.contains(&answered("2001:db8:1:2::1")));
    assert!(answered("2001:db8:1:2:ffff::1") <= 2, "a /64 is one visitor");
    assert!(all_of_it.contains(&answered("2001:db8:1:3::1")), "the next /64 is another");
    assert_eq!(answered("127.0.0.1"), 100, "this machine is its owner's");
}

#[test]
fn who_comes_too_often_is_closed_before_a_handshake_is_spent_on_them() {
    let gate = Gate::new(&Limits::default());
    let came = (0..1_000).take_while(|_| gate.enter(at("192.0.2.1")).is_ok()).count();
    assert!((160..200).contains(&came), "{came}");
    assert_eq!(gate.enter(at("192.0.2.1")).unwrap_err(), Full::TooOften);
    assert!(gate.enter(at("192.0.2.2")).is_ok());
}
