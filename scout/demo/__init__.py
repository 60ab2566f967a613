"""The sample region: invented local media in and around Arnhem, served over real HTTP on loopback."""
