"""`python -m connectors.simulators CODE --port N`."""

from connectors.simulators import SIMULATORS
from connectors.simulators.serving import serve

if __name__ == "__main__":
    serve(SIMULATORS)
