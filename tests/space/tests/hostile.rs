//! Each behaviour does what it says, as a raw client sees it.

#[path = "support/client.rs"]
mod client;

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use client::{End, Seen, ask, ask_within};
use space::behaviour::{Body, Connect, Handshake, Header, Misanswer, Redirect, Trap};
use space::{Answer, Behaviour, Capsule, Ended, Space};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Pauses are this many times shorter here.
const FASTER: u32 = 100;
const SHORT: Duration = Duration::from_millis(400);

async fn hostile(behaviour: impl Into<Behaviour>) -> Space {
    Space::builder().hostile("h.example", behaviour).faster(FASTER).start().await.expect("a space")
}

async fn seen(space: &Space, path: &str, limit: Duration) -> io::Result<Seen> {
    let address = space.address("h.example").expect("its address");
    let line = format!("gemini://h.example{path}\r\n");
    ask_within(address, "h.example", line.as_bytes(), limit, 1 << 20).await
}

/// The first bytes and the end that a behaviour shows.
async fn check(behaviour: impl Into<Behaviour>, start: &str, end: End) {
    let behaviour = behaviour.into();
    let space = hostile(behaviour).await;
    let seen = seen(&space, "/", SHORT).await.unwrap_or_else(|error| panic!("{behaviour:?}: {error}"));
    let text = String::from_utf8_lossy(&seen.bytes);
    assert!(text.starts_with(start), "{behaviour:?}: {:?}", text.chars().take(80).collect::<String>());
    assert_eq!(seen.end, end, "{behaviour:?}");
}

#[test]
fn the_catalogue_is_closed_and_named() {
    let all = Behaviour::all();
    let names: BTreeSet<String> = all.iter().map(|behaviour| behaviour.name()).collect();
    assert_eq!(names.len(), all.len(), "names are different");
    assert!(names.contains("body-endless-fast") && names.contains("connect-refused"));
    let numbers: BTreeSet<u16> = all.iter().map(|behaviour| behaviour.catalogue()).collect();
    assert!(45 <= numbers.len(), "{} of the catalogue", numbers.len());
    assert!(all.iter().all(|behaviour| behaviour.says().ends_with('.')), "each says what it does");
}

#[tokio::test]
async fn before_tls() {
    let address = |space: &Space| space.address("h.example").expect("its address");
    let space = hostile(Connect::Refused).await;
    let refused = TcpStream::connect(address(&space)).await.expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

    let space = hostile(Connect::QueueFull).await;
    assert!(timeout(SHORT, TcpStream::connect(address(&space))).await.is_err(), "the SYN is dropped");

    let banners = [
        (Connect::Silent, ""),
        (Connect::PlainHttp, "HTTP/1.1 400"),
        (Connect::SshBanner, "SSH-2.0-"),
        (Connect::GopherError, "3'/'"),
    ];
    for (behaviour, banner) in banners {
        let space = hostile(behaviour).await;
        let mut tcp = TcpStream::connect(address(&space)).await.expect("accepted");
        tcp.write_all(b"\x16\x03\x01").await.expect("sent");
        let mut bytes = Vec::new();
        let ended = timeout(SHORT, tcp.read_to_end(&mut bytes)).await.is_ok();
        assert!(String::from_utf8_lossy(&bytes).starts_with(banner), "{behaviour:?}: {bytes:?}");
        assert_eq!(ended, matches!(behaviour, Connect::PlainHttp | Connect::GopherError), "{behaviour:?}");
        drop(tcp);
        space.wait_for(|log| log.open_connections() == 0).await.expect("the client's leaving is seen");
    }
}

