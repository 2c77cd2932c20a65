"""The register of certificates and tokens."""
