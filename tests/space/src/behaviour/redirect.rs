//! Redirects that lead in circles, on for ever, or where no crawler should go.

use crate::answer::Answer;
use crate::catalogue::behaviours;
use crate::request::Asked;
use crate::wire::Wire;

behaviours! {
    /// Where a server sends everyone.
    Redirect {
        /// Every path to itself.
        ToItself = 39,
        /// From `/a` to `/b` and back, permanent and temporary in turn.
        BackAndForth = 39,
        /// Always a new URL.
        AlwaysNew = 40,
        /// One path segment more each time.
        Growing = 40,
        /// To a web page.
        ToHttps = 41,
        /// To a gopher hole.
        ToGopher = 41,
        /// To a titan upload.
        ToTitan = 41,
        /// To a file of the client's machine.
        ToFile = 41,
        /// To a data URL.
        ToData = 41,
        /// To a script.
        ToJavascript = 41,
        /// To a mail address.
        ToMailto = 41,
        /// To a private address.
        ToPrivateAddress = 42,
        /// To the loopback address and the port of SSH.
        ToLoopback = 42,
        /// To the address where clouds keep their secrets.
        ToLinkLocal = 42,
        /// To a URL of more than 1,024 bytes.
        ToLongUrl = 43,
        /// To a URL with a fragment: allowed once the fragment is dropped.
        ToFragment = 43,
        /// To a URL with userinfo.
        ToUserinfo = 43,
        /// To a URL with a carriage return and a line of its own.
        ToLineBreak = 43,
        /// To a URL with a NUL.
        ToNul = 43,
        /// To raw UTF-8: readable once it is encoded.
        ToRawUtf8 = 43,
        /// To `//host`, the same scheme on another host.
        ToOtherHost = 43,
        /// To a relative path above the root: resolved to the root's `/target`.
        ToAboveRoot = 43,
    }
}

pub(crate) async fn run(behaviour: Redirect, wire: Wire, asked: &Asked, before: u64) {
    // Well-meant targets do exist, so that a client that resolves rightly finds a page.
    if asked.path == "/target" || asked.path == "/caf%C3%A9" {
        return wire.answer(&Answer::gemtext("# The target\n")).await;
    }
    let target = match behaviour {
        Redirect::ToItself => asked.path_and_query(),
        Redirect::BackAndForth if asked.path == "/a" => "/b".to_owned(),
        Redirect::BackAndForth => "/a".to_owned(),
        Redirect::AlwaysNew => format!("/redirhell/{}", before + 1),
        Redirect::Growing => format!("{}/cgi", asked.path.trim_end_matches('/')),
        Redirect::ToHttps => "https://web.example/".to_owned(),
        Redirect::ToGopher => "gopher://hole.example/1/".to_owned(),
        Redirect::ToTitan => format!("titan://{}/upload;size=0", asked.host),
        Redirect::ToFile => "file:///etc/passwd".to_owned(),
        Redirect::ToData => "data:text/gemini,%23%20Hello".to_owned(),
        Redirect::ToJavascript => "javascript:alert(1)".to_owned(),
        Redirect::ToMailto => "mailto:someone@mail.example".to_owned(),
        Redirect::ToPrivateAddress => "gemini://10.0.0.1/".to_owned(),
        Redirect::ToLoopback => "gemini://127.0.0.1:22/".to_owned(),
        Redirect::ToLinkLocal => "gemini://169.254.169.254/latest/meta-data/".to_owned(),
        Redirect::ToLongUrl => format!("/{}", "long".repeat(254)) + "er",
        Redirect::ToFragment => "/target#part".to_owned(),
        Redirect::ToUserinfo => format!("gemini://user:secret@{}/target", asked.host),
        Redirect::ToLineBreak => "/target\rgemini://evil.example/".to_owned(),
        Redirect::ToNul => "/tar\0get".to_owned(),
        Redirect::ToRawUtf8 => "/café".to_owned(),
        Redirect::ToOtherHost => "//other.example/target".to_owned(),
        Redirect::ToAboveRoot => "../../../target".to_owned(),
    };
    let status = if behaviour == Redirect::BackAndForth && asked.path == "/a" { 31 } else { 30 };
    wire.answer(&Answer::status(format!("{status} {target}"))).await;
}
