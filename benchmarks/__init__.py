"""What is measured, against what, in one run. Timings here never decide a test."""
