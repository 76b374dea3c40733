use bytes::Bytes;

use super::{Gather, emptied_slices};

fn filled<'a>(gather: Gather<'a>, body: &'a Bytes) -> Gather<'a> {
    let mut gather = gather;
    gather.head(|out| out.extend_from_slice(b"<"));
    gather.body(body, 0, 3);
    gather.head(|out| out.extend_from_slice(b"|"));
    gather.body(body, 3, body.len());
    gather.head(|out| out.extend_from_slice(b">"));
    gather
}

#[test]
fn keeps_the_order_and_every_possible_rest() {
    let body = Bytes::from_static(b"abcdef");
    let gather = filled(Gather::default(), &body);
    let mut whole = Vec::new();
    gather.copy_to(&mut whole);
    assert_eq!(whole, b"<abc|def>");
    assert_eq!(gather.slices(Vec::new()).iter().map(|s| s.len()).sum::<usize>(), gather.len());
    for sent in 0..=whole.len() {
        let mut rest: Vec<Bytes> = Vec::new();
        gather.unsent(sent, &mut rest);
        assert_eq!(rest.concat(), whole[sent..], "after {sent} bytes");
    }
}

#[test]
fn memory_is_kept_from_player_to_player() {
    let body = Bytes::from_static(b"abcdef");
    let mut gather = filled(Gather::default(), &body);
    let (scratch, pieces) = (gather.scratch.as_ptr(), gather.pieces.as_ptr() as usize);
    for _ in 0..3 {
        gather = filled(gather.recycle(), &body);
        assert_eq!((gather.scratch.as_ptr(), gather.pieces.as_ptr() as usize), (scratch, pieces));
    }
    let slices = gather.slices(Vec::with_capacity(16));
    let memory = slices.as_ptr() as usize;
    let emptied = emptied_slices(slices);
    assert_eq!(emptied.as_ptr() as usize, memory);
}

#[test]
fn a_range_outside_the_body_is_empty() {
    let body = Bytes::from_static(b"abc");
    let mut gather = Gather::default();
    gather.body(&body, 2, 9);
    gather.body(&body, 3, 3);
    assert!(gather.is_empty());
}
