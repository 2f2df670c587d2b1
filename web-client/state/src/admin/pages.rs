//! Lists that come page by page.

/// A list as far as it is known.
pub trait Paged {
    /// Where its next page begins.
    fn next(&self) -> Option<&str>;

    /// Puts a page behind it.
    fn extend(&mut self, page: Self);
}

/// Takes in what came of asking for the page at `from`, or for the first one: in the place of what is shown, or behind it. A page that is not
/// the next one of what is shown belongs to another list, or was asked for twice, and is left out.
pub fn take_page<P: Paged>(shown: &mut Option<Result<P, String>>, from: Option<&str>, found: Result<P, String>) {
    let belongs = from.is_none() || matches!(shown, Some(Ok(list)) if list.next() == from);
    match (shown, found) {
        _ if !belongs => {}
        (Some(Ok(list)), Ok(page)) if from.is_some() => list.extend(page),
        (shown, found) => *shown = Some(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Letters(&'static str, Option<&'static str>);

    impl Paged for Letters {
        fn next(&self) -> Option<&str> {
            self.1
        }

        fn extend(&mut self, page: Self) {
            *self = Self(if page.0 == "b" { "ab" } else { "abc" }, page.1);
        }
    }

    #[test]
    fn a_page_is_taken_once_and_only_behind_the_list_that_it_belongs_to() {
        let (first, second) = (|| Ok(Letters("a", Some("b"))), || Ok(Letters("b", Some("c"))));
        let mut shown = None;
        take_page(&mut shown, Some("b"), second());
        assert_eq!(shown, None, "the list is not there any more");
        take_page(&mut shown, None, first());
        take_page(&mut shown, Some("b"), second());
        take_page(&mut shown, Some("b"), second());
        assert_eq!(shown, Some(Ok(Letters("ab", Some("c")))), "it was asked for twice");
        take_page(&mut shown, None, first());
        take_page(&mut shown, Some("c"), Ok(Letters("c", None)));
        assert_eq!(shown, Some(first()), "another list is shown by now");
        take_page(&mut shown, Some("b"), Err("no".to_owned()));
        assert_eq!(shown, Some(Err("no".to_owned())));
    }
}
