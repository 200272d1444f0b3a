"""Sources of a sandbox: places that its files are taken from, on a schedule, on S3's events or by hand."""
