"""The numbered steps, one file each; never edited once released."""
