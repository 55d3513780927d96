"""How kinds of conditions are told in the editor: sentences of tokens, described as data, drawn by one script.

A kind of condition needs no TypeScript: whoever registers one in `profiles.segments.kind` registers its sentence here.
"""
