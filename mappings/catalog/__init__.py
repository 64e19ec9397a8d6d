"""The mapping files that ship."""
