"""`python -m qa_lib` is `qa`."""

from qa_lib.cli import main

main(prog_name="qa")
