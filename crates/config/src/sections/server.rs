//! `[server]`.

use crate::section::section;

section! {
    /// What the server is called, where it listens and where its data is.
    Server = "server" {
        /// The part behind the colon of everybody's name here: `@alice:example.org`. It can never be changed.
        name: String = "localhost".to_owned(), "HEARTH_SERVER_NAME";
        /// Address and port for HTTP. Port 0 takes a free one.
        listen: String = "127.0.0.1:8008".to_owned(), "HEARTH_LISTEN";
        /// The folder of the log, the views, the media and the keys.
        data: String = "data".to_owned(), "HEARTH_DATA";
        /// Where clients reach the server, for example `https://chat.example.org`. Empty: where the request came to.
        public_url: String = String::new(), "HEARTH_PUBLIC_URL";
    }
}