#[tokio::test]
async fn handshakes_that_fail_and_handshakes_that_hang() {
    for behaviour in Handshake::ALL {
        let space = hostile(*behaviour).await;
        let seen = timeout(Duration::from_secs(2), seen(&space, "/", SHORT)).await;
        let outcome = match &seen {
            Err(_) => "hangs",
            Ok(Err(_)) => "fails",
            Ok(Ok(seen)) if seen.header() == "20 text/gemini" => "serves",
            Ok(Ok(_)) => "breaks",
        };
        let expected: &[&str] = match behaviour {
            Handshake::Drip | Handshake::StopsHalfway => &["hangs"],
            Handshake::JunkRecords
            | Handshake::AccessDenied
            | Handshake::HandshakeFailure
            | Handshake::ProtocolVersion
            | Handshake::InternalError
            | Handshake::UnrecognizedName
            | Handshake::Reset
            | Handshake::OldTls
            | Handshake::HugeChain
            | Handshake::DemandsProtocol => &["fails"],
            // In TLS 1.3 the client believes it is done before the server judges.
            Handshake::DemandsCertificate => &["breaks", "fails"],
            Handshake::Expired
            | Handshake::NotYetValid
            | Handshake::WrongName
            | Handshake::NoAlternativeName
            | Handshake::NoName
            | Handshake::Year9999
            | Handshake::AuthorityLeaf
            | Handshake::VersionOne
            | Handshake::UnknownExtension
            | Handshake::GarbageCertificate
            | Handshake::HundredCertificates
            | Handshake::ChangingCertificate
            | Handshake::AsksForCertificate => &["serves"],
        };
        assert!(expected.contains(&outcome), "{behaviour:?} {outcome}: {seen:?}");
    }
}

#[tokio::test]
async fn odd_certificates_are_what_they_say() {
    let certificate = async |space: &Space| {
        let address = space.address("h.example").expect("its address");
        let tls = client::connect(address, "h.example").await.expect("a handshake");
        let (_, session) = tls.get_ref();
        session.peer_certificates().expect("a chain").to_vec()
    };
    let space = hostile(Handshake::Expired).await;
    assert_eq!(certificate(&space).await, certificate(&space).await, "an odd certificate stays");
    let space = hostile(Handshake::ChangingCertificate).await;
    assert_ne!(certificate(&space).await, certificate(&space).await, "and this one does not");
    let space = hostile(Handshake::HundredCertificates).await;
    assert_eq!(certificate(&space).await.len(), 100);
    let space = hostile(Handshake::VersionOne).await;
    let leaf = certificate(&space).await.remove(0);
    // No [0] version: the body begins with its serial number.
    assert_eq!(leaf.iter().skip(4).take(1).copied().collect::<Vec<_>>(), [0x30]);
    assert!(!leaf.windows(5).any(|five| five == [0xa0, 0x03, 0x02, 0x01, 0x02]), "no version field");
}

#[tokio::test]
async fn headers() {
    check(Header::Silence, "", End::Open).await;
    check(Header::Drip, "20 t", End::Open).await;
    check(Header::EmptyClosed, "", End::Closed).await;
    check(Header::EmptyCut, "", End::Cut).await;
    check(Header::Reset, "", End::Broken).await;
    check(Header::Endless, "20 text/gemini; note=xxx", End::Open).await;
    check(Header::InPieces, "20 text/gemini\r\n# A page", End::Closed).await;
    check(Header::WithBody, "20 text/gemini; a=xxx", End::Closed).await;
    check(Header::OneDigit, "2 text/gemini\r\n", End::Closed).await;
    check(Header::ByteOrderMark, "\u{feff}20 ", End::Closed).await;
    check(Header::TooHigh, "70 ", End::Closed).await;
    check(Header::ControlsInMeta, "51 not\0", End::Closed).await;
    check(Header::BareLineFeed, "20 text/gemini\n# A page", End::Closed).await;
    check(Header::EmptySuccess, "20 \r\n# A page", End::Closed).await;
    check(Header::SlowDownSentence, "44 please", End::Closed).await;
    check(Header::CertificateForEver, "60 ", End::Closed).await;
    check(Header::BodyAfterFailure, "51 not found\r\n# A page", End::Closed).await;
    let space = hostile(Header::WithBody).await;
    let seen = seen(&space, "/", SHORT).await.expect("an answer");
    assert_eq!(seen.header().len() + 2, 1_029, "the longest header line there is");
}

