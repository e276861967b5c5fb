"""Shared teacher-training records: who did what, what it earned, and what other regions say of it."""

from gateway.training.service import TrainingOptions, TrainingService, open_training

__all__ = ["TrainingOptions", "TrainingService", "open_training"]
