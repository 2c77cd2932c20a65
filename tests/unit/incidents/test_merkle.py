"""The Merkle tree and its checkpoints."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from incidents import checkpoint, merkle
from incidents.checkpoint import BadNote, Checkpoint

# The leaves and roots of the test vectors that certificate-transparency implementations share.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
KEY = SigningKey(bytes(range(32)))


def test_roots_are_those_of_the_published_vectors() -> None:
    """Every size of the published tree has its published root; so has the empty tree."""
    assert [merkle.root(HASHES[:size]).hex() for size in range(1, 9)] == list(ROOTS)
    assert merkle.EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_an_inclusion_proof_is_that_of_the_published_vectors() -> None:
    """Leaf 5 of 8: three hashes, from the leaf upwards."""
    assert [step.hex() for step in merkle.inclusion_proof(5, HASHES)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_a_consistency_proof_is_that_of_the_published_vectors() -> None:
    """From 6 to 8 leaves."""
    assert [step.hex() for step in merkle.consistency_proof(6, HASHES)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_in_and_no_other(size: int, data: st.DataObject) -> None:
    """A proof holds for its leaf at its place, and for nothing else."""
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof, top = merkle.inclusion_proof(index, leaves), merkle.root(leaves)

    assert merkle.inclusion_holds(index, size, leaves[index], proof, top)
    assert not merkle.inclusion_holds(index, size, merkle.leaf_hash(b"other"), proof, top)
    assert not merkle.inclusion_holds(index, size, leaves[index], [*proof, top], top)
    assert not merkle.inclusion_holds(size, size, leaves[index], proof, top)


@given(st.integers(1, 70), st.data())
def test_a_tree_that_grew_is_told_from_one_that_was_rewritten(
    size: int, data: st.DataObject
) -> None:
    """The proof holds between a tree and what it grew into, and not when an old leaf changed."""
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    old = data.draw(st.integers(1, size))
    forged = [merkle.leaf_hash(b"forged"), *leaves[1:]]
    proof = merkle.consistency_proof(old, leaves)
    old_root, new_root = merkle.root(leaves[:old]), merkle.root(leaves)

    assert merkle.consistency_holds(old, old_root, size, new_root, proof)
    assert not merkle.consistency_holds(old, old_root, size, merkle.root(forged), proof)
    assert not merkle.consistency_holds(old, merkle.root(forged[:old]), size, new_root, proof)


@given(st.integers(0, 130))
def test_a_frontier_grows_to_the_root_of_all_its_leaves(size: int) -> None:
    """Adding leaf by leaf, also after storing and reading the frontier, gives the same root."""
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier = merkle.Frontier(frontier.size, frontier.hashes)
        frontier.add(leaf)

    assert frontier.root() == (_recursive_root(leaves) if leaves else merkle.EMPTY_ROOT)
    assert frontier.size == size


def _recursive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(_recursive_root(leaves[:split]), _recursive_root(leaves[split:]))


def test_a_checkpoint_is_a_signed_note_that_others_can_read() -> None:
    """Origin, size, root; an empty line; a dash, the name, and key id with signature."""
    note = checkpoint.sign(Checkpoint("example.vn/desk", 8, b"\x07" * 32), "desk", KEY)
    text, _, signature = note.partition("\n\n")
    packed = base64.b64decode(signature.split(" ")[2])

    assert text.split("\n") == ["example.vn/desk", "8", base64.b64encode(b"\x07" * 32).decode()]
    assert signature.startswith("\u2014 desk ")
    assert packed[:4] == checkpoint.key_id("desk", bytes(KEY.verify_key))
    assert len(packed) == 4 + 64
    assert checkpoint.verifier_key("desk", bytes(KEY.verify_key)).startswith("desk+")


def test_a_key_id_is_that_of_a_published_key() -> None:
    """The verifier key of Go's checksum database names its own id (sum.golang.org)."""
    published = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    name, identifier, encoded = published.split("+", 2)
    packed = base64.b64decode(encoded)

    assert packed[:1] == b"\x01"
    assert checkpoint.key_id(name, packed[1:]).hex() == identifier
    assert checkpoint.verifier_key(name, packed[1:]) == published


def test_a_checkpoint_that_was_signed_verifies() -> None:
    """What comes back is what was signed."""
    signed = Checkpoint("example.vn/desk", 8, b"\x07" * 32)

    note = checkpoint.sign(signed, "desk", KEY)

    assert checkpoint.verify(note, "desk", bytes(KEY.verify_key)) == signed


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("\n8\n", "\n9\n"), ("desk\n8", "disk\n8"), ("\u2014 desk", "\u2014 disk"), ("\n\n", "\n")],
)
def test_a_checkpoint_that_was_edited_is_refused(right: str, wrong: str) -> None:
    """Size, origin, signer or form: each change is found."""
    note = checkpoint.sign(Checkpoint("example.vn/desk", 8, b"\x07" * 32), "desk", KEY)

    with pytest.raises(BadNote):
        checkpoint.verify(note.replace(right, wrong, 1), "desk", bytes(KEY.verify_key))


def test_a_checkpoint_of_another_key_is_refused() -> None:
    """Only the expected key counts."""
    note = checkpoint.sign(Checkpoint("example.vn/desk", 8, b"\x07" * 32), "desk", KEY)

    with pytest.raises(BadNote, match="no signature"):
        checkpoint.verify(note, "desk", bytes(SigningKey(b"\x01" * 32).verify_key))
