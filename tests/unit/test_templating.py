"""What marketers write, filled with what customers are."""

from omnichannel.shared.templating import compiled


def test_nothing_comes_out_that_postgresql_cannot_store() -> None:
    assert compiled("a{{ x | url_decode }}b").fill({"x": "%00"}) == "ab"
