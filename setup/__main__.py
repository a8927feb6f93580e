"""`python -m setup`: everything that must be there before training. Standard library only."""

from setup.environments import main

if __name__ == "__main__":
    main()
