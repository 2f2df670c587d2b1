//! Changes to an ordered list, and how to apply them.
//!
//! They mirror the diffs of observable vectors, but an index out of range is ignored instead of panicking: a lost
//! change must never take the whole page down.

/// One change to an ordered list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListChange<T> {
    /// Adds items at the end.
    Append(Vec<T>),
    /// Removes everything.
    Clear,
    /// Adds one item at the start.
    PushFront(T),
    /// Adds one item at the end.
    PushBack(T),
    /// Removes the first item.
    PopFront,
    /// Removes the last item.
    PopBack,
    /// Puts an item before the one at `index`.
    Insert(usize, T),
    /// Replaces the item at `index`.
    Set(usize, T),
    /// Removes the item at `index`.
    Remove(usize),
    /// Keeps only the first `len` items.
    Truncate(usize),
    /// Replaces the whole list.
    Reset(Vec<T>),
}

impl<T> ListChange<T> {
    /// Applies the change to `items`; a change that does not fit is ignored.
    pub fn apply(self, items: &mut Vec<T>) {
        match self {
            Self::Append(more) => items.extend(more),
            Self::Clear => items.clear(),
            Self::PushFront(item) => items.insert(0, item),
            Self::PushBack(item) => items.push(item),
            Self::PopFront => {
                if !items.is_empty() {
                    items.remove(0);
                }
            }
            Self::PopBack => {
                items.pop();
            }
            Self::Insert(index, item) if index <= items.len() => items.insert(index, item),
            Self::Set(index, item) => {
                if let Some(slot) = items.get_mut(index) {
                    *slot = item;
                }
            }
            Self::Remove(index) if index < items.len() => {
                items.remove(index);
            }
            Self::Truncate(len) => items.truncate(len),
            Self::Reset(all) => *items = all,
            Self::Insert(..) | Self::Remove(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListChange as C;

    #[track_caller]
    fn check(changes: Vec<C<u8>>, expected: &[u8]) {
        let mut items = vec![1, 2, 3];
        for change in changes {
            change.apply(&mut items);
        }
        assert_eq!(items, expected);
    }

    #[test]
    fn every_change_applies() {
        check(vec![C::Append(vec![4, 5])], &[1, 2, 3, 4, 5]);
        check(vec![C::Clear], &[]);
        check(vec![C::PushFront(0), C::PushBack(9)], &[0, 1, 2, 3, 9]);
        check(vec![C::PopFront, C::PopBack], &[2]);
        check(vec![C::Insert(1, 7), C::Set(0, 8), C::Remove(3)], &[8, 7, 2]);
        check(vec![C::Truncate(1)], &[1]);
        check(vec![C::Reset(vec![6])], &[6]);
    }

    #[test]
    fn a_change_that_does_not_fit_is_ignored() {
        check(vec![C::Insert(4, 7), C::Set(3, 8), C::Remove(3)], &[1, 2, 3]);
        check(vec![C::Clear, C::PopFront, C::PopBack], &[]);
    }
}
