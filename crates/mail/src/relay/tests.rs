//! What is written, and what the answers of a mail server mean.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
};

use super::{Relay, RelaySettings, Sender, Tls, Trouble};
use crate::letter::Letter;

const TO: &str = "alice@example.org";
/// How long a mail server may be silent: longer than one that answers takes on a machine under load.
const WITHIN: Duration = Duration::from_secs(2);

fn relay(from: &str, port: u16) -> Relay {
    let sender = Sender { from: from.to_owned(), hello: "chat.example.org".to_owned() };
    let settings =
        RelaySettings { host: "127.0.0.1".to_owned(), port, tls: Tls::None, credentials: None, root: None, sender };
    Relay::new(settings).unwrap()
}

fn letter(subject: &str, text: &str) -> Letter {
    Letter { subject: subject.to_owned(), text: text.to_owned() }
}

fn written(from: &str, letter: &Letter) -> String {
    let message = relay(from, 1).message(&TO.parse().unwrap(), "1234", letter).unwrap();
    String::from_utf8(message).unwrap()
}

#[test]
fn nothing_in_a_message_becomes_a_header_of_its_own() {
    let letter = letter("Hi\r\nBcc: eve@example.org", "Grüße\n.\nBcc: eve@example.org\n");
    let message = written("Chat <chat@example.org>", &letter);
    let (head, text) = message.split_once("\r\n\r\n").unwrap();
    let names: Vec<_> =
        head.lines().filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next().unwrap()).collect();
    assert!(!names.contains(&"Bcc") && names.contains(&"Subject") && names.contains(&"Date"), "{head}");
    assert!(head.contains("Message-ID: <1234@example.org>") && head.contains("Auto-Submitted: auto-generated"), "{head}");
    assert!(text.is_ascii(), "a server that takes ASCII alone takes it: {text}");
}

#[test]
fn a_link_arrives_in_one_line() {
    let link = format!("https://chat.example.org/#/reset/{}", "A".repeat(500));
    let message = written("chat@example.org", &letter("Hi", &format!("Here:\n{link}\n")));
    assert!(message.ends_with(&format!("\r\n\r\nHere:\r\n{link}\r\n")), "{message}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anybody_is_asked() {
    for to in ["", "alice", "alice@example.org\r\nRCPT TO:<eve@example.org>", "a b@example.org", "<alice@example.org>"] {
        let refused = relay("chat@example.org", 1).send(to, "1", &letter("", "")).await;
        assert!(matches!(refused, Err(Trouble::Refused(_))), "{to:?}: {refused:?}");
    }
}

/// What the mail server of a test says: at the greeting, and to EHLO, MAIL, RCPT, DATA and the message. Where it says nothing, it says nothing
/// more; where it says "bye", it is gone.
type Script = [&'static str; 6];
const GOOD: Script = ["220 mail", "250 mail", "250 yes", "250 yes", "354 go on", "250 taken"];

async fn play(listener: TcpListener, script: Script) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    for (step, answer) in script.into_iter().enumerate() {
        let mut line = String::new();
        while step > 0 && line.is_empty() {
            let read = stream.read_line(&mut line).await.unwrap_or_default();
            if step == 5 && read > 0 && line != ".\r\n" {
                line.clear();
            } else if read == 0 {
                return;
            }
        }
        match answer {
            "" => std::future::pending().await,
            "bye" => return,
            answer => stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap(),
        }
    }
    // Whoever leaves is let go.
    let mut line = String::new();
    let _left = stream.read_line(&mut line).await;
}

/// What came of a message, in a word.
async fn outcome(script: Script) -> &'static str {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(play(listener, script));
    let mut relay = relay("chat@example.org", port);
    relay.within = (WITHIN, WITHIN);
    let sent = relay.send(TO, "1", &letter("Hi", "Hello.\n")).await;
    playing.abort();
    match sent {
        Ok(()) => "sent",
        Err(Trouble::Relay(words)) if !words.contains("alice") => "nothing goes out",
        Err(Trouble::Later(words)) if !words.contains("alice") => "later",
        Err(Trouble::Refused(words)) if !words.contains("alice") => "never",
        Err(told) => panic!("it names whom the message is for: {told}"),
    }
}

#[tokio::test]
async fn what_an_answer_means_depends_on_what_it_answers() {
    let mut cases = JoinSet::new();
    for (step, answer, expected) in [
        (0, "220 mail", "sent"),
        (0, "554 go away", "nothing goes out"),
        (0, "", "nothing goes out"),
        (0, "bye", "nothing goes out"),
        (1, "421 too much to do", "nothing goes out"),
        (2, "550 not from you", "nothing goes out"),
        (2, "451 not now", "nothing goes out"),
        (3, "550 nobody of the name alice", "never"),
        (3, "450 alice is busy", "later"),
        (3, "421 too much to do", "later"),
        (3, "", "later"),
        (3, "bye", "later"),
        (4, "554 no", "never"),
        (4, "bye", "later"),
        (5, "554 that is spam, alice", "never"),
        (5, "452 no room", "later"),
        (5, "", "later"),
        (5, "bye", "later"),
    ] {
        let mut script = GOOD;
        script[step] = answer;
        cases.spawn(async move { (outcome(script).await, expected, format!("{answer:?} at step {step}")) });
    }
    while let Some(case) = cases.join_next().await {
        let (found, expected, what) = case.unwrap();
        assert_eq!(found, expected, "{what}");
    }
}
