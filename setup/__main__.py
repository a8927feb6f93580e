"""`python -m setup`: everything that must be there before training. Standard library only.

`python -m setup --server` spares a server what only checks, tests and benchmarks need.
"""

import sys

from setup.environments import main

if __name__ == "__main__":
    main(sys.argv[1:])
