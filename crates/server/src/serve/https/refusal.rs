//! What an admin can do about a refused order, by the authority's words for why (RFC 8555, section 6.7).

use instant_acme::Error;

use super::question::NotAsked;

/// What the authority calls it, without the name of its list.
fn kind(error: &anyhow::Error) -> Option<&str> {
    let problem = error.chain().find_map(|cause| match cause.downcast_ref::<Error>() {
        Some(Error::Api(problem)) => Some(problem.r#type.as_deref().unwrap_or_default()),
        _ => None,
    });
    problem.map(|kind| kind.rsplit(':').next().unwrap_or(kind))
}

/// Whether the other port might do.
pub(super) fn may_be_the_port(error: &anyhow::Error) -> bool {
    error.downcast_ref::<NotAsked>().is_some() || matches!(kind(error), Some("connection" | "tls" | "unauthorized"))
}

/// Two refusals as one, of which the first is told with what to do: people need that port too. But a port by which nothing was asked says
/// nothing of what is wrong.
pub(super) fn by_both(first: anyhow::Error, other: anyhow::Error) -> anyhow::Error {
    let (told, beside) = if first.is::<NotAsked>() { (other, first) } else { (first, other) };
    told.context(format!("by neither port ({beside:#})"))
}

/// A sentence with the way out.
pub(super) fn what_to_do(error: &anyhow::Error) -> &'static str {
    match kind(error) {
        Some("dns") => {
            "The domain has no address that the authority finds: add an A or AAAA record with this machine's address as it is seen from outside."
        }
        Some("connection" | "tls" | "unauthorized") => {
            "The authority asked this domain on ports 443 and 80 and did not reach this server: see that the domain's A and AAAA records are this machine's \
             address, and that port 443 is forwarded in the router and open in the firewall; port 80 would do for the authority, but not for people."
        }
        Some("rateLimited") => "The authority has had too many orders for this domain; it says above until when.",
        Some("caa") => {
            "A CAA record of the domain names another authority: remove it, or set https.acme_directory to that one's."
        }
        Some("rejectedIdentifier") => {
            "The authority gives no certificates for this name: see that https.domain is written rightly."
        }
        Some("invalidContact" | "unsupportedContact") => "The authority does not take https.admin_email: mend or remove it.",
        Some(_) => "See what the authority says above.",
        None if error.chain().any(|cause| cause.is::<NotAsked>()) => {
            "The authority asks in no way that this server answers: set https.acme_directory to another one's."
        }
        None => "The authority could not be asked: see that this machine reaches the internet, and that its clock is right.",
    }
}

#[cfg(test)]
mod tests {
    use instant_acme::Problem;

    use super::{super::question::Port, *};

    #[test]
    fn what_to_do_is_told_by_the_port_that_was_asked() {
        let refused = || -> anyhow::Error {
            let kind = "urn:ietf:params:acme:error:connection";
            let problem: Problem = serde_json::from_value(serde_json::json!({ "type": kind, "detail": "no" })).unwrap();
            anyhow::Error::new(Error::Api(problem))
        };
        let (not_https, not_http) = (|| NotAsked(Port::Https).into(), || NotAsked(Port::Http).into());
        for (first, other, words) in [
            (refused(), refused(), "port 443 is forwarded"),
            (refused(), not_http(), "port 443 is forwarded"),
            (refused(), anyhow::anyhow!("it took too long"), "port 443 is forwarded"),
            (not_https(), refused(), "port 443 is forwarded"),
            (not_https(), not_http(), "set https.acme_directory"),
        ] {
            assert!(may_be_the_port(&first), "{first:#}");
            let both = by_both(first, other);
            assert!(what_to_do(&both).contains(words), "{both:#}: {}", what_to_do(&both));
        }
        assert!(!may_be_the_port(&anyhow::anyhow!("no route")), "the other port is no nearer");
    }

    #[test]
    fn every_refusal_has_a_way_out() {
        let refused = |kind: &str| {
            let problem: Problem = serde_json::from_value(serde_json::json!({ "type": kind, "detail": "no" })).unwrap();
            what_to_do(&anyhow::Error::new(Error::Api(problem)).context("the authority takes no order"))
        };
        for (kind, words) in [
            ("urn:ietf:params:acme:error:dns", "A or AAAA record"),
            ("urn:ietf:params:acme:error:connection", "port 443"),
            ("urn:ietf:params:acme:error:rateLimited", "too many orders"),
            ("urn:ietf:params:acme:error:caa", "CAA record"),
            ("urn:ietf:params:acme:error:somethingNew", "says above"),
        ] {
            assert!(refused(kind).contains(words), "{kind}: {}", refused(kind));
        }
        assert!(what_to_do(&anyhow::anyhow!("no route")).contains("reaches the internet"));
    }
}
