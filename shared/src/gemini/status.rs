//! The status of a response: a variant for each defined code, the others by their class.

/// The class of a status, its first digit (protocol specification, "Responses").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// 1x: the server asks for a line of input.
    Input,
    /// 2x: a body follows.
    Success,
    /// 3x: it is elsewhere.
    Redirect,
    /// 4x: the same request may work later.
    TemporaryFailure,
    /// 5x: it will not.
    PermanentFailure,
    /// 6x: it wants a client certificate.
    Certificate,
}

impl StatusClass {
    /// The class that a first digit stands for.
    #[must_use]
    pub const fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            1 => Some(Self::Input),
            2 => Some(Self::Success),
            3 => Some(Self::Redirect),
            4 => Some(Self::TemporaryFailure),
            5 => Some(Self::PermanentFailure),
            6 => Some(Self::Certificate),
            _ => None,
        }
    }
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal in $class:ident,)*) => {
        /// The status of a response.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Status {
            $($(#[$doc])* $name,)*
            /// A code that the specification leaves undefined: to be treated like its class's x0.
            Undefined {
                /// Its class.
                class: StatusClass,
                /// The code, 10 to 69.
                code: u8,
            },
        }

        impl Status {
            /// The status of a code; none below 10 and above 69.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => match StatusClass::from_digit(code / 10) {
                        Some(class) => Some(Self::Undefined { class, code }),
                        None => None,
                    },
                }
            }

            /// Its two digits.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Undefined { code, .. } => code,
                }
            }

            /// Its class.
            #[must_use]
            pub const fn class(self) -> StatusClass {
                match self {
                    $(Self::$name => StatusClass::$class,)*
                    Self::Undefined { class, .. } => class,
                }
            }
        }
    };
}

statuses! {
    /// 10: a line of input is wanted.
    Input = 10 in Input,
    /// 11: the same, not to be echoed.
    SensitiveInput = 11 in Input,
    /// 20: a body follows.
    Success = 20 in Success,
    /// 30: elsewhere for now.
    RedirectTemporary = 30 in Redirect,
    /// 31: elsewhere for good.
    RedirectPermanent = 31 in Redirect,
    /// 40: it may work later.
    TemporaryFailure = 40 in TemporaryFailure,
    /// 41: overload or maintenance.
    ServerUnavailable = 41 in TemporaryFailure,
    /// 42: a program behind the server failed.
    CgiError = 42 in TemporaryFailure,
    /// 43: a server behind the server failed.
    ProxyError = 43 in TemporaryFailure,
    /// 44: too many requests.
    SlowDown = 44 in TemporaryFailure,
    /// 50: it will not work.
    PermanentFailure = 50 in PermanentFailure,
    /// 51: there is nothing here.
    NotFound = 51 in PermanentFailure,
    /// 52: there was something, and it will not come back.
    Gone = 52 in PermanentFailure,
    /// 53: not a host of this server.
    ProxyRequestRefused = 53 in PermanentFailure,
    /// 59: the request is malformed.
    BadRequest = 59 in PermanentFailure,
    /// 60: a client certificate is wanted.
    CertificateRequired = 60 in Certificate,
    /// 61: this one may not.
    CertificateNotAuthorised = 61 in Certificate,
    /// 62: this one is not valid.
    CertificateNotValid = 62 in Certificate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_digit_code_has_its_class_and_keeps_its_number() {
        for code in 0..=255 {
            let status = Status::from_code(code);
            assert_eq!(status.is_some(), (10..70).contains(&code), "{code}");
            if let Some(status) = status {
                assert_eq!(status.code(), code);
                assert_eq!(Some(status.class()), StatusClass::from_digit(code / 10));
            }
        }
    }
}