#[tokio::test]
async fn bodies() {
    check(Body::NeverCloses, "20 text/gemini\r\n# A whole page", End::Open).await;
    check(Body::Drip, "20 text/gemini\r\n# A", End::Open).await;
    check(Body::NoCloseNotify, "20 text/gemini\r\n# A whole page", End::Cut).await;
    check(Body::Reset, "20 text/gemini\r\n# Half a page", End::Broken).await;
    check(Body::TcpStaysOpen, "20 text/gemini\r\n# A whole page", End::Closed).await;
    check(Body::DataAfterCloseNotify, "20 text/gemini\r\n# A whole page", End::Closed).await;
    check(Body::BrokenRecord, "20 text/gemini\r\n# A whole page", End::Broken).await;
    check(Body::CutsAtClientsFin, "20 text/gemini\r\n# A whole page", End::Closed).await;
    check(Body::WrongCharset, "20 text/gemini; charset=utf-16\r\n", End::Closed).await;
    check(Body::ControlCharacters, "20 text/gemini\r\n# Plain \u{1b}", End::Closed).await;
    // These go on past what the client reads.
    check(Body::EndlessFast, "20 application/octet-stream\r\n\0", End::Open).await;
    check(Body::EndlessGemtext, "20 text/gemini\r\nLine 0", End::Open).await;
    check(Body::Huge, "20 text/gemini\r\nLine 0", End::Open).await;
    check(Body::OneLongLine, "20 text/gemini\r\nword word", End::Open).await;
    check(Body::ManyLinks, "20 text/gemini\r\n=> /n0", End::Open).await;
}

#[tokio::test]
async fn after_close_notify_tcp_stays_open() {
    let space = hostile(Body::TcpStaysOpen).await;
    let address = space.address("h.example").expect("its address");
    let mut tls = client::connect(address, "h.example").await.expect("a handshake");
    tls.write_all(b"gemini://h.example/\r\n").await.expect("sent");
    let mut page = Vec::new();
    tls.read_to_end(&mut page).await.expect("a whole answer");
    assert!(page.ends_with(b"A second page\n"));
    let (tcp, _) = tls.get_mut();
    assert!(timeout(SHORT, tcp.read(&mut [0; 16])).await.is_err(), "no FIN");
    assert_eq!(space.open_connections(), 1);
    drop(tls);
    space.wait_for(|log| log.open_connections() == 0).await.expect("the client's leaving is seen");
    assert_eq!(space.requests()[0].ended, Ended::ByClient);
}

#[tokio::test]
async fn redirects() {
    let targets = [
        (Redirect::ToItself, "/x", "30 /x"),
        (Redirect::BackAndForth, "/a", "31 /b"),
        (Redirect::BackAndForth, "/b", "30 /a"),
        (Redirect::Growing, "/cgi", "30 /cgi/cgi"),
        (Redirect::ToHttps, "/", "30 https://web.example/"),
        (Redirect::ToFile, "/", "30 file:///etc/passwd"),
        (Redirect::ToPrivateAddress, "/", "30 gemini://10.0.0.1/"),
        (Redirect::ToUserinfo, "/", "30 gemini://user:secret@h.example/target"),
        (Redirect::ToLineBreak, "/", "30 /target\rgemini://evil.example/"),
        (Redirect::ToAboveRoot, "/a/b", "30 ../../../target"),
        (Redirect::ToAboveRoot, "/target", "20 text/gemini"),
    ];
    for (behaviour, path, header) in targets {
        let space = hostile(behaviour).await;
        assert_eq!(seen(&space, path, SHORT).await.expect("an answer").header(), header, "{behaviour:?}");
    }
    let space = hostile(Redirect::AlwaysNew).await;
    let first = seen(&space, "/", SHORT).await.expect("an answer").header();
    let second = seen(&space, "/", SHORT).await.expect("an answer").header();
    assert_ne!(first, second);
    let space = hostile(Redirect::ToLongUrl).await;
    let header = seen(&space, "/", SHORT).await.expect("an answer").header();
    assert!(1_024 < "gemini://h.example".len() + header.len() - 3, "{}", header.len());
}

