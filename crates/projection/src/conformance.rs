//! What every [`RowStore`] must do, as checks that a store's own tests call. A failed check panics.
