"""Which estimators stand behind the columns that hold no measurement; knows nothing of how they work."""

SPEECH = "silero-vad 6.2.0"
"""Name and version of the network that tells speech from the rest: deliverqc/signals/on_demand/speech.py."""
