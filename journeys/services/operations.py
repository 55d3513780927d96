"""The small edits a drawing is changed by: their shape, checked before anything is done."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert

MOST_OPERATIONS = 2_000
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Name = Annotated[str, Meta(max_length=80)]
Place = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]


class OperationError(ValueError):
    """Operation number `index` cannot be done; the text says why. Nothing has been changed."""

    def __init__(self, index: int, text: str) -> None:
        super().__init__(text)
        self.index = index


class AddNode(Struct, tag_field="op", tag="add_node", forbid_unknown_fields=True):
    key: Key
    kind: str
    x: Place = 0
    y: Place = 0
    name: Name = ""
    config: dict[str, Any] | None = None


class MoveNode(Struct, tag_field="op", tag="move_node", forbid_unknown_fields=True):
    key: Key
    x: Place
    y: Place


class RenameNode(Struct, tag_field="op", tag="rename_node", forbid_unknown_fields=True):
    key: Key
    name: Name


class DeleteNode(Struct, tag_field="op", tag="delete_node", forbid_unknown_fields=True):
    key: Key


class Configure(Struct, tag_field="op", tag="configure", forbid_unknown_fields=True):
    key: Key
    config: dict[str, Any]


class Connect(Struct, tag_field="op", tag="connect", forbid_unknown_fields=True):
    source: Key
    port: str
    target: Key


class Disconnect(Struct, tag_field="op", tag="disconnect", forbid_unknown_fields=True):
    source: Key
    port: str
    target: Key | None = None


Operation = AddNode | MoveNode | RenameNode | DeleteNode | Configure | Connect | Disconnect


def ordered(operations: Sequence[Operation]) -> Iterator[tuple[int, Operation]]:
    """Operations with their numbers, in the order to do them: steps that are added in a row are filled in after all
    of them stand, since one may ask about another.
    """
    waiting: list[tuple[int, Operation]] = []
    for index, operation in enumerate(operations):
        if isinstance(operation, AddNode):
            if operation.config is not None:
                waiting.append((index, Configure(operation.key, operation.config)))
            yield index, operation
        else:
            yield from waiting
            waiting.clear()
            yield index, operation
    yield from waiting


def parse(raw: Sequence[Any]) -> list[Operation]:
    """Operations from JSON. OperationError names the first that is not understood."""
    if len(raw) > MOST_OPERATIONS:
        raise OperationError(MOST_OPERATIONS, f"At most {MOST_OPERATIONS} operations can be sent at once.")
    operations: list[Operation] = []
    for index, item in enumerate(raw):
        try:
            operations.append(convert(item, Operation))
        except ValidationError as error:
            raise OperationError(index, str(error)) from error
    return operations
