"""The second stage of recognition: a small fine-tuned encoder, for the items where it can matter."""

from scout.classify.encoder.base import EncoderError
from scout.classify.encoder.runtime import Encoder

__all__ = ["Encoder", "EncoderError"]