#[tokio::test]
async fn traps() {
    let answers = [
        (Trap::RobotsLoop, "/robots.txt", "30 /robots.txt"),
        (Trap::RobotsElsewhere, "/robots.txt", "31 gemini://elsewhere.example/robots.txt"),
        (Trap::RobotsErrorPage, "/robots.txt", "20 text/gemini"),
        (Trap::RobotsBinary, "/robots.txt", "20 text/plain"),
        (Trap::RobotsLoop, "/", "20 text/gemini"),
        (Trap::Maze, "/robots.txt", "51 not found"),
        (Trap::Everything, "/no/such/page", "20 text/gemini"),
        (Trap::Tarpit, "/robots.txt", "51 not found"),
    ];
    for (behaviour, path, header) in answers {
        let space = hostile(behaviour).await;
        assert_eq!(seen(&space, path, SHORT).await.expect("an answer").header(), header, "{behaviour:?}");
    }
    let links = [
        (Trap::RepeatedSegments, "/cgi-bin", "=> /cgi-bin/cgi-bin Up"),
        (Trap::RedirectMaze, "/", "=> /go/"),
        (Trap::InfiniteDepth, "/x", "=> /x/"),
        (Trap::SelfSimilar, "/p/1", "=> /p/"),
        (Trap::Tarpit, "/t/1", "=> /t/"),
        (Trap::WildcardNames, "/", ".h.example/ A friend"),
    ];
    for (behaviour, path, link) in links {
        let space = hostile(behaviour).await;
        let body = seen(&space, path, SHORT).await.expect("an answer").body();
        assert!(body.contains(link), "{behaviour:?}: {body}");
        assert_eq!(
            seen(&space, path, SHORT).await.expect("an answer").body(),
            body,
            "the same at every visit"
        );
    }
    let space = hostile(Trap::Maze).await;
    let room = seen(&space, "/3/7", SHORT).await.expect("an answer").body();
    assert!(room.contains("=> /3/7/0 Door 0") && room.contains("=> /3/7/9 Door 9"), "{room}");
    let space = hostile(Trap::Restless).await;
    let first = seen(&space, "/", SHORT).await.expect("an answer").body();
    assert_ne!(first, seen(&space, "/", SHORT).await.expect("an answer").body());

    let after_five = async |behaviour| {
        let space = hostile(behaviour).await;
        for _ in 0..5 {
            assert_eq!(seen(&space, "/", SHORT).await.expect("an answer").header(), "20 text/gemini");
        }
        seen(&space, "/", SHORT).await.expect("an answer")
    };
    assert_eq!(after_five(Trap::Bans).await.end, End::Broken);
    assert_eq!(after_five(Trap::Unavailable).await.header(), "41 too many visitors");
    assert_eq!(after_five(Trap::Disappears).await.end, End::Open);
}

#[tokio::test]
async fn a_good_capsule_can_have_a_bad_path_and_a_good_host_can_go_bad() {
    let capsule = Capsule::new().page("/", "# Good").hostile("/bad", Body::NoCloseNotify);
    let space = Space::builder().capsule("h.example", capsule.clone()).start().await.expect("a space");
    assert_eq!(seen(&space, "/", SHORT).await.expect("an answer").end, End::Closed);
    assert_eq!(seen(&space, "/bad", SHORT).await.expect("an answer").end, End::Cut);
    space.set_hostile("h.example", Connect::Refused).expect("known");
    assert!(seen(&space, "/", SHORT).await.is_err());
    space.set_hostile("h.example", Handshake::InternalError).expect("known");
    assert!(seen(&space, "/", SHORT).await.is_err());
    space.set_hostile("h.example", Misanswer::from(Header::EmptyClosed)).expect("known");
    assert_eq!(seen(&space, "/", SHORT).await.expect("an answer").bytes, b"");
    space.set_capsule("h.example", capsule.answer("/", Answer::status("52 gone"))).expect("known");
    assert_eq!(seen(&space, "/", SHORT).await.expect("an answer").header(), "52 gone");
    let address = space.address("h.example").expect("its address");
    assert_eq!(ask(address, "gemini://h.example/bad").await.expect("an answer").end, End::Cut);
}

#[tokio::test]
async fn every_behaviour_at_once_leaves_no_connection_behind() {
    let space = Space::builder().every_behaviour().faster(FASTER).start().await.expect("a space");
    assert_eq!(space.routes().len(), Behaviour::all().len());
    let mut clients = tokio::task::JoinSet::new();
    for (host, address) in space.routes() {
        clients.spawn(async move {
            let line = format!("gemini://{host}/\r\n");
            let asking = ask_within(address, &host, line.as_bytes(), SHORT, 1 << 16);
            // What comes is the other tests' affair; here the client only leaves, at whatever stage it is.
            let _ = timeout(SHORT * 2, asking).await;
        });
    }
    while clients.join_next().await.is_some() {}
    space.wait_for(|log| log.open_connections() == 0).await.expect("all connections end with their clients");
}
