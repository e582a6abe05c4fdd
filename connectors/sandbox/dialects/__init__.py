"""SCIM applications with the limits, refusals and odd answers of real products, each a table of habits over one small server."""
