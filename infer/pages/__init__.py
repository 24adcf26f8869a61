"""A document and its traffic as one HTML page that can be kept, sent and printed.

    captures ── Catalog + Story ─┐
    document ────────────────────┴─ Subject ── page (HTML with pictures as SVG, AsyncAPI's component below them)

The page holds everything it shows; only AsyncAPI's component may come from an address. It carries a content-security
policy that names each script and style by its digest, and no value from traffic unless the `look` of the story lets one
out.
"""
