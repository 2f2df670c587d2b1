//! The counter of AES-CTR, so that a file can be encrypted and read a piece at a time
//! (<https://spec.matrix.org/v1.16/client-server-api/#sending-encrypted-attachments>).

/// The length of a block, and so what the length of every piece but the last is a multiple of, in bytes.
pub const BLOCK_LEN: u64 = 16;

/// The counter that a new file begins with: half of it random, the other zero, so that it never runs over.
pub fn first_counter(random: u128) -> [u8; 16] {
    let mut counter = random.to_be_bytes();
    counter[8..].fill(0);
    counter
}

/// The counter at `offset` bytes into a file that begins with `iv`. Only the lower 64 bits count, as in all clients.
pub fn counter_at(iv: [u8; 16], offset: u64) -> [u8; 16] {
    let whole = u128::from_be_bytes(iv);
    let low = (whole as u64).wrapping_add(offset / BLOCK_LEN);
    ((whole >> 64 << 64) | u128::from(low)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::{counter_at, first_counter};

    #[test]
    fn the_counter_goes_on_where_the_last_piece_ended() {
        let iv = first_counter(u128::MAX);
        assert_eq!(iv, [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(counter_at(iv, 0), iv);
        assert_eq!(counter_at(iv, 16)[8..], [0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(counter_at(iv, 1 << 20)[8..], [0, 0, 0, 0, 0, 1, 0, 0]);
        // 64 GiB: no 32-bit counter.
        assert_eq!(counter_at(iv, 1 << 36)[8..], [0, 0, 0, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn a_counter_that_runs_over_leaves_the_upper_half_alone() {
        let mut iv = [7; 16];
        iv[8..].fill(255);
        assert_eq!(counter_at(iv, 16), [7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
