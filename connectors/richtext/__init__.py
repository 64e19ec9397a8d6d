"""Rich text between vendors: one document tree, Markdown as its normal form."""
